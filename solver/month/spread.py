"""Into which weeks of a month the visits of one town's elders fall: even against its caregivers' hours.

Each elder has a rhythm, her visits laid evenly over her own days. Weeks differ in what caregivers can give
(holidays, leave), and their loads should too. Moving a visit to another week is paid in rhythm, and earns evenness:

    unevenness = ½ · UNEVEN · Σ_weeks (load − fair)² / fair,   fair = all minutes · capacity / Σ capacity
    rhythm     = RHYTHM · Σ_elders minutes · Σ_weeks |visits so far − wished so far|
    promised   = BROKEN · Σ_elders minutes · Σ_weeks (promised − visits)⁺

The least of their sum is a minimum-cost flow: an elder's visits go down the chain of weeks (what flows from one
week to the next is what is still to come, so that bounds on "by then" are capacities and the rhythm a cost) and
leave it into the loads. The units of a flow are alike, visits of a town are not: those of equal length are one
flow, solved in turn against the loads of the others until nothing changes. With one length that is the optimum.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ortools.graph.python import min_cost_flow

from solver.problem import Minutes

UNEVEN = 200
RHYTHM = 10
"""A visit moves by a week where that evens two loads that differ by more than 5 % of the fair ones."""

BROKEN = 200
"""A minute taken out of the week that it was published for, which gives way where it bears over twice what is fair."""

UNMET = 1_000_000
"""A minute of a visit that finds no week: more than any unevenness or rhythm."""

UNSTAFFED = 10_000
"""A minute in a week in which nobody of the town works."""

_SWEEPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The visits of one elder that still need a week.

    Raises
    ------
    ValueError
        If the weeks of two tuples are not equally many, a number is negative, or ``minutes`` is not positive.
    """

    id: str
    minutes: Minutes  # of one visit, times its hands
    wished: tuple[int, ...]  # visits in each week by her rhythm; their sum is what she is asked for
    most: tuple[int, ...]  # that each week can hold
    by_then: tuple[int, ...]  # at least so many up to the end of each week, as far as ``most`` allows
    promised: tuple[int, ...] = ()  # published in each week, to be moved at a price only; empty: none

    def __post_init__(self) -> None:
        if not len(self.wished) == len(self.most) == len(self.by_then) == len(self.promised or self.wished):
            raise ValueError(f"ask {self.id}: wished, most, by_then and promised: expected one number a week each")
        if min((*self.wished, *self.most, *self.by_then, *self.promised), default=0) < 0:
            raise ValueError(f"ask {self.id}: expected no negative number of visits")
        if self.minutes <= 0:
            raise ValueError(f"ask {self.id}: minutes: expected a positive number, not {self.minutes}")

    @property
    def visits(self) -> int:
        """How many there are."""
        return sum(self.wished)

    @property
    def waiting(self) -> tuple[int, ...]:
        """Return the most that may still be to come after each week."""
        return tuple(
            self.visits - min(least, possible, self.visits)
            for least, possible in zip(self.by_then, accumulate(self.most), strict=True)
        )


def spread(asks: Sequence[Ask], capacity: Sequence[float]) -> dict[str, tuple[int, ...]]:
    """Return the visits of each ask in each week.

    Parameters
    ----------
    asks
        Of one town, with different ids; the same answer for the same asks, in any order.
    capacity
        Minutes of each week in any unit: only their proportion counts.

    Raises
    ------
    ValueError
        If an ask has another number of weeks than there are capacities.
    """
    for ask in asks:
        if len(ask.wished) != len(capacity):
            raise ValueError(f"ask {ask.id}: expected {len(capacity)} weeks, not {len(ask.wished)}")
    fair = fair_loads(asks, capacity)
    groups: defaultdict[Minutes, list[Ask]] = defaultdict(list)
    for ask in sorted(asks, key=lambda ask: ask.id):
        groups[ask.minutes].append(ask)
    found = {ask.id: ask.wished for ask in asks}
    ordered = [groups[minutes] for minutes in sorted(groups, reverse=True)]
    for _ in range(_SWEEPS if len(ordered) > 1 else 1):
        before = cost(asks, found, fair)
        for group in ordered:
            others = _loads([ask for ask in asks if ask.minutes != group[0].minutes], found, len(fair))
            found.update(_flow(group, fair, others))
        if _feasible(asks, found) and cost(asks, found, fair) >= before:
            break
    return found


def fair_loads(asks: Iterable[Ask], capacity: Sequence[float]) -> list[float]:
    """Return the load of each week that would be as heavy as any other's; even if there is no capacity."""
    total = sum(ask.visits * ask.minutes for ask in asks)
    weights = list(capacity) if sum(capacity) > 0 else [1.0] * len(capacity)
    return [total * weight / sum(weights) for weight in weights]


def cost(asks: Iterable[Ask], found: dict[str, tuple[int, ...]], fair: Sequence[float]) -> int:
    """Return what a spread costs, by the formulas above and in whole points, as the flow counts them."""
    asks = list(asks)
    points = 0
    for ask in asks:
        so_far = zip(accumulate(found[ask.id]), accumulate(ask.wished), strict=True)
        points += RHYTHM * ask.minutes * sum(abs(done - wished) for done, wished in so_far)
        points += UNMET * ask.minutes * (ask.visits - sum(found[ask.id]))
        kept = zip(found[ask.id], ask.promised, strict=False)
        points += BROKEN * ask.minutes * sum(max(0, promised - visits) for visits, promised in kept)
    loads = _loads(asks, found, len(fair))
    return points + round(sum(_uneven(load, even) for load, even in zip(loads, fair, strict=True)))


def _uneven(load: float, fair: float) -> float:
    if fair <= 0:
        return UNSTAFFED * load
    return UNEVEN * (load - fair) ** 2 / (2 * fair)


def _loads(asks: Iterable[Ask], found: dict[str, tuple[int, ...]], n_weeks: int) -> list[int]:
    loads = [0] * n_weeks
    for ask in asks:
        for week, visits in enumerate(found[ask.id]):
            loads[week] += visits * ask.minutes
    return loads


def _feasible(asks: Iterable[Ask], found: dict[str, tuple[int, ...]]) -> bool:
    """Say whether every ask keeps its bounds; the rhythm alone need not."""
    return all(
        all(visits <= most for visits, most in zip(found[ask.id], ask.most, strict=True))
        and all(
            ask.visits - done <= waiting for done, waiting in zip(accumulate(found[ask.id]), ask.waiting, strict=True)
        )
        for ask in asks
    )


class _Arcs:
    """Arcs of a flow, added one by one."""

    def __init__(self) -> None:
        self.flow = min_cost_flow.SimpleMinCostFlow()

    def add(self, tail: int, head: int, capacity: int, unit_cost: int) -> int | None:
        """Return the arc, or None if nothing can flow through it."""
        if capacity <= 0:
            return None
        arc: int = self.flow.add_arc_with_capacity_and_unit_cost(tail, head, capacity, unit_cost)
        return arc


def _flow(group: Sequence[Ask], fair: Sequence[float], others: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return the cheapest spread of asks of one length, beside the loads of the others."""
    n_weeks, minutes = len(fair), group[0].minutes
    if not n_weeks:
        return {ask.id: () for ask in group}
    arcs, sink = _Arcs(), n_weeks  # nodes: the loads of the weeks, the sink, then the chains
    uses: list[list[tuple[int | None, ...]]] = []
    for n, ask in enumerate(group):
        chain = sink + 1 + n * n_weeks
        arcs.flow.set_node_supply(chain, ask.visits)
        to_come = [ask.visits - done for done in accumulate(ask.wished)]
        for week, (waiting, wished) in enumerate(zip(ask.waiting, to_come, strict=True)):
            if week + 1 < n_weeks:
                arcs.add(chain + week, chain + week + 1, min(waiting, wished), -RHYTHM * minutes)
                arcs.add(chain + week, chain + week + 1, waiting - min(waiting, wished), RHYTHM * minutes)
        arcs.add(chain + n_weeks - 1, sink, ask.visits, UNMET * minutes)
        promised = ask.promised or (0,) * n_weeks
        uses.append(
            [
                (
                    arcs.add(chain + week, week, min(kept, most, ask.visits), -BROKEN * minutes),
                    arcs.add(chain + week, week, min(most, ask.visits) - kept, 0),
                )
                for week, (most, kept) in enumerate(zip(ask.most, promised, strict=True))
            ]
        )
    for week in range(n_weeks):
        at_most = sum(min(ask.most[week], ask.visits) for ask in group)
        for k in range(at_most):
            load = others[week] + k * minutes
            points = _uneven(load + minutes, fair[week]) - _uneven(load, fair[week])
            arcs.add(week, sink, 1, round(points))
    arcs.flow.set_node_supply(sink, -sum(ask.visits for ask in group))
    status = arcs.flow.solve()
    if status != arcs.flow.OPTIMAL:  # a chain always reaches the sink, so this is no input's fault
        raise RuntimeError(f"the flow of a month ended with {status}")
    return {
        ask.id: tuple(sum(int(arcs.flow.flow(arc)) for arc in of_week if arc is not None) for of_week in used)
        for ask, used in zip(group, uses, strict=True)
    }
