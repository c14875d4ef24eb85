"""A visit that is added to one week of an elder, beside her month's rhythm: an exception of the week like others.

The schedule keeps it (decision 0008), so that it is still due when the week is judged, edited or planned again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.entitlements.demand import DemandVisit, ElderDemand
from solver.problem import Minutes, Problem, Visit, Window

ADDED_VISIT = "added_visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedVisit:
    """One more visit of an elder's need; days count from Monday."""

    visit: str
    elder_id: int
    town_id: int
    minutes: Minutes
    days: tuple[int, ...]
    window: tuple[Minutes, Minutes] | None  # None: those of her care plan
    skill: str | None  # None: those of her care plan

    def apply(self, problem: Problem) -> Problem:
        """Return the problem in which the visit is bound to its days, hours and skill."""
        return replace(
            problem,
            needs=tuple(
                replace(need, visits=tuple(self._bound(visit) for visit in need.visits))
                if need.id == str(self.elder_id)
                else need
                for need in problem.needs
            ),
        )

    def _bound(self, visit: Visit) -> Visit:
        if visit.id != self.visit:
            return visit
        if self.window is None:
            windows = tuple(each for each in visit.windows if each.day in self.days)
            wished = tuple(each for each in visit.wished if each.day in self.days)
        else:
            windows, wished = tuple(Window(day, *self.window) for day in self.days), ()
        skills = visit.skills if self.skill is None else frozenset({self.skill})
        return replace(visit, windows=windows, wished=wished, skills=skills)

    def detail(self) -> dict[str, Any]:
        """Return it as JSON, without its key."""
        return {
            "elder_id": self.elder_id,
            "town_id": self.town_id,
            "minutes": self.minutes,
            "days": list(self.days),
            "window": None if self.window is None else list(self.window),
            "skill": self.skill,
        }

    @classmethod
    def stored(cls, visit_key: str, detail: Mapping[str, Any]) -> "AddedVisit":
        """Return what ``detail`` had made."""
        return cls(
            visit=visit_key,
            elder_id=detail["elder_id"],
            town_id=detail["town_id"],
            minutes=detail["minutes"],
            days=tuple(detail["days"]),
            window=None if detail["window"] is None else tuple(detail["window"]),
            skill=detail["skill"],
        )


def with_added(demands: Iterable[ElderDemand], added: Sequence[AddedVisit]) -> tuple[ElderDemand, ...]:
    """Return the demands with the visits that were added to this week, but for those that are settled."""
    return tuple(
        _with_added(demand, [each for each in added if each.elder_id == demand.elder_id]) for demand in demands
    )


def _with_added(demand: ElderDemand, added: Sequence[AddedVisit]) -> ElderDemand:
    settled = {visit.key for visit in demand.done}
    keys = {each.visit for each in added}
    more = [DemandVisit(each.visit, each.minutes, demand.eligible_days) for each in added if each.visit not in settled]
    return replace(demand, visits=(*(visit for visit in demand.visits if visit.key not in keys), *more))
