"""Meal break: a day that spans the meal time leaves room for the meal between two visits.

A day spans it if she leaves her base at or before ``meal_opens`` and is back at or after
``meal_closes``. The meal lies in one piece before the trip to the next visit or after it, inside
``[meal_opens, meal_closes)``. ``found``: the longest such piece; ``expected``: the meal, at least.
"""

from collections.abc import Iterator

from solver.judge.case import Case, Violation
from solver.problem import Minutes, Policy
from solver.roster import Route

RULE = "meal_break"


def check(case: Case) -> Iterator[Violation]:
    """Yield each day without a meal that should have one."""
    policy = case.week.policy
    if policy.meal_minutes == 0:
        return
    for route in case.routes():
        if route.leaves <= policy.meal_opens and route.returns >= policy.meal_closes:
            longest = _longest_pause(route, policy)
            if longest < policy.meal_minutes:
                yield Violation(
                    rule=RULE,
                    caregiver=route.caregiver.id,
                    day=route.day,
                    found=longest,
                    expected=policy.meal_minutes,
                )


def _longest_pause(route: Route, policy: Policy) -> Minutes:
    """Return the most minutes in a row, between two visits and inside the meal time, without travel."""
    longest = 0
    for i in range(1, len(route.stops)):
        ended, begins, trip = route.stops[i - 1].end, route.stops[i].start, route.legs[i]
        before_trip = min(begins - trip, policy.meal_closes) - max(ended, policy.meal_opens)
        on_arrival = min(begins, policy.meal_closes) - max(ended + trip, policy.meal_opens)
        longest = max(longest, before_trip, on_arrival)
    return longest
