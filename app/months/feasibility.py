"""Who cannot reach her hours of a month, and why: the solver's proofs, and what is to be expected beyond them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.core.weeks import Month, Week
from app.months.reading import MonthRead, WeekLoad
from solver.month.promise import DAYS_IN_WEEK, Bottleneck, Obstacle, Promise, Reach
from solver.month.reach import count, reach


class Cause(StrEnum):
    """Why hours of an elder can't be given; all but the last are proved, the last is to be expected."""

    NO_CARE_PLAN = "no_care_plan"
    NOT_MADE_UP = "missed_not_made_up"
    OWN_DAYS = "own_days"
    NO_CAREGIVER = "no_caregiver"
    HOURS_SHORT = "hours_short"
    HOURS_LIKELY_SHORT = "hours_likely_short"

    @property
    def proved(self) -> bool:
        """Whether no plan can give these hours."""
        return self is not Cause.HOURS_LIKELY_SHORT


_CAUSES = {
    Obstacle.OWN_DAYS: Cause.OWN_DAYS,
    Obstacle.NO_CAREGIVER: Cause.NO_CAREGIVER,
    Obstacle.COMPETITION: Cause.HOURS_SHORT,
}


@dataclass(frozen=True, slots=True)
class Missing:
    """Minutes of one elder that can't be given, for one cause."""

    cause: Cause
    minutes: int
    contest: int | None = None  # its number in the statement


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """One elder who can't reach her hours."""

    elder_id: int
    town_id: int
    owed: int  # minutes that are not delivered yet
    missing: tuple[Missing, ...]
    ledger_reasons: tuple[str, ...]  # codes of the ledger, which tell more of her own days
    skills: tuple[str, ...] = ()  # that her visits ask for
    gender: str | None = None  # that she requires
    hands: int = 1

    @property
    def minutes(self) -> int:
        """Return what she can't be given, proved and expected."""
        return sum(each.minutes for each in self.missing)

    @property
    def proved(self) -> bool:
        """Whether any of it is proved."""
        return any(each.cause.proved for each in self.missing)


@dataclass(frozen=True, slots=True)
class Contest:
    """Elders who need more of the same caregivers than these have: the certificate, in people and weeks."""

    number: int
    proved: bool
    elder_ids: frozenset[int]
    skills: tuple[str, ...]  # that all of them ask for
    gender: str | None  # that all of them require
    weeks: tuple[Week, ...]
    needed: int  # caregivers' minutes
    possible: int

    @property
    def missing(self) -> int:
        """Return the caregivers' minutes that are not there."""
        return self.needed - self.possible


@dataclass(frozen=True, slots=True)
class Statement:
    """A month as seen from a day."""

    month: Month
    today: date
    elders: Mapping[int, int]  # elder -> town, of all on the roster
    out_of_reach: tuple[OutOfReach, ...]  # by id
    contests: tuple[Contest, ...]
    weeks: Mapping[int, tuple[WeekLoad, ...]]  # by town
    care_share: float

    def within(self, town_ids: Iterable[int] | None) -> "Statement":
        """Return what it says of some towns (None: of all); a contest keeps its elders of other towns."""
        if town_ids is None:
            return self
        towns = frozenset(town_ids)
        elders = {elder: town for elder, town in self.elders.items() if town in towns}
        return Statement(
            month=self.month,
            today=self.today,
            elders=elders,
            out_of_reach=tuple(each for each in self.out_of_reach if each.town_id in towns),
            contests=tuple(each for each in self.contests if each.elder_ids & elders.keys()),
            weeks={town: weeks for town, weeks in self.weeks.items() if town in towns},
            care_share=self.care_share,
        )

    def by_cause(self) -> dict[Cause, tuple[int, int]]:
        """Return cause -> elders and minutes, in the order of causes."""
        elders: Counter[Cause] = Counter()
        minutes: Counter[Cause] = Counter()
        for each in self.out_of_reach:
            elders.update({missing.cause for missing in each.missing})
            for missing in each.missing:
                minutes[missing.cause] += missing.minutes
        return {cause: (elders[cause], minutes[cause]) for cause in Cause if elders[cause]}


def state_month(read: MonthRead) -> Statement:
    """Return what can't be reached any more, and what probably won't be."""
    counted = count(read.promises, read.carers)
    proved = reach(read.promises, read.carers, counted=counted)
    rest = counted.without(proved.shortfalls)
    expected = reach(read.promises, read.carers, counted=rest, care_share=read.care_share)
    found: dict[int, list[Missing]] = {}
    for elder, minutes in read.unplannable.items():
        found.setdefault(elder, []).append(Missing(Cause.NO_CARE_PLAN, minutes))
    for line in read.lines.values():
        if "missed_not_made_up" in line.reasons:
            lost = Missing(Cause.NOT_MADE_UP, min(line.missed, line.remaining))
            found.setdefault(line.elder_id, []).append(lost)
    for elder, missing in _from_the_solver(proved, expected):
        found.setdefault(elder, []).append(missing)
    promises = {int(promise.id): promise for promise in read.promises}
    return Statement(
        month=read.month,
        today=read.today,
        elders=read.town_of,
        out_of_reach=tuple(_out_of_reach(read, elder, found[elder], promises.get(elder)) for elder in sorted(found)),
        contests=(
            *_contests(read, proved, 1, proved=True),
            *_contests(read, expected, 1 + len(proved.bottlenecks), proved=False),
        ),
        weeks=read.weeks,
        care_share=read.care_share,
    )


def _from_the_solver(proved: Reach, expected: Reach) -> Iterable[tuple[int, Missing]]:
    """Return what is proved, and what is expected beyond it."""
    for each in proved.shortfalls:
        number = None if each.bottleneck is None else 1 + each.bottleneck
        yield int(each.promise), Missing(_CAUSES[each.obstacle], each.minutes, number)
    for each in expected.shortfalls:
        if each.obstacle is Obstacle.COMPETITION:
            number = None if each.bottleneck is None else 1 + len(proved.bottlenecks) + each.bottleneck
            yield int(each.promise), Missing(Cause.HOURS_LIKELY_SHORT, each.minutes, number)


def _out_of_reach(read: MonthRead, elder: int, missing: list[Missing], promise: Promise | None) -> OutOfReach:
    line = read.lines[elder]
    return OutOfReach(
        elder_id=elder,
        town_id=line.town_id,
        owed=max(0, line.granted - line.excused - line.delivered),
        missing=tuple(missing),
        ledger_reasons=line.reasons,
        skills=tuple(sorted(promise.skills)) if promise else (),
        gender=promise.gender if promise else None,
        hands=promise.hands if promise else 1,
    )


def _contests(read: MonthRead, found: Reach, first: int, *, proved: bool) -> list[Contest]:
    return [_contest(read, each, number, proved=proved) for number, each in enumerate(found.bottlenecks, first)]


def _contest(read: MonthRead, bottleneck: Bottleneck, number: int, *, proved: bool) -> Contest:
    promises = [promise for promise in read.promises if promise.id in bottleneck.promises]
    weeks = {week for _, week in bottleneck.by_week} | {day // DAYS_IN_WEEK for _, day in bottleneck.by_day}
    genders = {promise.gender for promise in promises}
    monday = Week.of(read.month.first).monday
    return Contest(
        number=number,
        proved=proved,
        elder_ids=frozenset(int(name) for name in bottleneck.promises),
        skills=tuple(sorted(frozenset.intersection(*(promise.skills for promise in promises)))),
        gender=genders.pop() if len(genders) == 1 else None,
        weeks=tuple(Week(monday + timedelta(weeks=week)) for week in sorted(weeks)),
        needed=bottleneck.needed,
        possible=bottleneck.own + bottleneck.staff,
    )
