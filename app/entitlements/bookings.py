"""Books the visits of a published week to the months of their days, and records what became of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.audit.record import record
from app.core import clock
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.weeks import Month, Week
from app.elders.models import Elder
from app.entitlements.allowance import EntitlementPolicy
from app.entitlements.loading import Scope, read_elders
from app.entitlements.models import Booking, BookingState

VisitToBook = tuple[str, int, date, int]
"""Key, elder id, day, minutes."""

_CHUNK = 500  # parameters of one IN list, well below what any database refuses


@dataclass(frozen=True, slots=True)
class BookedWeek:
    """What booking a week did."""

    booked: int
    minutes: int
    withdrawn: int  # planned bookings that were there before and are not any more


def book_week(
    session: Session,
    week: Week,
    town_ids: Collection[int] | None,
    visits: Iterable[VisitToBook],
    *,
    policy: EntitlementPolicy | None = None,
    today: date | None = None,
) -> BookedWeek:
    """Replace the planned bookings of a week (of some towns' elders) by the visits of its new schedule.

    What was recorded (delivered, missed, excused) stays as it is, and visits of these keys are passed over. So
    does what was planned on days before ``today`` (None: the clock's), unless the schedule has it elsewhere.

    Raises
    ------
    InvalidInput
        If a visit lies outside the week, or its minutes are not positive.
    Conflict
        If an elder's month would exceed her allowance (``elder_ids`` names them), a key is used twice or
        belongs to another elder or week, or an elder is not of these towns. Nothing is changed then.
    """
    new = _checked(week, visits)
    scope = select(Elder.id) if town_ids is None else select(Elder.id).where(Elder.town_id.in_(town_ids))
    in_scope = set(session.scalars(scope))
    strangers = sorted({elder for _, elder, _, _ in new.values()} - in_scope)
    if strangers:
        raise Conflict(f"{len(strangers)} elder(s) are not of these towns", elder_ids=strangers[:50])
    this_week = select(Booking).where(Booking.day >= week.monday, Booking.day < week.end)
    stored = [booking for booking in session.scalars(this_week) if booking.elder_id in in_scope]
    today = today or clock.today()
    planned = {
        booking.visit_key: booking
        for booking in stored
        if booking.state == BookingState.PLANNED and (booking.day >= today or booking.visit_key in new)
    }
    recorded = {booking.visit_key for booking in stored if booking.state != BookingState.PLANNED}
    new = {key: visit for key, visit in new.items() if key not in recorded}
    _check_keys(session, new, {booking.visit_key: booking.elder_id for booking in stored})
    _check_months(session, town_ids, planned.keys(), new.values(), policy or EntitlementPolicy())
    # What stays where it was is not touched: somebody may have checked in already.
    same = {
        key
        for key, (_, elder, day, minutes) in new.items()
        if key in planned and (elder, day, minutes) == (planned[key].elder_id, planned[key].day, planned[key].minutes)
    }
    _withdraw(session, [booking.id for key, booking in planned.items() if key not in same])
    session.add_all(
        Booking(visit_key=key, elder_id=elder, day=day, minutes=minutes, planned_minutes=minutes)
        for key, elder, day, minutes in new.values()
        if key not in same
    )
    session.flush()
    return BookedWeek(len(new), sum(visit[3] for visit in new.values()), len(planned.keys() - new.keys()))


def record_outcome(
    session: Session,
    actor: Actor,
    key: str,
    state: BookingState,
    minutes: int | None = None,
    reason: str | None = None,
    *,
    today: date | None = None,
) -> Booking:
    """Write down what became of a booked visit; it may be corrected by recording it again.

    ``minutes`` are those delivered (None: as planned); what is missing of the planned ones is due again. A
    missed or excused visit counts with all that was planned.

    Raises
    ------
    NotFound
        If there is no such visit, or it is another town's.
    InvalidInput
        If the state is no outcome, or more minutes were delivered than planned.
    Conflict
        If it was delivered or missed on a day that, by ``today``, is yet to come.
    """
    found = session.execute(
        select(Booking, Elder.town_id).join(Elder, Elder.id == Booking.elder_id).where(Booking.visit_key == key)
    ).one_or_none()
    if found is None:
        raise NotFound.of("visit", key)
    booking, town_id = found
    actor.check_town(town_id, "visit", key)
    if state == BookingState.PLANNED:
        raise InvalidInput.of("body.state", "delivered, missed or excused", state, "已服务、漏服务或免责")
    if today is not None and booking.day > today and state != BookingState.EXCUSED:
        raise Conflict(f"the visit is on {booking.day}, which is yet to come", zh=f"这次服务在 {booking.day}，还没有到")
    delivered = booking.planned_minutes if minutes is None else minutes
    if state == BookingState.DELIVERED and not 0 <= delivered <= booking.planned_minutes:
        raise InvalidInput.of(
            "body.minutes",
            f"0 to {booking.planned_minutes}, what was planned",
            minutes,
            f"0 至 {booking.planned_minutes} 分钟（计划的时长）",
        )
    before = booking.state
    booking.state = state
    booking.minutes = delivered if state == BookingState.DELIVERED else booking.planned_minutes
    booking.reason = reason
    booking.recorded_by = actor.user_id
    booking.recorded_at = clock.now()
    record(
        session,
        user_id=actor.user_id,
        action="visit.recorded",
        entity="booking",
        entity_id=booking.id,
        town_id=town_id,
        request_id=actor.request_id,
        changes={"state": f"{before} → {state}", "minutes": booking.minutes, "reason": "changed" if reason else None},
    )
    session.flush()
    return booking


def _checked(week: Week, visits: Iterable[VisitToBook]) -> dict[str, VisitToBook]:
    found: dict[str, VisitToBook] = {}
    for visit in visits:
        key, _, day, minutes = visit
        if not week.monday <= day < week.end:
            raise InvalidInput.of("visits.day", f"a day of {week}", str(day))
        if minutes <= 0:
            raise InvalidInput.of("visits.minutes", "a positive number", minutes)
        if key in found:
            raise Conflict(f"visit {key} is there twice")
        found[key] = visit
    return found


def _check_keys(session: Session, new: Mapping[str, VisitToBook], elder_of_key: Mapping[str, int]) -> None:
    unknown = sorted(key for key in new if key not in elder_of_key)
    taken = [key for key, visit in new.items() if elder_of_key.get(key, visit[1]) != visit[1]]
    for i in range(0, len(unknown), _CHUNK):
        taken += session.scalars(select(Booking.visit_key).where(Booking.visit_key.in_(unknown[i : i + _CHUNK])))
    if taken:
        raise Conflict(f"{len(taken)} key(s) belong to other visits: {', '.join(sorted(taken)[:5])}")


def _check_months(
    session: Session,
    town_ids: Collection[int] | None,
    withdrawn: Collection[str],
    new: Iterable[VisitToBook],
    policy: EntitlementPolicy,
) -> None:
    """Refuse the week if any elder's month would exceed what she may have."""
    wanted: dict[tuple[int, Month], int] = defaultdict(int)
    for _, elder_id, day, minutes in new:
        wanted[elder_id, Month.of(day)] += minutes
    if not wanted:
        return
    months = sorted({month for _, month in wanted})
    read = read_elders(session, months[0].first, months[-1].end, Scope(town_ids))
    facts = {elder.elder_id: elder for elder in read}
    too_much: set[int] = set()
    for (elder_id, month), minutes in wanted.items():
        elder = facts.get(elder_id)
        if elder is None:
            too_much.add(elder_id)
            continue
        used = sum(
            booked.minutes
            for booked in elder.bookings_in(month)
            if booked.key not in withdrawn and booked.uses_up(policy)
        )
        if used + minutes > elder.allowance_in(month, policy).due:
            too_much.add(elder_id)
    if too_much:
        raise Conflict(
            f"the week would exceed the month's allowance of {len(too_much)} elder(s)",
            zh=f"本周会让 {len(too_much)} 位老人超过当月核定工时",
            elder_ids=sorted(too_much)[:50],
        )


def _withdraw(session: Session, ids: list[int]) -> None:
    for i in range(0, len(ids), _CHUNK):
        session.execute(delete(Booking).where(Booking.id.in_(ids[i : i + _CHUNK])))
