"""Reads what the demand and the ledger need of many elders at once, in a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from app.core.weeks import Month, Week
from app.elders.models import CarePlan, Elder, Stay
from app.entitlements.allowance import Away, GrantPeriod, OnRoster
from app.entitlements.capacity import of_all_towns, read_town_capacity
from app.entitlements.facts import EVERY_DAY, Booked, ElderFacts, PlanPeriod, Surroundings
from app.entitlements.holidays import closed_days
from app.entitlements.models import Booking, Grant, SpecialDay

# A week is published in a town once one of so many of its elders has a booking there; a single person
# who moved in from another town brings bookings, but no schedule.
_PUBLISHED_SHARE = 20

# A town was served in a month if visits were booked by this day of it (the longest holidays end before).
_FROM_THE_BEGINNING = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """Which elders to read: of some towns (None: all), some elders (None: all)."""

    town_ids: Collection[int] | None = None
    elder_ids: Collection[int] | None = None


def read_facts(
    session: Session,
    first: date,
    end: date,
    town_ids: Collection[int] | None = None,
    today: date | None = None,
    capacity: Mapping[date, float] | None = None,
) -> tuple[tuple[ElderFacts, ...], Surroundings]:
    """Return the elders on the roster at any time of a half-open span, by id, with their bookings in it."""
    facts = read_elders(session, first, end, Scope(town_ids))
    return facts, surroundings(session, facts, first, end, today, capacity)


def read_elders(session: Session, first: date, end: date, scope: Scope) -> tuple[ElderFacts, ...]:
    """Return the elders of a scope, by id: five queries, whatever their number."""
    who = and_(_within(scope), Elder.joined_on < end, or_(Elder.ended_on.is_(None), Elder.ended_on >= first))

    def by_elder(model: Any, columns: Iterable[Any], *conditions: ColumnElement[bool]) -> dict[int, list[Any]]:
        query = select(model.elder_id, *columns).join(Elder, Elder.id == model.elder_id).where(who, *conditions)
        found: dict[int, list[Any]] = defaultdict(list)
        for row in session.execute(query):
            found[row[0]].append(row)
        return found

    grants = by_elder(
        Grant,
        (Grant.valid_from, Grant.valid_to, Grant.monthly_minutes),
        Grant.valid_from < end,
        or_(Grant.valid_to.is_(None), Grant.valid_to > first),
    )
    stays = by_elder(
        Stay,
        (Stay.kind, Stay.from_on, Stay.to_on),
        Stay.from_on < end,
        or_(Stay.to_on.is_(None), Stay.to_on > first),
    )
    plans = by_elder(
        CarePlan,
        (
            CarePlan.valid_from,
            CarePlan.visit_minutes,
            CarePlan.min_days_between,
            CarePlan.windows,
            CarePlan.holidays_open,
            CarePlan.hands,
        ),
        CarePlan.valid_from < end,
    )
    bookings = by_elder(
        Booking,
        (Booking.visit_key, Booking.day, Booking.minutes, Booking.state),
        Booking.day >= first,
        Booking.day < end,
    )
    elders = select(Elder.id, Elder.town_id, Elder.centre_id, Elder.birth_date, Elder.joined_on, Elder.ended_on).where(
        who
    )
    return tuple(
        ElderFacts(
            elder_id=row.id,
            town_id=row.town_id,
            centre_id=row.centre_id,
            roster=OnRoster(row.birth_date, row.joined_on, row.ended_on),
            grants=tuple(GrantPeriod(*found[1:]) for found in sorted(grants[row.id], key=lambda found: found[1])),
            stays=tuple(Away(*found[1:]) for found in sorted(stays[row.id], key=lambda found: found[2])),
            plans=tuple(_plan(*found[1:]) for found in sorted(plans[row.id], key=lambda found: found[1])),
            bookings=tuple(Booked(*found[1:]) for found in sorted(bookings[row.id], key=lambda found: found[2::-1])),
        )
        for row in session.execute(elders.order_by(Elder.id))
    )


def read_special_days(session: Session, first: date, end: date) -> dict[date, str]:
    """Return the special days of a half-open span."""
    query = select(SpecialDay.day, SpecialDay.kind).where(SpecialDay.day >= first, SpecialDay.day < end)
    return {row.day: row.kind for row in session.execute(query)}


def surroundings(
    session: Session,
    facts: Iterable[ElderFacts],
    first: date,
    end: date,
    today: date | None = None,
    capacity: Mapping[date, float] | None = None,
) -> Surroundings:
    """Return what the elders of whole towns share."""
    elders: Counter[int] = Counter()
    weeks: dict[int, Counter[Week]] = defaultdict(Counter)
    months: dict[int, set[Month]] = defaultdict(set)
    for elder in facts:
        elders[elder.town_id] += 1
        weeks[elder.town_id].update({Week.of(booked.day) for booked in elder.bookings})
        months[elder.town_id] |= {Month.of(b.day) for b in elder.bookings if b.day.day <= _FROM_THE_BEGINNING}
    settled: dict[int, frozenset[Week]] = {}
    for town, counts in weeks.items():
        published = {week for week, n in counts.items() if n * _PUBLISHED_SHARE >= elders[town]}
        settled[town] = frozenset(published | _over(published, today))
    closed = closed_days(first, end, read_special_days(session, first, end))
    by_town = {} if capacity else read_town_capacity(session, first, end, closed)
    return Surroundings(
        closed=closed,
        settled=settled,
        live_months={town: frozenset(found) for town, found in months.items()},
        capacity=capacity or of_all_towns(by_town),
        town_capacity=by_town,
    )


def _over(published: Collection[Week], today: date | None) -> set[Week]:
    """Return the weeks gone by since a town's first published one: what was not done in them is lost."""
    if today is None or not published:
        return set()
    begun = min(published).monday
    return {Week(begun + timedelta(days=7 * n)) for n in range(max(0, (today - begun).days // 7))}


def _within(scope: Scope) -> ColumnElement[bool]:
    towns = true() if scope.town_ids is None else Elder.town_id.in_(scope.town_ids)
    return towns if scope.elder_ids is None else and_(towns, Elder.id.in_(scope.elder_ids))


def _plan(
    valid_from: date,
    visit_minutes: int,
    min_days_between: int,
    windows: list[dict[str, Any]],
    holidays_open: bool,
    hands: int,
) -> PlanPeriod:
    binding = frozenset(int(window["weekday"]) for window in windows if not window.get("wished", False))
    return PlanPeriod(valid_from, visit_minutes, min_days_between, binding or EVERY_DAY, holidays_open, hands)
