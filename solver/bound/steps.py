"""Prices by subgradient steps over routes: where the linear programme takes longer than the pricing, and after it.

Most rounds look roughly, at the visits that pay each caregiver most: where the prices are good, that is nearly the
whole of it. The best of them are proved now and then; and once steps are short, every round proves, with each
caregiver's week as exact as it takes. From a programme's prices every round proves: it pays for minutes, and does not
know such weeks.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bound.ascent import Knapsacks
from solver.bound.elders import Elders
from solver.bound.generation import Found, bound
from solver.bound.master import Worth
from solver.bound.pricing import Priced, Prices, Pricing, Route
from solver.search.arrays import DAYS, Arrays

Floats = NDArray[np.float64]

_FEW, _NEAR, _BEAM = 60, 4, 12  # of a rough round
_WIDE = 8  # of one that proves
_PROVE_AFTER = 40  # rough rounds
# Points of slack of whole weeks (see `Pricing.price`): of proofs among rough rounds; of later ones what each caregiver
# took, some more besides, between a least and a most.
_EARLY_SLACK, _LEAST_SLACK, _SLACK, _MOST_SLACK = 1.0, 0.5, 3.0, 20.0
_MORE, _AGAIN = 1.25, 2.0  # times what she took, and if that was too little
_STEP, _PROVING_STEP, _LEAST_STEP = 0.3, 0.012, 0.003
_LONGER, _SHORTER = 1.1, 0.66  # after a round that goes the same way and is better; after rounds without a better bound
_PATIENCE, _ASTRAY = 4, 5  # such rounds, and so many times as many after which it goes back to the best prices
_LITTLE = 3e-5  # of the target: no better bound
_SHORT = 0.03  # steps, from which on every round proves
_NOTHING = 1e-6  # points
_WINS = 5e-4  # of the bound, at least, so that it pays to begin again with longer steps
_KEEP = 0.85  # of the direction before
_REMEMBER = 0.95  # of how far visits were from being covered before
_FAR, _FAR_LEAST = 0.3, 0.05  # its mean square at first, and what is added to it
_MINUTE, _SECOND = 0.01, 0.3  # prices of a minute and of a second hand move by so much when a visit's moves by one


class _Point(NamedTuple):
    """Prices of the visits, for one pair of hands on any day, and all others as in `Prices`; or a way from there."""

    hands: Floats
    minutes: Floats
    cuts: Floats
    second: Floats  # as `Prices.hands`


class _Loads:
    """What each caregiver's load asks for a minute: it costs least at one of these minutes of a week."""

    def __init__(self, a: Arrays) -> None:
        who = a.caregivers
        weekly, load_from, overload_from = (
            who[name].astype(np.float64) for name in ("weekly", "load_from", "overload_from")
        )
        free = np.zeros(len(weekly))
        self._minutes = np.stack([free, np.minimum(load_from, weekly), np.minimum(overload_from, weekly), weekly])
        self._points = a.load_minute * np.maximum(0.0, self._minutes - load_from)
        self._points += a.overload_minute * np.maximum(0.0, self._minutes - overload_from)

    def sold(self, prices: Floats) -> Floats:
        """Return the minutes that each caregiver would sell at these prices."""
        cheapest = (self._points - prices * self._minutes).argmin(axis=0)
        return np.asarray(self._minutes[cheapest, np.arange(len(prices))], dtype=np.float64)


class Steps:
    """Where the ascent stands: the prices, the best so far, and the way on.

    What the prices to start from say of single days stays as it is. Weeks get ``dear`` times the slack.
    """

    def __init__(self, a: Arrays, elders: Elders, start: Prices, target: float, dear: float = 1.0) -> None:
        self._hands, self._target = a.visits["hands"].astype(np.float64), target
        self._dearest = elders.out / self._hands
        self._loads = _Loads(a)
        hands = np.minimum(start.visits.reshape(-1, DAYS).max(axis=1), self._dearest)
        self._start, self._days = start, start.visits - np.repeat(hands, DAYS)
        self._double = {int(v): k for k, v in enumerate(start.double)}
        self._cuts_of: dict[int, list[int]] = defaultdict(list)
        for k, triple in enumerate(start.triples.tolist()):
            for v in triple:
                self._cuts_of[v].append(k)
        self.at = self.best = _Point(hands, start.minutes, start.cuts, start.hands)
        self._dear, self.slacks = dear, np.full(len(start.minutes), dear * _SLACK)
        self.step = _STEP
        self._far = np.full(len(hands), _FAR)
        self._begin_again()

    def prices(self, point: _Point) -> Prices:
        """Return all prices of a point."""
        visits = np.maximum(0.0, np.repeat(point.hands, DAYS) + self._days)
        start = self._start
        return Prices(visits, point.minutes, start.triples, point.cuts, start.double, point.second)

    @property
    def arrived(self) -> bool:
        """Whether there is no step left, or nothing more to prove."""
        return self.step <= _LEAST_STEP or self.all_proved

    @property
    def all_proved(self) -> bool:
        """Whether the bound is what the plan costs."""
        return self.points >= self._target - _NOTHING

    def _begin_again(self) -> None:
        self.points, self._waited, self.at = -np.inf, 0, self.best
        self._stand()

    def _stand(self) -> None:
        at = self.at
        self._way = _Point(*(np.zeros_like(each) for each in at))

    def prove_from_now_on(self) -> None:
        """Start anew from the best prices, since what rough rounds made of them is not proved."""
        self.step = _PROVING_STEP
        self._begin_again()

    def look_as_closely_as_it_takes(self, priced: Priced) -> None:
        """Give each caregiver's week the slack that it took, and more if that was not enough."""
        took = np.where(priced.cut, _AGAIN * self.slacks, _MORE * priced.above)
        self.slacks = np.clip(took + self._dear * _LEAST_SLACK, 0.0, self._dear * _MOST_SLACK)

    def go_on(self, points: float, routes: Iterable[Route]) -> None:
        """Take note of a round's bound, and step to where its cheapest routes point.

        The prices of visits that are often made too often or too seldom move less than the others (Duchi et al. 2011,
        Kingma and Ba 2015).
        """
        slope, way, at = self._slope(routes), self._way, self.at
        self._waited += 1
        if points > self.points:
            if points > self.points + _LITTLE * self._target:
                self._waited = 0
            self.points, self.best = points, at
            if sum(float((now * before).sum()) for now, before in zip(slope, way, strict=True)) >= 0:
                self.step *= _LONGER
        if self._waited >= _ASTRAY * _PATIENCE:
            self._waited, self.at = 0, self.best
            self._stand()
            return
        if self._waited and self._waited % _PATIENCE == 0:
            self.step *= _SHORTER
        way = self._way = _Point(*(_KEEP * before + (1 - _KEEP) * now for now, before in zip(slope, way, strict=True)))
        self._far = _REMEMBER * self._far + (1 - _REMEMBER) * slope.hands**2
        scale = 1 / np.sqrt(self._far + _FAR_LEAST)
        scale /= scale.mean()
        norm = float((scale * way.hands * way.hands).sum())
        norm += sum(float((each * each).sum()) for each in (way.minutes, way.cuts, way.second))
        if norm <= 0.0:
            self.step = 0.0
            return
        far = self.step * max(self._target - self.points, 1.0) / norm
        self.at = _Point(
            np.clip(at.hands + far * scale * way.hands, 0.0, self._dearest),
            np.maximum(0.0, at.minutes + far * _MINUTE * way.minutes),
            np.maximum(0.0, at.cuts + far * way.cuts),
            np.maximum(0.0, at.second + far * _SECOND * way.second),
        )

    def _slope(self, routes: Iterable[Route]) -> _Point:
        """Return what the routes make too seldom (below 0: too often): its prices must rise; in units of steps."""
        at = self.at
        cover, worked = np.zeros(len(self._hands)), np.zeros(len(at.minutes))
        broken, made = np.full(len(at.cuts), -1.0), np.zeros(at.second.shape)
        for route in routes:
            worked[route.caregiver] += route.minutes
            np.add.at(cover, list(route.visits), 1.0)
            for v in self._double.keys() & set(route.visits):
                made[self._double[v], route.day, route.caregiver] += 1.0
            for k, times in Counter(k for v in route.visits for k in self._cuts_of.get(v, ())).items():
                broken[k] += times // 2
        wanted = self._hands - cover
        wanted[(at.hands >= self._dearest) & (wanted > 0)] = 0.0  # they are as well left out
        scarce = _MINUTE * (worked - self._loads.sold(at.minutes))
        scarce[(at.minutes <= 0) & (scarce < 0)] = 0.0
        alone = _SECOND * (2 * made - made.sum(axis=2, keepdims=True))
        alone[(at.second <= 0) & (alone < 0)] = 0.0
        broken[(at.cuts <= 0) & (broken < 0)] = 0.0
        return _Point(wanted, scarce, broken, alone)


def ascend_by_routes(
    elders: Elders,
    knapsacks: Knapsacks,
    pricing: Pricing,
    steps: Steps,
    *,
    rounds: int | None,
    go_on: Callable[[], bool],
    on_found: Callable[[Found], None],
    found: Found,
    prove_at_once: bool = False,
) -> None:
    """Raise the bound until ``go_on`` says no, or steps get short again and again and win nothing.

    A round that is cut off proves what it can.

    Parameters
    ----------
    rounds
        Of pricing, at most.
    found
        What is known already; written to.
    prove_at_once
        Every round proves; else rough ones come first.
    """
    rough, since, before = not prove_at_once, 0, 0.0
    if prove_at_once:
        steps.prove_from_now_on()
    while go_on() and (rounds is None or found.rounds < rounds):
        if not rough and steps.arrived:
            if steps.all_proved or found.points <= (1 + _WINS) * before:
                break
            before = found.points
            steps.prove_from_now_on()
        if rough and steps.step < _SHORT:
            rough = False
            steps.prove_from_now_on()
        proves = not rough or since >= _PROVE_AFTER
        aside = rough and proves  # at the best prices, not on the way
        at = steps.best if aside else steps.at
        prices = steps.prices(at)
        if proves:
            priced = pricing.price(
                prices, slack=_EARLY_SLACK if rough else steps.slacks, wide=_WIDE, most=0, go_on=go_on
            )
            if not rough and priced.whole:
                steps.look_as_closely_as_it_takes(priced)
        else:
            priced = pricing.price(prices, slack=0.0, wide=_NEAR, few=_FEW, beam=_BEAM, most=1, go_on=go_on)
        found.rounds += 1
        since = 0 if proves else since + 1
        points = bound(elders, knapsacks, prices, priced)
        if proves and points > found.points:
            found.points, found.met, found.worth = points, points, _worth(prices, at, priced, points)
            on_found(found)
        for route in priced.routes:
            pricing.memory.learn(route.caregiver, route.visits)
        if priced.whole and not aside:
            steps.go_on(points, priced.routes)


def _worth(prices: Prices, at: _Point, priced: Priced, points: float) -> Worth:
    days = {}
    for route in priced.routes:
        gain = route.points + prices.minutes[route.caregiver] * route.minutes
        gain -= prices.received(route)
        days[route.caregiver, route.day] = float(min(0.0, gain))
    return Worth(prices, at.hands, days, np.zeros(len(at.hands), dtype=np.bool_), points)
