"""Weeks booked and recorded on the real database, and the demand read from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.accounts.scope import Actor
from app.audit.models import AuditEntry
from app.centres.models import Town
from app.core.db import Database
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.weeks import Week
from app.elders.models import Elder
from app.entitlements.bookings import BookedWeek, book_week, record_outcome
from app.entitlements.capacity import of_all_towns, read_town_capacity
from app.entitlements.demand import ElderDemand, week_demand
from app.entitlements.loading import read_facts
from app.entitlements.models import Booking, BookingState
from tests.app import given

WEEK = Week.parse("2026-W46")
MONDAY = WEEK.monday
BOSS = Actor(1, Role.ADMINISTRATOR, None)


@pytest.fixture
def town(session: Session) -> Town:
    """A town."""
    return given.town(session)


def served(session: Session, town: Town, minutes: int = 240, **plan: Any) -> Elder:
    elder = given.elder(session, town)
    given.grant(session, elder, monthly_minutes=minutes)
    given.care_plan(session, elder, **plan)
    return elder


def to_book(demands: tuple[ElderDemand, ...]) -> list[tuple[str, int, date, int]]:
    """Place each visit on the first free day of its own."""
    found = []
    for demand in demands:
        free = sorted(demand.eligible_days)
        for visit in demand.visits:
            day = next(day for day in free if day in visit.days)
            free.remove(day)
            found.append((visit.key, demand.elder_id, day, visit.minutes))
    return found


@contextmanager
def counted_queries(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def test_the_demand_takes_the_same_few_queries_for_any_number_of_elders(
    session: Session, database: Database, town: Town
) -> None:
    counts = []
    for n in (1, 20):
        for _ in range(n):
            elder = served(session, town)
            given.stay(session, elder)
        session.commit()
        with database.read() as reading, counted_queries(database) as statements:
            week_demand(reading, WEEK, [town.id])
        counts.append(len([text for text in statements if text.lstrip().upper().startswith("SELECT")]))
    # elders, grants, stays, care plans, bookings, special days; caregivers, their hours and leave
    assert counts == [9, 9]


def test_month_by_month_from_the_database(session: Session, town: Town) -> None:
    elder = served(session, town, 480)
    closed = given.special_day(session, date(2026, 11, 12))
    for week in (Week.parse(f"2026-W{n}") for n in range(44, 54)):
        visits = to_book(week_demand(session, week))
        assert all(day != closed.day for _, _, day, _ in visits)
        book_week(session, week, None, visits)
        for key, *_ in visits:
            record_outcome(session, BOSS, key, BookingState.DELIVERED)
    for month in (11, 12):
        days = (date(2026, month, 1), date(2026, month, 30 if month == 11 else 31))
        query = select(func.sum(Booking.minutes)).where(Booking.elder_id == elder.id, Booking.day.between(*days))
        assert session.scalar(query) == 480


def test_the_capacity_follows_hours_employment_and_leave(session: Session, town: Town) -> None:
    first, end = date(2026, 11, 9), date(2026, 11, 23)
    assert of_all_towns(read_town_capacity(session, first, end, frozenset())) is None
    steady = given.caregiver(session, town, weekdays=(0, 1))  # 7:30 to 18:00
    given.leave(session, steady, first_on=date(2026, 11, 10), last_on=date(2026, 11, 10))
    given.leave(session, steady, first_on=date(2026, 11, 16), last_on=date(2026, 11, 16), starts=420, ends=480)
    given.caregiver(session, town, weekdays=(0,), ended_on=date(2026, 11, 16))
    given.caregiver(session, town, weekdays=(6,), hired_on=date(2026, 11, 22))
    found = of_all_towns(read_town_capacity(session, first, end, frozenset({date(2026, 11, 17)})))
    assert found is not None
    assert {day.day: minutes for day, minutes in found.items() if minutes} == {9: 960.0, 16: 480.0, 22: 480.0}
    assert date(2026, 11, 17) not in found


def test_a_week_gives_no_more_than_its_limit_and_a_holiday_takes_only_what_it_cant_hold(
    session: Session, town: Town
) -> None:
    given.caregiver(session, town, weekdays=(0, 1, 2, 3, 4, 5), contract_minutes=1200)
    other = given.caregiver(session, given.town(session), weekdays=(0, 1), contract_minutes=2400)
    monday, tuesday = MONDAY, WEEK.days[1]
    for closed, expected in (
        (frozenset(), 1200),
        (frozenset({monday, tuesday}), 1200),
        (frozenset(WEEK.days[2:]), 960),
    ):
        found = read_town_capacity(session, monday, WEEK.end, closed)
        assert sum(found[town.id].values()) == pytest.approx(expected)
    whole = read_town_capacity(session, monday, WEEK.end, frozenset())[town.id]
    assert read_town_capacity(session, tuesday, WEEK.days[3], frozenset())[town.id] == {
        day: whole[day] for day in WEEK.days[1:3]
    }
    given.leave(session, other, first_on=monday, last_on=tuesday)
    assert list(read_town_capacity(session, monday, WEEK.end, frozenset())) == [town.id]


def test_only_the_towns_asked_for_have_a_demand(session: Session, town: Town) -> None:
    other = given.town(session)
    ours, theirs = served(session, town, 480), served(session, other, 480)
    assert [demand.elder_id for demand in week_demand(session, WEEK)] == [ours.id, theirs.id]
    assert [demand.elder_id for demand in week_demand(session, WEEK, [other.id])] == [theirs.id]


def test_binding_windows_and_holidays_bound_the_eligible_days(session: Session, town: Town) -> None:
    binding = {"weekday": 3, "opens": 480, "closes": 660, "wished": False}
    wished = {"weekday": 0, "opens": 480, "closes": 660, "wished": True}
    thursdays = served(session, town, 480, windows=[binding, wished])
    wishing = served(session, town, 480, windows=[wished])
    open_on_holidays = served(session, town, 480, holidays_open=True)
    given.special_day(session, MONDAY)
    found = {demand.elder_id: demand.eligible_days for demand in week_demand(session, WEEK)}
    assert found[thursdays.id] == {date(2026, 11, 12)}
    assert found[wishing.id] == set(WEEK.days) - {MONDAY}
    assert found[open_on_holidays.id] == set(WEEK.days)


def test_publishing_again_replaces_what_is_planned_and_leaves_what_is_recorded(session: Session, town: Town) -> None:
    elder = served(session, town, 480)
    first = [("a", elder.id, MONDAY, 60), ("b", elder.id, WEEK.days[2], 60)]
    assert book_week(session, WEEK, [town.id], first) == BookedWeek(2, 120, 0)
    record_outcome(session, BOSS, "a", BookingState.DELIVERED, 50)
    again = [("a", elder.id, WEEK.days[1], 60), ("c", elder.id, WEEK.days[4], 60)]
    assert book_week(session, WEEK, None, again, today=MONDAY) == BookedWeek(1, 60, 1)
    rows = session.scalars(select(Booking).order_by(Booking.visit_key)).all()
    assert [(row.visit_key, row.day, row.minutes, row.planned_minutes, row.state) for row in rows] == [
        ("a", MONDAY, 50, 60, "delivered"),
        ("c", WEEK.days[4], 60, 60, "planned"),
    ]


def test_what_was_planned_on_a_day_that_is_gone_stays_booked(session: Session, town: Town) -> None:
    elder = served(session, town, 480)
    first = [(key, elder.id, WEEK.days[n], 60) for n, key in enumerate("abc")]
    book_week(session, WEEK, None, first, today=MONDAY)
    again = [("b", elder.id, WEEK.days[5], 60), ("d", elder.id, WEEK.days[6], 60)]
    assert book_week(session, WEEK, None, again, today=WEEK.days[2]) == BookedWeek(2, 120, 1)
    rows = session.scalars(select(Booking).order_by(Booking.visit_key)).all()
    assert [(row.visit_key, row.day) for row in rows] == [
        ("a", MONDAY),
        ("b", WEEK.days[5]),
        ("d", WEEK.days[6]),
    ]


def test_another_towns_bookings_are_left_alone(session: Session, town: Town) -> None:
    other = given.town(session)
    theirs = served(session, other)
    book_week(session, WEEK, None, [("theirs", theirs.id, MONDAY, 60)])
    assert book_week(session, WEEK, [town.id], []) == BookedWeek(0, 0, 0)
    assert session.scalar(select(func.count()).select_from(Booking)) == 1
    with pytest.raises(Conflict, match="not of these towns"):
        book_week(session, WEEK, [town.id], [("x", theirs.id, MONDAY, 60)])


def test_a_month_may_be_full_and_not_fuller(session: Session, town: Town) -> None:
    elder = served(session, town)
    full = [(f"k{n}", elder.id, WEEK.days[n], 60) for n in range(4)]
    book_week(session, WEEK, None, full)
    for too_much in ([*full, ("k5", elder.id, WEEK.days[5], 1)], [*full[:3], ("k4", elder.id, WEEK.days[3], 61)]):
        with pytest.raises(Conflict, match="allowance of 1 elder") as refused:
            book_week(session, WEEK, None, too_much)
        assert refused.value.extra == {"elder_ids": [elder.id]}
    with pytest.raises(Conflict):
        book_week(session, WEEK.next(), None, [("later", elder.id, WEEK.end, 1)])
    record_outcome(session, BOSS, "k0", BookingState.MISSED)
    book_week(session, WEEK.next(), None, [("later", elder.id, WEEK.end, 60)])


@pytest.mark.parametrize(
    ("visit", "error"),
    [
        (("a", date(2026, 11, 8), 60), InvalidInput),
        (("a", date(2026, 11, 16), 60), InvalidInput),
        (("a", MONDAY, 0), InvalidInput),
        (("there", MONDAY, 60), Conflict),
    ],
)
def test_what_does_not_belong_to_the_week_is_refused(
    session: Session, town: Town, visit: tuple[str, date, int], error: type[Exception]
) -> None:
    elder = served(session, town, 480)
    book_week(session, WEEK.next(), None, [("there", elder.id, WEEK.end, 60)])
    key, day, minutes = visit
    with pytest.raises(error):
        book_week(session, WEEK, None, [(key, elder.id, day, minutes)])
    with pytest.raises(Conflict, match="twice"):
        book_week(session, WEEK, None, [("b", elder.id, MONDAY, 60), ("b", elder.id, MONDAY, 60)])


def test_outcomes_have_bounds_and_may_be_corrected(session: Session, town: Town) -> None:
    elder = served(session, town, 480)
    book_week(session, WEEK, None, [("a", elder.id, MONDAY, 60)])
    for minutes in (-1, 61):
        with pytest.raises(InvalidInput):
            record_outcome(session, BOSS, "a", BookingState.DELIVERED, minutes)
    with pytest.raises(InvalidInput):
        record_outcome(session, BOSS, "a", BookingState.PLANNED)
    with pytest.raises(Conflict, match="yet to come"):
        record_outcome(session, BOSS, "a", BookingState.DELIVERED, today=date(2026, 11, 8))
    assert record_outcome(session, BOSS, "a", BookingState.DELIVERED, 0, today=MONDAY).minutes == 0
    assert record_outcome(session, BOSS, "a", BookingState.MISSED, reason="停电").minutes == 60
    corrected = record_outcome(session, BOSS, "a", BookingState.DELIVERED, 60)
    assert (corrected.minutes, corrected.state, corrected.recorded_by) == (60, "delivered", 1)
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 3


def test_another_towns_visit_is_not_there(session: Session, town: Town) -> None:
    elder = served(session, town, 480)
    book_week(session, WEEK, None, [("a", elder.id, MONDAY, 60)])
    stranger = Actor(2, Role.DISPATCHER, frozenset({town.id + 1}))
    with pytest.raises(NotFound):
        record_outcome(session, stranger, "a", BookingState.MISSED)
    with pytest.raises(NotFound):
        record_outcome(session, BOSS, "nothing", BookingState.MISSED)


def test_weeks_published_in_a_town_are_not_waited_for(session: Session, town: Town) -> None:
    lucky, unlucky = served(session, town, 480), served(session, town, 480)
    earlier = [Week.parse("2026-W44"), Week.parse("2026-W45")]
    for week in earlier:
        mine = [visit for visit in to_book(week_demand(session, week, [town.id])) if visit[1] == lucky.id]
        book_week(session, week, [town.id], [v for v in mine if v[2].month == 11])
    demands = {demand.elder_id: demand for demand in week_demand(session, WEEK, [town.id])}
    assert demands[lucky.id].minutes_behind == 0
    assert demands[unlucky.id].minutes_behind > 0
    assert len(demands[unlucky.id].visits) > len(demands[lucky.id].visits)


def test_a_week_is_settled_when_published_or_over_since_the_first(session: Session, town: Town) -> None:
    someone = served(session, town, 480)
    book_week(session, WEEK, None, [("a", someone.id, MONDAY, 60)])
    first, end = date(2026, 10, 1), date(2026, 12, 31)

    def settled(today: date | None) -> list[str]:
        _, around = read_facts(session, first, end, today=today)
        return sorted(map(str, around.settled.get(town.id, frozenset())))

    assert settled(None) == ["2026-W46"]
    assert settled(date(2026, 11, 29)) == ["2026-W46", "2026-W47"]
    assert settled(date(2026, 11, 30)) == ["2026-W46", "2026-W47", "2026-W48"]
    for _ in range(20):
        given.elder(session, town)
    assert settled(date(2026, 11, 30)) == []  # one of 21 has a booking: she may have moved in


def test_a_month_counts_as_served_from_its_beginning_only(session: Session, town: Town) -> None:
    someone = served(session, town, 480)
    for day, served_then in ((date(2026, 11, 11), False), (date(2026, 11, 10), True)):
        session.add(Booking(visit_key=str(day), elder_id=someone.id, day=day, minutes=60))
        session.flush()
        (demand,) = week_demand(session, Week.parse("2026-W50"))
        assert demand.short_before is served_then
