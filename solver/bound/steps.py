"""Prices by subgradient steps over routes: where the linear programme takes longer than the pricing, and after it.

Most rounds look roughly, at the visits that pay each caregiver most: where the prices are good, that is nearly the
whole of it. The best of them are proved now and then; and once steps are short, every round proves, now and then at
the best prices with whole weeks that are more exact. From a programme's prices every round proves with such weeks,
which the programme does not know: it pays for minutes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

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
_PROVE_AFTER = 20  # rough rounds
# Points of slack of whole weeks (see `Pricing.price`): of proofs among rough rounds, of later ones, and now and then.
_EARLY_SLACK, _SLACK, _DEEP_SLACK = 1.0, 3.0, 10.0
_DEEP_AFTER, _DEEP_EVERY = 4, 8  # rounds that prove, when all do
_STEP, _PROVING_STEP, _LEAST_STEP, _PATIENCE = (
    1.0,
    0.125,
    0.005,
    4,
)  # halved after so many rounds without a better bound
_SHORT = 0.05  # steps, from which on every round proves
_NOTHING = 1e-6  # points
_WINS = 5e-4  # of the bound, at least, so that it pays to begin again with longer steps
_KEEP = 0.6  # of the direction before
_MINUTE = 0.01  # a minute's price moves by so much when a visit's moves by one


@dataclass(frozen=True)
class _Point:
    """Prices of the visits, for one pair of hands on any day, and of each caregiver's minutes."""

    hands: Floats
    minutes: Floats


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

    What the prices to start from say of single days and of cuts stays as it is.
    """

    def __init__(self, a: Arrays, elders: Elders, start: Prices, target: float) -> None:
        self._hands, self._target = a.visits["hands"].astype(np.float64), target
        self._dearest = elders.out / self._hands
        self._loads = _Loads(a)
        hands = np.minimum(start.visits.reshape(-1, DAYS).max(axis=1), self._dearest)
        self._start, self._days = start, start.visits - np.repeat(hands, DAYS)
        self.at = self.best = _Point(hands, start.minutes)
        self.step = _STEP
        self._begin_again()

    def prices(self, point: _Point) -> Prices:
        """Return all prices of a point."""
        visits = np.maximum(0.0, np.repeat(point.hands, DAYS) + self._days)
        return Prices(visits, point.minutes, self._start.triples, self._start.cuts)

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
        self._way = np.zeros(len(self._hands)), np.zeros(len(self.at.minutes))

    def prove_from_now_on(self) -> None:
        """Start anew from the best prices, since what rough rounds made of them is not proved."""
        self.step = _PROVING_STEP
        self._begin_again()

    def go_on(self, points: float, routes: Iterable[Route]) -> None:
        """Take note of a round's bound, and step to where its cheapest routes point."""
        self._waited += 1
        if points > self.points:
            self.points, self.best, self._waited = points, self.at, 0
        elif self._waited >= _PATIENCE:
            self.step, self._waited, self.at = self.step / 2, 0, self.best
            self._stand()
            return
        cover, worked = np.zeros(len(self._hands)), np.zeros(len(self.at.minutes))
        for route in routes:
            worked[route.caregiver] += route.minutes
            np.add.at(cover, list(route.visits), 1.0)
        wanted = self._hands - cover
        wanted[(self.at.hands >= self._dearest) & (wanted > 0)] = 0.0  # they are as well left out
        scarce = _MINUTE * (worked - self._loads.sold(self.at.minutes))
        scarce[(self.at.minutes <= 0) & (scarce < 0)] = 0.0
        visits, minutes = self._way = (
            _KEEP * self._way[0] + (1 - _KEEP) * wanted,
            _KEEP * self._way[1] + (1 - _KEEP) * scarce,
        )
        norm = float(visits @ visits + minutes @ minutes)
        if norm <= 0.0:
            self.step = 0.0
            return
        far = self.step * max(self._target - points, 1.0) / norm
        self.at = _Point(
            np.clip(self.at.hands + far * visits, 0.0, self._dearest),
            np.maximum(0.0, self.at.minutes + far * _MINUTE * minutes),
        )


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
    exact: bool = False,
) -> None:
    """Raise the bound until ``go_on`` says no, or steps get short again and again and win nothing.

    A round that is cut off proves what it can.

    Parameters
    ----------
    exact
        Every round proves, with whole weeks as exact as they get.
    rounds
        Of pricing, at most.
    found
        What is known already; written to.
    """
    rough, since, proved, before = not exact, 0, 0, 0.0
    if exact:
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
        proves, deep = not rough or since >= _PROVE_AFTER, not rough and proved % _DEEP_EVERY == _DEEP_AFTER
        aside = not exact and (deep or (rough and proves))  # at the best prices, not on the way
        at = steps.best if aside else steps.at
        prices = steps.prices(at)
        if proves:
            slack = _DEEP_SLACK if deep or exact else _EARLY_SLACK if rough else _SLACK
            priced = pricing.price(prices, slack=slack, wide=_WIDE, most=0, go_on=go_on)
        else:
            priced = pricing.price(prices, slack=0.0, wide=_NEAR, few=_FEW, beam=_BEAM, most=1, go_on=go_on)
        proved += not rough
        found.rounds += 1
        since = 0 if proves else since + 1
        points = bound(elders, knapsacks, prices, priced)
        if proves and points > found.points:
            found.points, found.met, found.worth = points, points, _worth(prices, at, priced, points)
            on_found(found)
        if priced.whole and not aside:
            steps.go_on(points, priced.routes)


def _worth(prices: Prices, at: _Point, priced: Priced, points: float) -> Worth:
    days = {}
    for route in priced.routes:
        gain = route.points + prices.minutes[route.caregiver] * route.minutes
        gain -= sum(prices.visits[v * DAYS + route.day] for v in route.visits)
        days[route.caregiver, route.day] = float(min(0.0, gain))
    return Worth(prices, at.hands, days, np.zeros(len(at.hands), dtype=np.bool_), points)
