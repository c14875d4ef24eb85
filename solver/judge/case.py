"""What the rules are asked about, and what they answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from solver.problem import Caregiver, Day
from solver.roster import Roster, Route, Stop
from solver.week import Week

Datum: TypeAlias = "int | str | tuple[Datum, ...] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule that a plan breaks, at one spot; whatever the rule is not about is None.

    ``found`` and ``expected`` are minutes, days, ids or counts as the rule's module tells.
    """

    rule: str
    visit: str | None = None
    caregiver: str | None = None
    elder: str | None = None  # the id of the need
    day: Day | None = None
    found: Datum = None
    expected: Datum = None

    @property
    def message(self) -> str:
        """One short English line."""
        about = (("visit", self.visit), ("caregiver", self.caregiver), ("elder", self.elder), ("day", self.day))
        where = ", ".join(f"{name} {value}" for name, value in about if value is not None)
        return f"{self.rule}: {where}: found {self.found}, expected {self.expected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A plan, and the part of it that is judged."""

    week: Week
    roster: Roster
    caregivers: tuple[str, ...]
    needs: tuple[str, ...]
    only: frozenset[str] | None  # these visits and what they touch; None: the whole plan

    def routes(self) -> Iterator[Route]:
        """Yield every route of the caregivers who are judged."""
        for caregiver in self.caregivers:
            yield from self.roster.routes(caregiver)

    def stops(self) -> Iterator[Stop]:
        """Yield every placed visit of the elders who are judged."""
        for need in self.needs:
            yield from self.roster.stops_of_need(need)

    def pairs(self) -> Iterator[tuple[Stop, Caregiver]]:
        """Yield each of these visits with each caregiver who makes it."""
        return self.roster.pairs(self.needs)


def at(rule: str, stop: Stop, *, found: Datum, expected: Datum, caregiver: str | None = None) -> Violation:
    """Return a violation at one visit."""
    return Violation(
        rule=rule,
        visit=stop.visit.id,
        caregiver=caregiver,
        elder=stop.need.id,
        day=stop.planned.day,
        found=found,
        expected=expected,
    )
