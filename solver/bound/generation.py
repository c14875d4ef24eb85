"""Column generation: price, add what pays, solve, and keep the best bound that any prices gave."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solver.bound.ascent import Knapsacks, added_up
from solver.bound.beginning import Beginning
from solver.bound.elders import Elders
from solver.bound.master import Master, Worth
from solver.bound.memory import Memory
from solver.bound.pricing import ALL, Priced, Prices, Pricing, Route
from solver.search.arrays import DAYS, Arrays

Floats = NDArray[np.float64]

_WIDTH, _WIDTH_SHARE = 20.0, 0.3  # of the box at the beginning: points, and of the price
_ROUGH_SHARE = 0.35  # of the rounds, at most, before something is proved
_PAYS = 1e-6
_SMOOTH = 0.5  # share of the best prices in those that are tried (Wentges 1997)
_FEW_NEW = 5
_CUTS, _CUT_FROM = 40, 0.02  # cuts at once, when the routes found would gain less than this share
_CUTS_WIN = 3e-4  # of the value, at least, by the cuts before, so that it pays to cut again


@dataclass(frozen=True)
class Care:
    """How thoroughly routes are looked for."""

    few: int
    wide: int
    beam: int
    slack: float  # of whole weeks, as a share of what is given; see `Pricing.price`
    enough: float  # go on to the next when the routes found would gain less than this share


# The first finds columns quickly; the others prove: with minutes paid for, then with weeks that are ever more exact.
_CARES = (
    Care(60, 4, 12, 0.0, 0.2),
    Care(ALL, 8, ALL, 0.0, 0.01),
    Care(ALL, 8, ALL, 1.0, 0.005),
    Care(ALL, 10, ALL, 10.0, 0.0),
)


@dataclass
class Found:
    """The best bound so far, and where it was."""

    points: float = 0.0  # nothing costs less than nothing
    met: float = -np.inf  # the best of the linear programme's own prices
    worth: Worth | None = None
    rounds: int = 0
    columns: int = 0
    complete: bool = False


def generate(
    a: Arrays,
    elders: Elders,
    knapsacks: Knapsacks,
    pricing: Pricing,
    start: Beginning,
    *,
    slack: float,
    rounds: int | None,
    go_on: Callable[[], bool],
    hurry: Callable[[], bool],
    on_found: Callable[[Found], None],
    found: Found,
    enough: Callable[[float], bool] = lambda _: False,
    exact: bool = True,
) -> None:
    """Raise the bound until no column pays or ``go_on`` says no.

    Parameters
    ----------
    rounds
        Of pricing, at most.
    hurry
        Says when to stop looking roughly, so that something is proved in time.
    found
        What is known already; written to.
    enough
        Asked with the programme's value, about the most that its prices will prove; when it says so, that's the end.
    exact
        Whether to end with the most exact weeks, which are slow.
    """
    master = Master(a, elders)
    for route in start.routes:
        master.add(route)
    centre, width = start.hands.copy(), np.maximum(_WIDTH, _WIDTH_SHARE * start.hands)
    master.hold(centre, width)
    elementary, cut_at = False, 0.0
    care, smooth, last = 0, _SMOOTH, len(_CARES) - (1 if exact else 2)
    while go_on() and (rounds is None or found.rounds < rounds) and care <= last:
        worth = master.solve()
        if worth is None or (not worth.outside.any() and enough(worth.value)):
            break
        if hurry() or (rounds is not None and found.rounds >= _ROUGH_SHARE * rounds):
            care = max(care, 1)
        how = _CARES[care]
        proves = how.few >= ALL
        if proves and not elementary:
            elementary = True
            master.forget(pricing.memory.again)
            continue
        prices = _between(found.worth, worth, smooth) if proves else worth.prices
        priced = pricing.price(prices, slack=how.slack * slack, wide=how.wide, few=how.few, beam=how.beam, go_on=go_on)
        found.rounds += 1
        gain, new = _add(master, priced.routes, worth, pricing.memory if elementary else None)
        found.columns = master.columns
        if not proves:
            care += gain < how.enough * max(1.0, worth.value)
            continue
        points = bound(elders, knapsacks, prices, priced)
        if points > found.met:
            found.met, found.worth = points, replace(worth, prices=prices)
            found.points = max(found.points, points)
            centre = prices.visits.reshape(-1, DAYS).max(axis=1)
            master.hold(centre, width)
            on_found(found)
        if smooth > 0.0 and new < _FEW_NEW:
            smooth = 0.0  # the prices between hide what the programme still lacks
            continue
        smooth = _SMOOTH
        added = 0
        if gain < _CUT_FROM * max(1.0, worth.value) and (exact or worth.value > (1 + _CUTS_WIN) * cut_at):
            cut_at = max(cut_at, worth.value)
            added = master.cut(_CUTS) + master.part_hands()
        little, nothing = gain < how.enough * max(1.0, worth.value), not new and priced.whole
        if added or not (little or nothing):
            continue
        if worth.outside.any():  # the prices that look best are beyond the box
            centre, width = worth.hands, np.where(worth.outside, 2 * width, width)
            master.hold(centre, width)
        elif little or care < last:
            care += 1
        else:
            found.complete = True
            break


def _between(best: Worth | None, now: Worth, share: float) -> Prices:
    if best is None:
        return now.prices
    return Prices(
        share * best.prices.visits + (1 - share) * now.prices.visits,
        share * best.prices.minutes + (1 - share) * now.prices.minutes,
        now.prices.triples,
        share * np.resize(np.append(best.prices.cuts, np.zeros(len(now.prices.cuts))), len(now.prices.cuts))
        + (1 - share) * now.prices.cuts,
        now.prices.double,
        share * best.prices.hands + (1 - share) * now.prices.hands,
    )


def bound(elders: Elders, knapsacks: Knapsacks, prices: Prices, priced: Priced) -> float:
    """Return what no plan undercuts: the elders' cheapest weeks at these prices, and the caregivers'.

    A plan's visits are paid for by the elders and received by the caregivers, so the prices cancel out:
    it costs what its elders' and its caregivers' weeks cost, and none of them is cheaper than the cheapest.
    Routes and knapsacks both say what no week undercuts: the higher counts.
    """
    least = np.maximum(priced.least, knapsacks.least_by_day(prices.at_most()))
    return added_up([*elders.least(prices.visits), *least.tolist(), *(-prices.cuts).tolist()])


def _add(master: Master, routes: list[Route], worth: Worth, memory: Memory | None) -> tuple[float, int]:
    """Add the routes that pay, or remember why not; return what they would gain, and their number.

    memory: learns of the routes that visit somebody twice, which are not added; None: they are.
    """
    gain, new = 0.0, 0
    for route in routes:
        reduced = master.reduced(route, worth)
        if reduced >= -_PAYS:
            continue
        if memory.learn(route.caregiver, route.visits) if memory and memory.again(route.visits) else master.add(route):
            gain -= reduced
            new += 1
    return gain, new
