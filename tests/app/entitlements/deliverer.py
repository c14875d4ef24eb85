"""Plays months week by week with plain values: asks for the demand, chooses days, books, misses some."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.core.weeks import Week
from app.entitlements.allowance import EntitlementPolicy
from app.entitlements.demand import DemandVisit, elder_demand
from app.entitlements.facts import Booked, ElderFacts, PlanPeriod, Surroundings
from app.entitlements.holidays import closed_days

POLICY = EntitlementPolicy()


def weeks_of(first: date, end: date) -> list[Week]:
    """Return the weeks that touch a half-open span."""
    n = (Week.of(end - timedelta(days=1)).monday - Week.of(first).monday).days // 7 + 1
    return [Week(Week.of(first).monday + timedelta(days=7 * i)) for i in range(n)]


def choose_days(visits: Sequence[DemandVisit], spacing: int, taken: Sequence[date], rng: random.Random) -> list[date]:
    """Return a day for each visit, at random among the combinations that keep the spacing.

    Raises
    ------
    LookupError
        If there is none: the demand asked for what can't be done.
    """
    options = [sorted(visit.days) for visit in visits]
    for days in options:
        rng.shuffle(days)

    def place(i: int, chosen: list[date]) -> list[date] | None:
        if i == len(options):
            return chosen
        for day in options[i]:
            if all(abs((day - other).days) >= spacing for other in itertools.chain(chosen, taken)):
                found = place(i + 1, [*chosen, day])
                if found is not None:
                    return found
        return None

    found = place(0, [])
    if found is None:
        raise LookupError(f"no days for {visits} beside {taken}")
    return found


def play(
    elder: ElderFacts,
    first: date,
    end: date,
    rng: random.Random,
    *,
    missed: Callable[[date], bool] = lambda _day: False,
    policy: EntitlementPolicy = POLICY,
    special: dict[date, str] | None = None,
) -> ElderFacts:
    """Return the elder with the bookings of all weeks of the span."""
    closed = closed_days(first - timedelta(days=70), end + timedelta(days=70), special or {})
    weeks = weeks_of(first, end)
    for week in weeks:
        over = weeks_of(first - timedelta(days=60), week.monday)
        around = Surroundings(closed, {elder.town_id: frozenset(over)})
        demand = elder_demand(elder, week, around, policy)
        plan = next((plan for day in week.days if (plan := elder.plan_on(day))), PlanPeriod(first, 60))
        days = choose_days(demand.visits, plan.min_days_between, demand.occupied_days, rng)
        booked = tuple(
            Booked(visit.key, day, visit.minutes, "missed" if missed(day) else "delivered")
            for visit, day in zip(demand.visits, days, strict=True)
        )
        bookings = sorted((*elder.bookings, *booked), key=lambda b: (b.day, b.key))
        elder = replace(elder, bookings=tuple(bookings))
    return elder
