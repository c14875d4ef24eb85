"""What one elder may have in one month: boundaries of every policy."""

from datetime import date, timedelta

import pytest

from app.core.weeks import Month
from app.entitlements.allowance import Away, EntitlementPolicy, GrantPeriod, OnRoster, allowance, split

NOVEMBER = Month(2026, 11)  # 30 days
BORN = date(1930, 1, 1)
ROSTER = OnRoster(BORN, date(2026, 1, 1), None)
FOUR = GrantPeriod(date(2026, 1, 1), None, 240)
EIGHT = GrantPeriod(date(2026, 1, 1), None, 480)
POLICY = EntitlementPolicy()


def due(
    roster: OnRoster = ROSTER,
    grants: tuple[GrantPeriod, ...] = (FOUR,),
    stays: tuple[Away, ...] = (),
    visit: int | None = 60,
    month: Month = NOVEMBER,
) -> tuple[int, int]:
    found = allowance(month, roster, grants, stays, visit, POLICY)
    assert found.due == found.granted - found.excused
    return found.granted, found.excused


@pytest.mark.parametrize("month", [Month(2026, n) for n in range(2, 13)] + [Month(2028, 2)])
@pytest.mark.parametrize("visit", [30, 45, 60, 90, 110, 120, 240, None])
def test_a_whole_month_is_exactly_the_grant(month: Month, visit: int | None) -> None:
    assert due(visit=visit, month=month) == (240, 0)
    assert due(grants=(EIGHT,), visit=visit, month=month) == (480, 0)


@pytest.mark.parametrize(
    ("joined", "visit", "expected"),
    [
        (date(2026, 11, 2), 60, 240),  # 29 of 30 days: 3.87 visits
        (date(2026, 11, 16), 60, 120),
        (date(2026, 11, 16), 120, 120),
        (date(2026, 11, 23), 60, 60),  # 8 days: 64 minutes
        (date(2026, 11, 27), 60, 60),  # 4 days: 32 minutes
        (date(2026, 11, 28), 60, 0),  # 3 days: 24 minutes
        (date(2026, 11, 23), 120, 120),  # 64 of 120, half up
        (date(2026, 11, 24), 120, 0),  # 56 of 120
        (date(2026, 12, 1), 60, 0),
    ],
)
def test_who_joins_in_mid_month_has_her_days_share(joined: date, visit: int, expected: int) -> None:
    assert due(OnRoster(BORN, joined, None), visit=visit) == (expected, 0)


def test_exactly_half_a_visit_is_rounded_up() -> None:
    eight_and_a_half = OnRoster(BORN, date(2026, 1, 1), date(2026, 11, 16))  # 15 of 30 days of 480: 240 of 480
    assert due(eight_and_a_half, (EIGHT,), visit=160) == (320, 0)


def test_the_share_is_never_above_the_grant() -> None:
    assert due(OnRoster(BORN, date(2026, 11, 2), None), visit=95) == (240, 0)  # 232: nearer to 240 than to 190
    assert due(OnRoster(BORN, date(2026, 11, 4), None), visit=95) == (240, 0)  # 216
    assert due(OnRoster(BORN, date(2026, 11, 5), None), visit=95) == (190, 0)  # 208


def test_the_day_of_leaving_is_not_hers_and_the_birthday_is() -> None:
    assert due(OnRoster(BORN, date(2026, 1, 1), date(2026, 11, 1))) == (0, 0)
    assert due(OnRoster(BORN, date(2026, 1, 1), date(2026, 11, 5))) == (60, 0)
    ninety = OnRoster(date(1936, 11, 16), date(2026, 1, 1), None)
    assert due(ninety) == (120, 0)
    assert not ninety.holds(date(2026, 11, 15))
    assert ninety.holds(date(2026, 11, 16))


def test_born_on_a_leap_day_is_ninety_on_the_first_of_march() -> None:
    leap = OnRoster(date(1936, 2, 29), date(2020, 1, 1), None)
    assert not leap.holds(date(2026, 2, 28))
    assert leap.holds(date(2026, 3, 1))


def test_a_change_of_grade_in_mid_month_is_a_change_of_the_daily_share() -> None:
    before = GrantPeriod(date(2026, 1, 1), date(2026, 11, 16), 240)
    after = GrantPeriod(date(2026, 11, 16), None, 480)
    assert due(grants=(before, after)) == (360, 0)
    assert due(grants=(after, before)) == (360, 0)
    assert due(grants=(before, GrantPeriod(date(2026, 11, 16), None, 240))) == (240, 0)


def test_a_month_without_a_grant_is_nothing_and_says_so() -> None:
    found = allowance(NOVEMBER, ROSTER, (), (), 60, POLICY)
    assert (found.granted, found.no_grant_days) == (0, 30)
    until = GrantPeriod(date(2026, 1, 1), date(2026, 11, 16), 240)
    assert allowance(NOVEMBER, ROSTER, (until,), (), 60, POLICY).no_grant_days == 15


def test_days_in_an_institution_are_not_hers() -> None:
    assert due(stays=(Away("institution", date(2026, 11, 16), None),)) == (120, 0)
    assert due(stays=(Away("institution", date(2026, 10, 16), date(2026, 11, 16)),)) == (120, 0)


@pytest.mark.parametrize(("days", "excused"), [(14, 0), (15, 120)])
def test_a_hospital_stay_is_excused_only_beyond_the_policy(days: int, excused: int) -> None:
    stay = Away("hospital", date(2026, 11, 3), date(2026, 11, 3) + timedelta(days=days))
    assert due(stays=(stay,)) == (240, excused)


def test_a_stay_without_an_end_is_excused_once_it_cannot_be_short() -> None:
    since = Away("hospital", date(2026, 11, 17), None)  # 14 days until the month's end
    assert due(stays=(since,)) == (240, 0)
    assert due(stays=(since,), month=NOVEMBER.next()) == (240, 240)
    assert due(stays=(Away("hospital", date(2026, 11, 16), None),)) == (240, 120)


@pytest.mark.parametrize(
    ("minutes", "visit", "expected"),
    [
        (240, 60, (60, 60, 60, 60)),
        (240, 90, (90, 90, 60)),
        (239, 60, (60, 60, 60, 59)),
        (210, 60, (60, 60, 60, 30)),
        (209, 60, (60, 60, 89)),
        (29, 60, (29,)),
        (0, 60, ()),
    ],
)
def test_a_rest_under_half_an_hour_is_joined_to_another_visit(
    minutes: int, visit: int, expected: tuple[int, ...]
) -> None:
    assert split(minutes, visit) == expected
