"""The month's model at work: each town's visits laid over the weeks that are open, even against its caregivers.

A town is a model of its own: what one town is asked for depends on no other, whoever asks. A published week keeps the
visits that it has, unless it can bear them no longer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.core.weeks import Month, Week
from app.entitlements.allowance import weeks_of
from app.entitlements.facts import PlanPeriod, Surroundings
from app.entitlements.quota import Remaining
from solver.month.spread import Ask, spread

MISSED_SHARE = 0.05
"""Of the visits, how many are likely to be missed and made up later in the month (the simulation's share)."""


@dataclass(frozen=True, slots=True)
class OwnMonth:
    """What one month still owes one elder, as seen from a week of it."""

    elder_id: int
    town_id: int
    month: Month
    left_minutes: int  # that no booking outside the week, and nothing done in it, has used up
    visits: tuple[int, ...] = ()  # these minutes, cut by her plan
    plan: PlanPeriod | None = None  # None: nothing is left, or there is nothing to plan by
    remaining: Remaining | None = None
    here: int = 0  # the week's position in the month
    promised: int = 0  # visits published in the week that are yet to come

    @property
    def load(self) -> int:
        """Return what one of her visits takes of the caregivers' minutes."""
        return self.plan.visit_minutes * self.plan.hands if self.plan else 0


def laid_over_weeks(
    months: Iterable[OwnMonth], around: Surroundings, week: Week, today: date | None = None
) -> dict[tuple[int, Month], int]:
    """Return (elder, month) -> the visits that fall into a week.

    Parameters
    ----------
    months
        As seen from that week.
    today
        Days of the week before it take no more visits.
    """
    found: dict[tuple[int, Month], int] = {}
    for asked in _towns(months):
        month, here = asked[0].month, asked[0].here
        laid = month_laid(asked, around, week, today)
        for own in asked:
            assert own.remaining is not None
            found[own.elder_id, month] = laid[own.elder_id][own.remaining.weeks.index(here)]
    return found


def month_laid(
    months: Sequence[OwnMonth], around: Surroundings, week: Week, today: date | None = None
) -> dict[int, tuple[int, ...]]:
    """Return elder -> the visits in each open week, of one town's elders in one month."""
    still = months[0].remaining
    assert still is not None
    slots = weeks_of(months[0].month)
    capacity = []
    for i in still.weeks:
        of_week, days = slots[i]
        usable = [day for day in days if of_week != week or today is None or day >= today]
        capacity.append(around.town_load(months[0].town_id, usable))
    capacity = [minutes * kept for minutes, kept in zip(capacity, _kept_for_made_up(len(capacity)), strict=True)]
    asks = [
        Ask(
            id=f"{own.elder_id:020d}",  # the same order as the numbers
            minutes=own.load,
            wished=own.remaining.wished,
            most=own.remaining.most,
            by_then=own.remaining.by_then,
            promised=tuple(own.promised if i == own.here else 0 for i in own.remaining.weeks),
        )
        for own in months
        if own.remaining is not None
    ]
    return {int(name): visits for name, visits in spread(asks, capacity).items()}


def _kept_for_made_up(n_weeks: int) -> list[float]:
    """Return what part of each week to fill now, so that the weeks are even when missed visits are made up in them.

    What is missed in a week is spread over those that follow: the last week takes most.
    """
    kept, coming = [], 0.0
    for later in range(n_weeks - 1, -1, -1):
        kept.append(1 - MISSED_SHARE * coming)
        coming += 1 / max(1, later)
    return kept


def _towns(months: Iterable[OwnMonth]) -> list[list[OwnMonth]]:
    """Return those who are owed something, town by town and month by month."""
    found: defaultdict[tuple[int, Month], list[OwnMonth]] = defaultdict(list)
    for own in months:
        if own.remaining is not None:
            found[own.town_id, own.month].append(own)
    return [found[key] for key in sorted(found)]
