"""The ledger: what each elder was granted in a month, what became of it, and who won't reach it, and why."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.core.weeks import Month
from app.entitlements.allowance import Allowance, EntitlementPolicy, days_of, split
from app.entitlements.facts import Booked, ElderFacts, PlanPeriod
from app.entitlements.holidays import closed_days
from app.entitlements.loading import Scope, read_elders, read_special_days
from app.entitlements.models import BookingState
from app.entitlements.quota import fit

# code -> (Chinese, English)
REASONS: dict[str, tuple[str, str]] = {
    "no_grant": ("没有有效核定", "no grant is in force"),
    "no_care_plan": ("没有服务方案", "there is no care plan to plan by"),
    "hospital": ("住院期间无法上门", "days at hospital took the days that were needed"),
    "missed_too_late": ("漏服务后已无法补回", "visits were missed too late to be made up"),
    "missed_not_made_up": ("漏服务按规定不补", "visits were missed, and by policy are not made up"),
    "spacing": ("剩余天数不满足服务间隔", "the days left are too close together for her care plan"),
    "not_enough_days": ("可服务天数不足", "there are fewer days to visit her than visits due"),
    "not_planned": ("未及时排班", "the hours were not planned while there was time"),
    "not_planned_yet": ("月末前仍未排班", "the month ends within a week and hours are still to be planned"),
}

_LAST_DAYS = 7  # of a month, in which hours that are not planned yet are at risk


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One elder's month, in minutes: granted = planned + delivered + excused + remaining (+ missed for good)."""

    elder_id: int
    town_id: int
    centre_id: int | None
    granted: int
    planned: int
    delivered: int
    excused: int
    missed: int  # by the provider; part of ``remaining`` as long as it can be made up
    remaining: int  # neither planned nor delivered nor excused
    short: int  # of what remains, what can't be delivered any more
    at_risk: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerTotals:
    """The sum of lines, in minutes; ``reasons`` counts elders."""

    elders: int = 0
    granted: int = 0
    planned: int = 0
    delivered: int = 0
    excused: int = 0
    missed: int = 0
    remaining: int = 0
    short: int = 0
    at_risk: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


def policy_of(settings: Settings) -> EntitlementPolicy:
    """Return the policy that the settings ask for."""
    return EntitlementPolicy(make_up_undelivered=settings.make_up_undelivered)


def ledger_lines(
    session: Session, month: Month, scope: Scope, today: date, policy: EntitlementPolicy
) -> list[LedgerLine]:
    """Return the lines of everybody who is on the roster on some day of a month, in order of id."""
    margin = timedelta(days=7)
    facts = read_elders(session, month.first - margin, month.end + margin, scope)
    closed = closed_days(month.first, month.end, read_special_days(session, month.first, month.end))
    return [ledger_line(elder, month, closed, today, policy) for elder in facts if on_roster_in(elder, month)]


def on_roster_in(elder: ElderFacts, month: Month) -> bool:
    """Say whether somebody is on the roster on some day of a month."""
    roster = elder.roster
    return roster.joined_on < month.end and (roster.ended_on is None or roster.ended_on > month.first)


def ledger_line(
    elder: ElderFacts, month: Month, closed: Collection[date], today: date, policy: EntitlementPolicy
) -> LedgerLine:
    """Return one elder's line."""
    allowed = elder.allowance_in(month, policy)
    by_state: Counter[str] = Counter()
    for booked in elder.bookings_in(month):
        by_state[booked.state] += booked.minutes
    planned, delivered = by_state[BookingState.PLANNED], by_state[BookingState.DELIVERED]
    excused, missed = by_state[BookingState.EXCUSED], by_state[BookingState.MISSED]
    open_minutes = max(0, allowed.due - planned - delivered - excused)
    lost = 0 if policy.make_up_undelivered else min(missed, open_minutes)
    remaining = open_minutes - lost
    possible, why = _outlook(elder, month, closed, today, allowed, remaining)
    short = remaining - possible + lost
    reasons = [*why, "missed_not_made_up"] if lost else why
    if remaining and missed and policy.make_up_undelivered and short:
        reasons = ["missed_too_late", *(reason for reason in reasons if reason != "not_planned")]
    return LedgerLine(
        elder.elder_id,
        elder.town_id,
        elder.centre_id,
        allowed.granted,
        planned,
        delivered,
        excused + allowed.excused,
        missed,
        open_minutes,
        short,
        bool(reasons),
        tuple(reasons),
    )


def totals(lines: Iterable[LedgerLine]) -> LedgerTotals:
    """Return the sum of some lines."""
    sums: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for line in lines:
        reasons.update(line.reasons)
        sums["elders"] += 1
        for name in ("granted", "planned", "delivered", "excused", "missed", "remaining", "short", "at_risk"):
            sums[name] += getattr(line, name)
    return LedgerTotals(**sums, reasons=dict(sorted(reasons.items())))


def totals_by_town(lines: Iterable[LedgerLine]) -> dict[int, LedgerTotals]:
    """Return the sums of each town, by its id."""
    by_town: dict[int, list[LedgerLine]] = {}
    for line in lines:
        by_town.setdefault(line.town_id, []).append(line)
    return {town: totals(found) for town, found in sorted(by_town.items())}


def _outlook(
    elder: ElderFacts, month: Month, closed: Collection[date], today: date, allowed: Allowance, remaining: int
) -> tuple[int, list[str]]:
    """Return the minutes of ``remaining`` that can still be delivered, and what is in the way of the rest."""
    no_grant = ["no_grant"] if allowed.no_grant_days and not allowed.granted else []
    if not remaining:
        return 0, no_grant
    plan = elder.plan_on(month.last)
    if plan is None:
        return 0, ["no_care_plan"]
    visits = split(remaining, plan.visit_minutes)
    days = [day for day in elder.visitable_days(days_of(month), closed) if day >= today]
    occupied = [booked.day for booked in elder.bookings if booked.occupies]
    possible = sum(visits[: len(fit(days, plan.min_days_between, occupied))])
    if possible == remaining:
        soon = month.first <= today and (month.end - today).days <= _LAST_DAYS
        return possible, ["not_planned_yet"] if soon else []
    return possible, _obstacles(elder, month, closed, plan, days, occupied, len(visits))


def _obstacles(
    elder: ElderFacts,
    month: Month,
    closed: Collection[date],
    plan: PlanPeriod,
    days: Sequence[date],
    occupied: Sequence[date],
    n_visits: int,
) -> list[str]:
    """Return why so many visits don't fit; at least one reason."""
    found = []
    whole = elder.visitable_days(days_of(month), closed)
    if any(stay.kind == "hospital" and any(stay.holds(day) for day in days_of(month)) for stay in elder.stays):
        found.append("hospital")
    if plan.min_days_between > 1 and len(fit(days, 1, occupied)) >= n_visits:
        found.append("spacing")
    if len(fit(whole, plan.min_days_between)) < n_visits + len(_visits_in(elder, month)):
        found.append("not_enough_days")
    return found or ["not_planned"]


def _visits_in(elder: ElderFacts, month: Month) -> list[Booked]:
    return [booked for booked in elder.bookings_in(month) if booked.occupies]
