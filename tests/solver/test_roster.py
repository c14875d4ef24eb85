"""The roster of a plan without one visit is the roster of the plan that lacks it."""

from dataclasses import replace

from solver.roster import Roster
from solver.week import Week
from tests.solver import given


def test_a_roster_without_a_visit_is_that_of_the_plan_without_it() -> None:
    need = given.need(given.visit("v"), given.visit("w"))
    mae = given.need(given.visit("x", hands=2), id="mae", place="next")
    problem = given.problem(need, mae, caregivers=(given.caregiver("ann"), given.caregiver("bea")))
    plan = given.plan(given.placed("v", 0), given.placed("w", 2), given.placed("x", 0, "11:00", "ann", "bea"))
    week = Week(problem)
    for visit in ("v", "w", "x", "ghost"):
        whole = Roster(week, plan)
        before = [whole.routes(caregiver) for caregiver in week.caregivers]
        found = whole.without(visit)
        expected = Roster(week, replace(plan, visits=tuple(each for each in plan.visits if each.visit != visit)))
        assert found.plan == expected.plan
        for caregiver in week.caregivers:
            assert found.routes(caregiver) == expected.routes(caregiver)
            assert found.working_minutes(caregiver) == expected.working_minutes(caregiver)
            assert found.route(caregiver, 0) == expected.route(caregiver, 0)
        assert [found.stops_of_need(each) for each in week.needs] == [
            expected.stops_of_need(each) for each in week.needs
        ]
        assert found.stops_of_visit(visit) == []
        assert [whole.routes(caregiver) for caregiver in week.caregivers] == before
