"""What changed between two versions of a week, and for whom."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.core.errors import InvalidInput
from app.schedules import repository, service
from app.schedules.edit_schemas import ChangedVisit, ChangeKind, Comparison, Standing
from app.schedules.rows import VisitRow

KINDS: tuple[ChangeKind, ...] = (
    "added",
    "removed",
    "placed",
    "left_out",
    "moved_day",
    "moved_time",
    "other_caregiver",
    "minutes",
)


def compare(session: Session, actor: Actor, schedule_id: int, with_id: int, *, after: str, limit: int) -> Comparison:
    """Return what changed from ``with_id`` to ``schedule_id``, in the actor's towns, in order of visit key.

    Raises
    ------
    InvalidInput
        If they are of different weeks.
    """
    to = service.visible(session, actor, schedule_id)
    start = service.visible(session, actor, with_id)
    if to.monday != start.monday:
        raise InvalidInput.of("query.with", "a version of the same week", with_id)
    old, new = _own(session, actor, with_id), _own(session, actor, schedule_id)
    # A town that only one version covers is not compared: its visits were neither added nor removed.
    shared = repository.towns_of(to) & repository.towns_of(start)
    keys = sorted(key for key, row in {**old, **new}.items() if row.town_id in shared)
    changed = [(key, kinds) for key in keys if (kinds := kinds_of(old.get(key), new.get(key)))]
    page = [(key, kinds) for key, kinds in changed if key > after][: limit + 1]
    counts = Counter(kind for _, kinds in changed for kind in kinds)
    return Comparison(
        from_id=with_id,
        to_id=schedule_id,
        counts={kind: counts[kind] for kind in KINDS},
        changed=len(changed),
        unchanged=len(keys) - len(changed),
        elders_changed=len({(new.get(key) or old[key]).elder_id for key, _ in changed}),
        items=[_shown(key, kinds, old.get(key), new.get(key)) for key, kinds in page[:limit]],
        next_after=page[limit - 1][0] if len(page) > limit else None,
    )


def _own(session: Session, actor: Actor, schedule_id: int) -> Mapping[str, VisitRow]:
    rows: Iterable[VisitRow] = repository.visits_of(session, schedule_id)
    return {row.key: row for row in rows if actor.sees_town(row.town_id)}


def kinds_of(old: VisitRow | None, new: VisitRow | None) -> list[ChangeKind]:
    """Return in which ways a visit changed; nothing if it did not."""
    if old is None or new is None:
        return ["added"] if old is None else ["removed"]
    kinds: list[ChangeKind] = []
    if (old.day is None) != (new.day is None):
        kinds.append("placed" if old.day is None else "left_out")
    elif old.day != new.day:
        kinds.append("moved_day")
    elif old.start_minute != new.start_minute:
        kinds.append("moved_time")
    if old.day is not None and new.day is not None and set(old.caregivers) != set(new.caregivers):
        kinds.append("other_caregiver")
    if old.minutes != new.minutes:
        kinds.append("minutes")
    return kinds


def _shown(key: str, kinds: list[ChangeKind], old: VisitRow | None, new: VisitRow | None) -> ChangedVisit:
    row = new or old
    assert row is not None
    return ChangedVisit(
        visit_key=key,
        elder_id=row.elder_id,
        town_id=row.town_id,
        kinds=kinds,
        before=_standing(old),
        after=_standing(new),
    )


def _standing(row: VisitRow | None) -> Standing | None:
    if row is None:
        return None
    return Standing(
        visit_id=row.id,
        day=row.day,
        start_minute=row.start_minute,
        minutes=row.minutes,
        caregiver_ids=list(row.caregivers),
    )
