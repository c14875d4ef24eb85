"""What became of every elder's every month."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.weeks import Month, Week
from app.entitlements.allowance import EntitlementPolicy, days_of
from app.entitlements.facts import ElderFacts
from app.entitlements.holidays import closed_days
from app.entitlements.ledger import LedgerLine, ledger_lines
from app.entitlements.loading import Scope, read_elders, read_special_days
from app.entitlements.models import BookingState
from app.schedules.models import Schedule, ScheduledVisit, ScheduleStatus, VisitState

_TOLD = 20  # elders that the report names, a reason


@dataclass(slots=True)
class MonthOutcome:
    """One month of the city; minutes."""

    month: str
    elders: int = 0
    exact: int = 0  # delivered is the allowance, to the minute
    listed: int = 0  # less was delivered, and the ledger says why
    unexplained: int = 0  # anything else
    short: int = 0  # less was delivered than was due
    short_again: int = 0  # of these, those who were short in the month before, too
    granted: int = 0
    excused: int = 0  # by long stays at hospital: granted, not due
    delivered: int = 0
    missed: int = 0  # visits' minutes, whether they were made up or not
    by_reason: dict[str, int] = field(default_factory=dict)  # code of the ledger -> elders
    elders_by_reason: dict[str, list[int]] = field(default_factory=dict)  # the first few ids
    unexplained_elders: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it with hours."""
        hours = {
            f"{name}_hours": round(getattr(self, name) / 60, 2)
            for name in ("granted", "excused", "delivered", "missed")
        }
        names = ("month", "elders", "exact", "listed", "unexplained", "short", "short_again")
        counts = {name: getattr(self, name) for name in names}
        return {
            **counts,
            **hours,
            "by_reason": dict(sorted(self.by_reason.items())),
            "elders_by_reason": dict(sorted(self.elders_by_reason.items())),
            "unexplained_elders": self.unexplained_elders,
        }


def month_outcomes(
    session: Session, months: Sequence[Month], policy: EntitlementPolicy, planned_knowing: Callable[[date], date]
) -> list[MonthOutcome]:
    """Read the ledger of months that are over, and from the published weeks why visits had no place.

    Parameters
    ----------
    planned_knowing
        A day -> the first day that was planned knowing what became of its visits.
    """
    found, before = [], frozenset[int]()
    for month in months:
        lines = ledger_lines(session, month, Scope(), month.end, policy)
        room = with_room_left(session, month, planned_knowing)
        outcome = outcome_of(str(month), lines, unallocated_in(session, month), room)
        short = short_in(lines)
        outcome.short, outcome.short_again = len(short), len(short & before)
        found.append(outcome)
        before = short
    return found


def short_in(lines: Sequence[LedgerLine]) -> frozenset[int]:
    """Return the elders to whom less was delivered than was due."""
    return frozenset(line.elder_id for line in lines if line.delivered < line.granted - line.excused)


def with_room_left(session: Session, month: Month, planned_knowing: Callable[[date], date]) -> frozenset[int]:
    """Return the elders who missed a visit and, when that was known, could still have had one more.

    It is asked of the days themselves and not of the quota that the weeks were planned by, so that a fault
    there can't explain itself away.
    """
    margin = timedelta(days=7)
    closed = closed_days(month.first, month.end, read_special_days(session, month.first, month.end))
    facts = read_elders(session, month.first - margin, month.end + margin, Scope())
    return frozenset(elder.elder_id for elder in facts if has_room_left(elder, month, closed, planned_knowing))


def has_room_left(
    elder: ElderFacts, month: Month, closed: Collection[date], planned_knowing: Callable[[date], date]
) -> bool:
    """Say whether a day was left, after the last missed visit was known, on which she could have had one more."""
    missed = [booked.day for booked in elder.bookings_in(month) if booked.state == BookingState.MISSED]
    plan = elder.plan_on(month.last)
    if not missed or plan is None:
        return False
    known = planned_knowing(max(missed))
    taken = [booked.day for booked in elder.bookings if booked.occupies]
    return any(
        day >= known and all(abs((day - other).days) >= plan.min_days_between for other in taken)
        for day in elder.visitable_days(days_of(month), closed)
    )


def unallocated_in(session: Session, month: Month) -> Mapping[int, frozenset[str]]:
    """Return elder -> why visits of hers had no place in the published weeks that touch a month.

    A week that was planned again asks only for what its last days can hold: a visit that had no place in the version
    before, and is in the newest neither placed nor asked for, counts as well.
    """
    query = select(
        ScheduledVisit.elder_id, ScheduledVisit.visit_key, ScheduledVisit.state, ScheduledVisit.reason, Schedule.status
    ).join(Schedule, Schedule.id == ScheduledVisit.schedule_id)
    published = Schedule.status.in_((ScheduleStatus.PUBLISHED, ScheduleStatus.SUPERSEDED))
    in_month = (Schedule.monday >= Week.of(month.first).monday, Schedule.monday < month.end)
    rows = session.execute(query.where(published, *in_month)).all()
    placed = {
        row.visit_key for row in rows if row.status == ScheduleStatus.PUBLISHED and row.state == VisitState.PLACED
    }
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.state == VisitState.UNALLOCATED and row.reason is not None and row.visit_key not in placed:
            found[row.elder_id].add(str(row.reason))
    return {elder_id: frozenset(reasons) for elder_id, reasons in found.items()}


def outcome_of(
    month: str,
    lines: Sequence[LedgerLine],
    unallocated: Mapping[int, frozenset[str]],
    room_left: Set[int] = frozenset(),
) -> MonthOutcome:
    """Sum up the lines of a month that is over."""
    found, by_reason = MonthOutcome(month), Counter[str]()
    for line in lines:
        found.elders += 1
        found.granted += line.granted
        found.excused += line.excused
        found.delivered += line.delivered
        found.missed += line.missed
        reasons = reasons_of(line, unallocated.get(line.elder_id, frozenset()), line.elder_id in room_left)
        if is_exact(line):
            found.exact += 1
        elif reasons and line.delivered < line.granted - line.excused and not line.planned:
            found.listed += 1
            by_reason.update(reasons)
            for reason in reasons:
                found.elders_by_reason.setdefault(reason, []).append(line.elder_id)
        else:  # more than the allowance, a visit still planned after the month, or no reason
            found.unexplained += 1
            found.unexplained_elders = [*found.unexplained_elders, line.elder_id][:_TOLD]
    found.by_reason = dict(by_reason)
    found.elders_by_reason = {reason: elders[:_TOLD] for reason, elders in found.elders_by_reason.items()}
    return found


def is_exact(line: LedgerLine) -> bool:
    """Say whether exactly her allowance was delivered."""
    return line.delivered == line.granted - line.excused and not line.planned


def reasons_of(line: LedgerLine, unallocated: frozenset[str], room_left: bool) -> tuple[str, ...]:
    """Return the ledger's reasons, where they hold.

    That hours were not planned is a reason only with what kept them from a place; and so is a visit missed
    "too late" that there was still room to make up.
    """
    doubtful = {"not_planned", "missed_too_late"} if room_left else {"not_planned"}
    found = [reason for reason in line.reasons if reason not in doubtful]
    if doubtful.intersection(line.reasons):
        found += [f"not_planned:{reason}" for reason in sorted(unallocated)]
    return tuple(found)
