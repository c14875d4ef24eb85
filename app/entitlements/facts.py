"""What is known of one elder's months: plain values out of the rows, and on which days she can be visited."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.core.weeks import Month, Week
from app.entitlements.allowance import Allowance, Away, EntitlementPolicy, GrantPeriod, OnRoster, allowance, days_of
from app.entitlements.models import BookingState

EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class PlanPeriod:
    """A care plan from a day on, until the next one begins."""

    valid_from: date
    visit_minutes: int
    min_days_between: int = 1
    weekdays: frozenset[int] = EVERY_DAY  # with a binding window; 0 is Monday
    holidays_open: bool = False
    hands: int = 1


@dataclass(frozen=True, slots=True)
class Booked:
    """One booked visit."""

    key: str
    day: date
    minutes: int
    state: str

    def uses_up(self, policy: EntitlementPolicy) -> bool:
        """Say whether its minutes are taken off the month."""
        return self.state != BookingState.MISSED or not policy.make_up_undelivered

    @property
    def occupies(self) -> bool:
        """Say whether its day counts when days between visits are counted."""
        return self.state in (BookingState.PLANNED, BookingState.DELIVERED)


@dataclass(frozen=True, slots=True)
class ElderFacts:
    """One elder: her roster days, decisions, absences, plans (by first day) and bookings (by day and key)."""

    elder_id: int
    town_id: int
    centre_id: int | None
    roster: OnRoster
    grants: tuple[GrantPeriod, ...] = ()
    stays: tuple[Away, ...] = ()
    plans: tuple[PlanPeriod, ...] = ()
    bookings: tuple[Booked, ...] = ()

    def plan_on(self, day: date) -> PlanPeriod | None:
        """Return the care plan that holds on a day."""
        for plan in reversed(self.plans):
            if plan.valid_from <= day:
                return plan
        return None

    def entitled(self, day: date) -> bool:
        """Say whether she is on the roster and under a grant, wherever she is."""
        return self.roster.holds(day) and any(grant.holds(day) for grant in self.grants)

    def visitable_days(self, days: Sequence[date], closed: Collection[date]) -> tuple[date, ...]:
        """Return those days on which she may be visited: entitled, at home, open, and within her windows."""
        first, ended = self.roster.first_on, self.roster.ended_on
        return tuple(
            day
            for day in days
            if first <= day and (ended is None or day < ended)
            if (plan := self.plan_on(day)) is not None
            if day.weekday() in plan.weekdays and (day not in closed or plan.holidays_open)
            if any(grant.holds(day) for grant in self.grants) and not any(stay.holds(day) for stay in self.stays)
        )

    def allowance_in(self, month: Month, policy: EntitlementPolicy) -> Allowance:
        """Return what she may have in a month, rounded by the plan of her last day in it."""
        last = next((day for day in reversed(days_of(month)) if self.entitled(day)), month.last)
        plan = self.plan_on(last) or (self.plans[0] if self.plans else None)
        return allowance(month, self.roster, self.grants, self.stays, plan.visit_minutes if plan else None, policy)

    def bookings_in(self, month: Month) -> tuple[Booked, ...]:
        """Return the bookings on a month's days."""
        return tuple(booked for booked in self.bookings if month.first <= booked.day < month.end)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the elders share: closed days, the weeks that are settled in each town, and what caregivers can give."""

    closed: frozenset[date] = frozenset()
    # Weeks whose bookings say all that will come of them: published, or over.
    settled: Mapping[int, frozenset[Week]] = field(default_factory=dict)
    live_months: Mapping[int, frozenset[Month]] = field(default_factory=dict)  # town -> months with any booking
    capacity: Mapping[date, float] | None = None  # caregivers' minutes at work; None: the same every open day
    town_capacity: Mapping[int, Mapping[date, float]] = field(default_factory=dict)  # of each town's own caregivers

    def load(self, days: Sequence[date]) -> float:
        """Return how much some days should bear, in proportion to others."""
        if self.capacity is None:
            return float(len(days))
        return sum(self.capacity.get(day, 0.0) for day in days)

    def staffed(self, days: Sequence[date]) -> tuple[date, ...]:
        """Return the days on which anybody is at work."""
        return tuple(day for day in days if self.capacity is None or self.capacity.get(day, 0.0) > 0)

    def town_load(self, town_id: int, days: Sequence[date]) -> float:
        """Return how much some days should bear of a town's visits; a town without caregivers is the city's."""
        own = self.town_capacity.get(town_id)
        if own is None:
            return self.load([day for day in days if day not in self.closed])
        return sum(own.get(day, 0.0) for day in days)
