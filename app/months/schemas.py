"""What is shown of a month's feasibility."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, Field

from app.core.weeks import Month
from app.entitlements.allowance import weeks_of
from app.entitlements.ledger_schemas import ReasonView, show_reason
from app.months.feasibility import Cause, Contest, OutOfReach, Statement
from app.months.reading import WeekLoad
from app.months.words import CAUSES, contest_words, help_words, statement_words


class WordsView(BaseModel):
    """A sentence in both languages."""

    zh: str
    en: str


class CauseCount(BaseModel):
    """How many elders can't reach their hours for one cause."""

    code: Cause = Field(examples=["own_days"])
    zh: str
    en: str
    proved: bool = Field(description="true: no plan can give these hours; false: it is to be expected")
    elders: int
    minutes: int


class MissingView(BaseModel):
    """Minutes that can't be given, and why."""

    code: Cause = Field(examples=["no_caregiver"])
    zh: str
    en: str
    proved: bool
    minutes: int
    contest: int | None = Field(description="the number of the contest that proves it")
    would_help: WordsView


class OutOfReachView(BaseModel):
    """One elder who can't reach her hours."""

    elder_id: int
    elder_number: str
    elder_name: str = Field(description="masked for auditors")
    town_id: int
    owed_minutes: int = Field(description="of the month's hours, what is not delivered yet")
    missing_minutes: int
    proved: bool = Field(description="whether any of it is proved")
    because: list[MissingView]
    ledger_reasons: list[ReasonView]


class ContestView(BaseModel):
    """Elders who need more of the same caregivers' hours than there are: the certificate."""

    number: int
    proved: bool = Field(description="true: even without any travel; false: after the usual share of travel")
    elders: int = Field(description="also those of towns that you don't see")
    skills: list[str]
    gender: str | None
    weeks: list[str] = Field(examples=[["2026-W45"]])
    needed_minutes: int = Field(description="of caregivers; a double-handed visit takes twice its minutes")
    possible_minutes: int = Field(description="at most, of these caregivers and in weeks in which others are free")
    missing_minutes: int
    words: WordsView


class WeekLoadView(BaseModel):
    """A week's part of the month."""

    week: str = Field(examples=["2026-W45"])
    first_day: date
    last_day: date
    load_minutes: int = Field(description="booked and still to come; double-handed visits count twice")
    capacity_minutes: int = Field(description="of your towns' own caregivers, less what travel usually takes")


class TownMonthView(BaseModel):
    """A town's part."""

    town_id: int
    elders: int
    out_of_reach: int
    weeks: list[WeekLoadView]


class FeasibilityView(BaseModel):
    """Who can't reach her hours of a month, as of today."""

    month: str = Field(examples=["2026-11"])
    as_of: date
    elders: int
    within_reach: int
    out_of_reach: int = Field(description="proved")
    likely_short: int = Field(description="not proved, but to be expected")
    statement: WordsView
    causes: list[CauseCount]
    contests: list[ContestView]
    care_share: float = Field(description="of caregivers' working minutes, what is care; measured in published weeks")
    weeks: list[WeekLoadView]
    towns: list[TownMonthView]
    items: list[OutOfReachView] = Field(description="in order of elder id")
    next_after: int | None = Field(description="send as `after` for the next page; null: this was the last")


def show_statement(
    statement: Statement, names: Mapping[int, tuple[str, str]], after: int, limit: int
) -> FeasibilityView:
    """Return a statement with one page of its elders, whose numbers and names are given."""
    counts = statement.by_cause()
    proved = sum(each.proved for each in statement.out_of_reach)
    following = [each for each in statement.out_of_reach if each.elder_id > after]
    shown = following[:limit]
    return FeasibilityView(
        month=str(statement.month),
        as_of=statement.today,
        elders=len(statement.elders),
        within_reach=len(statement.elders) - len(statement.out_of_reach),
        out_of_reach=proved,
        likely_short=len(statement.out_of_reach) - proved,
        statement=_words(
            statement_words(len(statement.out_of_reach), [(cause, elders) for cause, (elders, _) in counts.items()])
        ),
        causes=[
            CauseCount(**_named(cause), elders=elders, minutes=minutes) for cause, (elders, minutes) in counts.items()
        ],
        contests=[_contest(each) for each in statement.contests],
        care_share=statement.care_share,
        weeks=_sum_of_weeks(statement),
        towns=[
            TownMonthView(
                town_id=town,
                elders=sum(of == town for of in statement.elders.values()),
                out_of_reach=sum(each.town_id == town for each in statement.out_of_reach),
                weeks=_weeks(statement.month, weeks),
            )
            for town, weeks in statement.weeks.items()
        ],
        items=[_out_of_reach(each, *names[each.elder_id]) for each in shown],
        next_after=shown[-1].elder_id if len(following) > limit else None,
    )


def _named(cause: Cause) -> dict[str, object]:
    zh, en = CAUSES[cause]
    return {"code": cause, "zh": zh, "en": en, "proved": cause.proved}


def _words(words: tuple[str, str]) -> WordsView:
    return WordsView(zh=words[0], en=words[1])


def _out_of_reach(each: OutOfReach, number: str, name: str) -> OutOfReachView:
    return OutOfReachView(
        elder_id=each.elder_id,
        elder_number=number,
        elder_name=name,
        town_id=each.town_id,
        owed_minutes=each.owed,
        missing_minutes=each.minutes,
        proved=each.proved,
        because=[
            MissingView(
                **_named(missing.cause),
                minutes=missing.minutes,
                contest=missing.contest,
                would_help=_words(help_words(missing.cause, each)),
            )
            for missing in each.missing
        ],
        ledger_reasons=[show_reason(code) for code in each.ledger_reasons],
    )


def _contest(each: Contest) -> ContestView:
    return ContestView(
        number=each.number,
        proved=each.proved,
        elders=len(each.elder_ids),
        skills=list(each.skills),
        gender=each.gender,
        weeks=[str(week) for week in each.weeks],
        needed_minutes=each.needed,
        possible_minutes=each.possible,
        missing_minutes=each.missing,
        words=_words(contest_words(each)),
    )


def _sum_of_weeks(statement: Statement) -> list[WeekLoadView]:
    towns = list(statement.weeks.values())
    sums = [
        WeekLoad(sum(weeks[n].load for weeks in towns), sum(weeks[n].capacity for weeks in towns))
        for n in range(len(weeks_of(statement.month)))
    ]
    return _weeks(statement.month, sums)


def _weeks(month: Month, loads: tuple[WeekLoad, ...] | list[WeekLoad]) -> list[WeekLoadView]:
    return [
        WeekLoadView(
            week=str(week),
            first_day=days[0],
            last_day=days[-1],
            load_minutes=load.load,
            capacity_minutes=load.capacity,
        )
        for (week, days), load in zip(weeks_of(month), loads, strict=True)
    ]
