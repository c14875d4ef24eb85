"""What a plan says of prices and columns, before anything is priced."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solver.bound.pairs import PAIR, Pairs
from solver.bound.pricing import Route
from solver.plan import Plan
from solver.problem import Problem
from solver.roster import Roster
from solver.roster import Route as Walk
from solver.search.arrays import DAYS, Arrays, Names
from solver.week import Week

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Beginning:
    """Routes of a plan, and what its visits and minutes seem to be worth."""

    routes: list[Route]
    hands: Floats  # (visits,) points for one pair of hands
    taken: Floats  # (visits,) minutes of a caregiver, her way included
    minutes: Floats  # (caregivers,) points for one more
    dearest: Floats  # (visits,) points for one pair of hands: what leaving it out costs
    whole: bool  # the plan leaves no visit out

    def dearer(self, points: float) -> "Beginning":
        """Return the same with each minute of a caregiver worth so much more."""
        hands = np.minimum(self.dearest, self.hands + points * self.taken)
        return replace(self, hands=hands, minutes=self.minutes + points)


def begin(problem: Problem, names: Names, a: Arrays, t: Pairs, plan: Plan) -> Beginning:
    """Share out what the plan's routes cost among their visits."""
    roster = Roster(Week(problem), plan)
    dearest = a.visits["absent_cost"] / a.visits["hands"]
    hands = np.full(len(dearest), np.inf)
    taken = a.visits["minutes"].astype(np.float64)
    minutes = np.zeros(len(a.caregivers))
    routes = []
    for c, caregiver in enumerate(names.caregivers):
        worked, who = roster.working_minutes(caregiver), a.caregivers[c]
        minutes[c] = a.load_minute * (worked >= who["load_from"]) + a.overload_minute * (worked >= who["overload_from"])
        for walk in roster.routes(caregiver):
            stops = list(_stops(names, a, t, c, walk))
            if len(stops) < len(walk.stops):
                continue
            visits = tuple(v for v, _ in stops)
            travel = a.travel_minute * walk.travel_minutes
            routes.append(Route(c, walk.day, walk.working_minutes, visits, travel + sum(points for _, points in stops)))
            share = walk.travel_minutes / len(stops)
            for v, points in stops:
                care = int(a.visits["minutes"][v])
                price = points + a.travel_minute * share + minutes[c] * (share + care)
                if price < hands[v]:
                    hands[v], taken[v] = price, share + care
    placed = np.isfinite(hands)
    if not placed.any():
        return Beginning(routes, dearest, taken, minutes, dearest, whole=False)
    # A visit that is left out is worth what others are, for its minutes: how scarce they are is told apart.
    hands[~placed] = taken[~placed] * (hands[placed].sum() / taken[placed].sum())
    return Beginning(routes, np.minimum(hands, dearest), taken, minutes, dearest, whole=bool(placed.all()))


def _stops(names: Names, a: Arrays, t: Pairs, c: int, walk: Walk) -> Iterator[tuple[int, float]]:
    """Yield the visits of a route that the bound knows as the caregiver's, and their points."""
    mine = t.pairs[t.low[c] : t.low[c + 1]]
    for stop in walk.stops:
        v = names.visit_number[stop.visit.id]
        k = int(np.searchsorted(mine["visit"], v))
        if k == len(mine) or mine["visit"][k] != v or not mine["days"][k] >> walk.day & 1:
            return
        yield v, _points(a, t, mine[k], walk.day, stop.start)


def _points(a: Arrays, t: Pairs, pair: np.void, day: int, start: int) -> float:
    assert pair.dtype == PAIR
    v = int(pair["visit"])
    spot, row = t.spots[v * DAYS + day], a.visit_days[v * DAYS + day]
    if pair["kept_day"] == day:
        moved = start != a.visits["published_start"][v]
        extra = max(0.0, float(a.changed) / float(a.visits["hands"][v]) - float(spot["always"]))
        return float(pair["kept_points"] + spot["always"]) + (extra if moved else 0.0)
    wished = a.spans[row["wished_low"] : row["wished_high"]]
    met = bool(((wished["opens"] <= start) & (start <= wished["last"])).any())
    return float(pair["points"] + spot["always"]) + (0.0 if met else float(spot["outside"]))
