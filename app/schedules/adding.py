"""One more visit in a published week: what may be asked for, and how the problem of the week comes to hold it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from itertools import count

from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.core.errors import InvalidInput, NotFound
from app.core.weeks import Week
from app.elders.models import Elder
from app.entitlements.allowance import EntitlementPolicy
from app.entitlements.demand import months_of
from app.entitlements.facts import ElderFacts
from app.entitlements.loading import Scope, read_elders
from app.schedules import repository
from app.schedules.added_visits import AddedVisit
from app.schedules.repair_schemas import VisitAdded
from app.schedules.rows import VisitRow
from solver.problem import Minutes, MinutesCap, Need, Problem, Visit

_FIRST = 91  # of the numbers in keys: above those that a month's rhythm hands out


def added_visit(
    session: Session,
    actor: Actor,
    asked: VisitAdded,
    week: Week,
    rows: Collection[VisitRow],
    holds: Collection[int],
    earliest: tuple[date, Minutes],
) -> AddedVisit:
    """Return the visit that is asked for.

    Parameters
    ----------
    holds
        Towns in which the version holds.
    earliest
        The first day and minute beyond the notice period.

    Raises
    ------
    InvalidInput
        If the elder is of another town, has left, has no care plan, or a day can't be used.
    NotFound
        If there is no such elder of the actor's.
    """
    elder = session.get(Elder, asked.elder_id)
    if elder is None or not actor.sees_town(elder.town_id):
        raise NotFound.of("elder", asked.elder_id)
    if elder.town_id not in holds:
        raise InvalidInput.of(
            "body.happened.elder_id",
            "an elder of a town in which the schedule holds",
            elder.id,
            "排班表有效的镇街的老人",
        )
    _check_days(asked, week, earliest)
    if elder.joined_on > min(asked.days) or (elder.ended_on is not None and elder.ended_on <= max(asked.days)):
        raise InvalidInput.of(
            "body.happened.elder_id", "an elder who is on the roster on these days", elder.id, "这些日子在册的老人"
        )
    if not repository.elder_rows(session, week, {elder.id}):
        raise InvalidInput.of(
            "body.happened.elder_id", f"an elder with a care plan in {week}", elder.id, f"{week} 有服务方案的老人"
        )
    facts = _facts(session, week, elder.id)
    used = {row.key for row in rows} | {booked.key for booked in facts.bookings}
    keys = (f"{elder.id}-{week}-{n}" for n in count(_FIRST))
    window = asked.window
    return AddedVisit(
        visit=next(key for key in keys if key not in used),
        elder_id=elder.id,
        town_id=elder.town_id,
        minutes=asked.minutes,
        days=tuple(sorted((day - week.monday).days for day in asked.days)),
        window=None if window is None else (window.opens, window.closes),
        skill=None if asked.skill is None else asked.skill.value,
    )


def _check_days(asked: VisitAdded, week: Week, earliest: tuple[date, Minutes]) -> None:
    first, minute = earliest
    for i, day in enumerate(asked.days):
        field = f"body.happened.days.{i}"
        if day not in week.days:
            raise InvalidInput.of(field, f"a day of {week}", str(day), f"{week} 的日期")
        if day < first:
            raise InvalidInput.of(
                field, f"a day from {first} on: beyond the notice period", str(day), f"{first} 或以后（留出通知时间）"
            )
        if day == first and asked.window is not None and asked.window.closes <= minute:
            raise InvalidInput.of(
                "body.happened.window.closes",
                f"later than minute {minute} of {day}, when the notice period ends",
                asked.window.closes,
                f"晚于 {minute // 60:02d}:{minute % 60:02d}（{day} 的通知时间到那时为止）",
            )


def _facts(session: Session, week: Week, elder_id: int) -> ElderFacts:
    months = months_of(week)
    [facts] = read_elders(session, months[0].first, months[-1].end, Scope(elder_ids={elder_id}))
    return facts


def with_visit(session: Session, stored: Problem, added: AddedVisit, week: Week, policy: EntitlementPolicy) -> Problem:
    """Return the stored problem with one more visit due, its elder's months capped by what is booked now."""
    name = str(added.elder_id)
    had = next((need for need in stored.needs if need.id == name), None)
    need = had or Need(id=name, place=stored.places[0].id, town=str(added.town_id), visits=(), min_days_between=0)
    caps = _caps(_facts(session, week, added.elder_id), {visit.id for visit in need.visits}, week, policy)
    # Its place, windows and skills are those of the roster, which is read for every visit that is due.
    need = replace(need, visits=(*need.visits, Visit(id=added.visit, minutes=added.minutes, windows=())), caps=caps)
    others = [each for each in stored.needs if each.id != name]
    return replace(stored, needs=(*others, need))


def _caps(facts: ElderFacts, due: Collection[str], week: Week, policy: EntitlementPolicy) -> tuple[MinutesCap, ...]:
    """Return what each month leaves for the visits of this week that are due."""
    caps = []
    for month in months_of(week):
        left = facts.allowance_in(month, policy).due
        for booked in facts.bookings_in(month):
            if booked.key not in due and booked.uses_up(policy):
                left -= booked.minutes
            elif booked.key in due and not booked.uses_up(policy):
                left += booked.minutes  # missed: it stands in the plan, and uses nothing up
        inside = [i for i, day in enumerate(week.days) if month.first <= day < month.end]
        caps.append(MinutesCap(inside[0], inside[-1], max(0, left)))
    return tuple(caps)
