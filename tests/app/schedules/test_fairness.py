"""Distributions over elders and caregivers: counted by town, added, cut into deciles, shown by scope."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.core.weeks import Month
from app.entitlements.allowance import EntitlementPolicy
from app.entitlements.loading import Scope, read_elders
from app.entitlements.models import Booking
from app.schedules.fairness import added, distribution, fairness_of, stored_in
from app.schedules.figures import figures_of, summed
from solver.roster import Roster
from solver.week import Week as Index
from tests.app.conftest import SignInAs
from tests.app.schedules.conftest import WEEK, Api, SmallCity
from tests.solver import given


def test_deciles_are_values_that_so_many_do_not_exceed() -> None:
    found = distribution({"10": 5, "0": 1, "100": 4})
    assert found is not None
    assert (found.people, found.mean) == (10, 45.0)
    assert found.deciles == (0, 0, 10, 10, 10, 10, 10, 100, 100, 100, 100)
    assert distribution({}) is None
    one = distribution({"7": 1})
    assert one is not None
    assert one.deciles == (7,) * 11


@pytest.mark.parametrize(("people", "expected"), [(10, 1), (11, 2), (20, 2)])
def test_a_decile_of_some_people(people: int, expected: int) -> None:
    found = distribution({str(value): 1 for value in range(1, people + 1)})
    assert found is not None
    assert found.deciles[1] == expected
    assert (found.deciles[0], found.deciles[10]) == (1, people)


def test_elders_and_caregivers_are_counted() -> None:
    wished = given.windows("8:00", "10:00", days=[0])
    problem = given.problem(
        given.need(
            given.visit("a", wished=wished),
            given.visit("b", wished=wished),
            given.visit("c"),
            usual={"ann": 1.0},
            minutes_behind=60,
            short_before=True,
        ),
        given.need(given.visit("d"), id="ida", town="south", min_days_between=0),
        given.need(given.visit("e", windows=given.windows(days=[0])), id="done-9"),
        caregivers=(given.caregiver(), given.caregiver("bob", town="south", contract_minutes=0)),
    )
    plan = given.plan(
        given.placed("a", 0, "9:59"),
        given.placed("b", 5, "9:00", "bob"),
        given.placed("d", 6, "9:00", "bob"),
        given.placed("e", 0, "12:00"),
    )
    index = Index(problem)
    found = fairness_of(index, Roster(index, plan))
    assert found["north"] == {
        "served_percent": {"67": 1},
        "minutes_behind": {"60": 1},
        "wished_percent": {"50": 1},
        "usual_percent": {"50": 1},
        "short_before": {"1": 1},
        "short_again": {"1": 1},
        "weekend_days": {"0": 1},
        "travel_minutes": {"20": 1},
        "load_percent": {"6": 1},  # 120 minutes of visits and 20 of travel, of 2400
    }
    assert found["south"]["weekend_days"] == {"2": 1}
    assert "load_percent" not in found["south"]
    assert "usual_percent" not in found["south"]
    assert "short_before" not in found["south"]
    stored = figures_of(index, plan)
    assert stored_in(stored, None) == added(found["north"], found["south"]) == summed(stored, None).fairness


def test_whose_month_was_short_and_who_is_served_is_not_short_again() -> None:
    problem = given.problem(given.need(given.visit("a"), short_before=True))
    index = Index(problem)
    found = fairness_of(index, Roster(index, given.plan(given.placed("a", 0, "9:00"))))["north"]
    assert found["short_before"] == {"1": 1}
    assert "short_again" not in found


def test_figures_stored_before_have_no_counts() -> None:
    assert stored_in({"towns": {"1": {"visits_due": 3}}}, None) == {}
    assert stored_in({}, None) == {}
    assert summed({"towns": {"1": {"visits_due": 3}}}, None).fairness == {}


def test_a_schedule_shows_the_fairness_of_your_towns(
    dispatcher: Api, city: SmallCity, client: TestClient, sign_in_as: SignInAs
) -> None:
    asked = dispatcher.ask()
    path = f"/api/v1/schedules/{asked['id']}/fairness"
    city_wide = sign_in_as(Role.AUDITOR)
    before = client.get(path, headers=city_wide).json()
    assert before["elders"]["served_percent"] is None
    assert before["elders"]["month_percent"]["people"] == 24
    draft = dispatcher.computed(asked["id"])
    found = client.get(path, headers=city_wide).json()
    assert found["week"] == draft["week"]
    assert found["elders"]["served_percent"] == {
        "people": draft["figures"]["elders_due"],
        "mean": 100.0,
        "deciles": [100] * 11,
    }
    assert found["caregivers"]["load_percent"]["people"] == 8
    assert found["caregivers"]["travel_minutes"]["mean"] > 0
    assert (found["elders"]["short_before"], found["elders"]["short_again"]) == (0, 0)
    ours = client.get(path, headers=sign_in_as(Role.DISPATCHER, city.towns[:1])).json()
    assert ours["caregivers"]["load_percent"]["people"] == 4
    assert ours["elders"]["month_percent"]["people"] == 12
    dispatcher.publish(draft)
    after = client.get(path, headers=city_wide).json()["elders"]["month_percent"]
    assert after["mean"] > found["elders"]["month_percent"]["mean"] == 0


@pytest.mark.parametrize(("had", "short"), [(240, 0), (239, 1)])
def test_who_ended_the_month_before_short_is_known_to_the_solver(
    dispatcher: Api, city: SmallCity, session: Session, had: int, short: int
) -> None:
    before = Month.of(WEEK.monday).previous()
    due = {elder.elder_id: elder for elder in read_elders(session, before.first, WEEK.end, Scope())}
    for elder in city.elders[0]:
        minutes = due[elder].allowance_in(before, EntitlementPolicy()).due
        if elder == city.elders[0][1]:
            assert minutes == 240
            minutes = had
        key = f"{elder}-{before}-1"
        session.add(Booking(visit_key=key, elder_id=elder, day=before.first, minutes=minutes, state="delivered"))
    session.commit()
    draft = dispatcher.draft()
    found = dispatcher.call("GET", f"/{draft['id']}/fairness").json()["elders"]
    assert found["served_percent"]["people"] == draft["figures"]["elders_due"]
    assert (found["short_before"], found["short_again"]) == (short, 0)
