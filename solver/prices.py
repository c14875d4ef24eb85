"""The price of each goal of a week: what would be gained elsewhere if nobody asked for it.

The week is solved again from its plan with the goal's weight at nought, and once more with all weights as
they are, with the same iterations and seed; what differs is the goal's price, in kilometres, minutes and
visits. Both searches are short and inexact: a price says about how much, not to the metre.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt
from typing import Any

from solver.cost import cost_of
from solver.plan import Cost, Plan
from solver.problem import Minutes, Place, Problem
from solver.roster import Roster
from solver.solve import default_iterations, solve
from solver.week import Week

__all__ = ["GOALS", "Figures", "GoalPrices", "goal_prices", "goals_of", "prices_as_found"]

# goal -> the weights of the policy that ask for it
GOALS: Mapping[str, tuple[str, ...]] = {
    "changed": ("changed_visit",),
    "continuity": ("not_usual",),
    "wished_time": ("outside_wished_time",),
    "wished_gender": ("not_wished_gender",),
    "dialect": ("not_wished_dialect",),
    "load": ("load_minute", "overload_minute"),
    "lending": ("lent_visit",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A plan in units that can be pictured; ``cost`` is by the problem's own policy, no weight at nought."""

    unserved_minutes: Minutes
    travel_minutes: Minutes
    kilometres: float
    usual_share: float | None  # of the visits of elders who have usual caregivers
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalPrices:
    """The week with all its goals, and without each of them; both searched for as long."""

    whole: Figures
    without: Mapping[str, Figures]

    def kilometres(self, goal: str) -> float:
        """Return how many kilometres the goal costs (below 0: it spares some)."""
        return self.whole.kilometres - self.without[goal].kilometres

    def travel_minutes(self, goal: str) -> Minutes:
        """Return how many minutes of travel the goal costs."""
        return self.whole.travel_minutes - self.without[goal].travel_minutes

    def unserved_minutes(self, goal: str) -> Minutes:
        """Return how many minutes of care are not served because of the goal."""
        return self.whole.unserved_minutes - self.without[goal].unserved_minutes


def goal_prices(
    problem: Problem,
    plan: Plan,
    *,
    goals: Collection[str] | None = None,
    seed: int = 0,
    iterations: int | None = None,
    workers: int = 1,
) -> GoalPrices:
    """Return what each goal costs the others.

    Parameters
    ----------
    goals
        Names of `GOALS`; None: all that the policy asks for.
    iterations
        Of each search. Same problem, plan, seed and iterations: same prices. Default: in proportion to the problem.

    Raises
    ------
    KeyError
        If a goal is not one of them.
    """
    *_, found = prices_as_found(problem, plan, goals=goals, seed=seed, iterations=iterations, workers=workers)
    return found


def prices_as_found(
    problem: Problem,
    plan: Plan,
    *,
    goals: Collection[str] | None = None,
    seed: int = 0,
    iterations: int | None = None,
    workers: int = 1,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[GoalPrices]:
    """Yield what `goal_prices` returns as it grows: the whole week first, then a goal more each time.

    Parameters
    ----------
    cancelled
        Asked between rounds of a fraction of a second; when it says so, nothing more is yielded.
    """
    budget = default_iterations(sum(len(need.visits) for need in problem.needs)) if iterations is None else iterations
    week = Week(problem)

    def searched(changed: Problem) -> Figures | None:
        found = solve(changed, seed=seed, iterations=budget, workers=workers, start=plan, cancelled=cancelled)
        return None if cancelled is not None and cancelled() else figures(week, found)

    whole = searched(problem)
    if whole is None:
        return
    without: dict[str, Figures] = {}
    yield GoalPrices(whole=whole, without={})
    for goal in goals_of(problem) if goals is None else goals:
        weights: dict[str, Any] = dict.fromkeys(GOALS[goal], 0.0)
        spared = searched(replace(problem, policy=replace(problem.policy, **weights)))
        if spared is None:
            return
        without[goal] = spared
        yield GoalPrices(whole=whole, without=dict(without))


def goals_of(problem: Problem) -> list[str]:
    """Return the goals that the policy of a problem asks for."""
    return [goal for goal in GOALS if _is_asked(problem, goal)]


def _is_asked(problem: Problem, goal: str) -> bool:
    asked = any(getattr(problem.policy, weight) > 0 for weight in GOALS[goal])
    return asked and (goal != "changed" or bool(problem.published))


def figures(week: Week, plan: Plan) -> Figures:
    """Return what a plan amounts to."""
    roster = Roster(week, plan)
    placed = {each.visit for each in plan.visits}
    places = {place.id: place for place in week.problem.places}
    detours = {mode.id: mode.detour for mode in week.problem.modes}
    travel, metres = 0, 0.0
    for caregiver in week.caregivers.values():
        for route in roster.routes(caregiver.id):
            stops = [caregiver.base, *(stop.need.place for stop in route.stops), caregiver.base]
            straight = sum(_straight_metres(places[p], places[q]) for p, q in pairwise(stops))
            travel, metres = travel + route.travel_minutes, metres + detours[caregiver.mode] * straight
    pairs = [(stop, caregiver) for stop, caregiver in roster.pairs(week.needs) if stop.need.usual]
    usual = sum(caregiver.id in stop.need.usual for stop, caregiver in pairs)
    return Figures(
        unserved_minutes=sum(visit.minutes for visit in week.visits.values() if visit.id not in placed),
        travel_minutes=travel,
        kilometres=metres / 1000,
        usual_share=usual / len(pairs) if pairs else None,
        cost=cost_of(week, plan),
    )


def _straight_metres(p: Place, q: Place) -> float:
    return sqrt((p.east_metres - q.east_metres) ** 2 + (p.north_metres - q.north_metres) ** 2)
