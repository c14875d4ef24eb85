"""Pairs of an elder and a caregiver: set and taken away."""

from sqlalchemy.orm import Session

from app.accounts.scope import Actor, find, record_deed
from app.caregivers.models import Caregiver
from app.core.changes import apply_changes
from app.core.errors import Conflict, NotFound, PreconditionRequired
from app.core.http import check_version
from app.elders.models import Elder
from app.elders.repository import find_locked
from app.pairs import repository
from app.pairs.models import Pair
from app.pairs.schemas import PairKind, PairPut


def put(
    session: Session, actor: Actor, elder_id: int, caregiver_id: int, body: PairPut, expected: int | None
) -> tuple[Pair, bool]:
    """Set what an elder and a caregiver are to each other; return the pair and whether it is new.

    Raises
    ------
    NotFound
        If one of them isn't there or belongs to another town.
    Conflict
        If the caregiver, who is to be a usual one, has left.
    PreconditionRequired, Stale
        If there is a pair already and ``expected`` isn't its version.
    """
    elder = find_locked(session, actor, elder_id)
    caregiver = find(session, actor, Caregiver, caregiver_id)
    if body.kind is PairKind.USUAL and caregiver.ended_on is not None:
        wanted = f"blocked: caregiver {caregiver_id} left on {caregiver.ended_on}, she can't be a usual one"
        raise Conflict.of("body.kind", wanted, str(body.kind), f"不匹配（护理员已于 {caregiver.ended_on} 离职）")
    pair = repository.between(session, elder_id, caregiver_id)
    columns = {"kind": str(body.kind), "weight": body.weight, "reason": body.reason}
    if pair is None:
        pair = Pair(elder_id=elder_id, caregiver_id=caregiver_id, **columns)
        session.add(pair)
        _record(session, actor, "pair.create", elder, pair)
        return pair, True
    if expected is None:
        raise PreconditionRequired("there is such a pair already: send the ETag that you read as If-Match")
    check_version(pair, expected)
    if apply_changes(pair, columns):
        _record(session, actor, "pair.change", elder, pair)
    return pair, False


def read(session: Session, actor: Actor, elder_id: int, caregiver_id: int) -> Pair:
    """Return the pair of an elder and a caregiver.

    Raises
    ------
    NotFound
        If there is none, or the elder belongs to another town.
    """
    find(session, actor, Elder, elder_id)
    pair = repository.between(session, elder_id, caregiver_id)
    if pair is None:
        raise NotFound(f"no pair of elder {elder_id} and caregiver {caregiver_id}")
    return pair


def delete(session: Session, actor: Actor, elder_id: int, caregiver_id: int, expected: int) -> None:
    """Take away what two are to each other; the audit log keeps what it was."""
    elder = find_locked(session, actor, elder_id)
    pair = read(session, actor, elder_id, caregiver_id)
    check_version(pair, expected)
    _record(session, actor, "pair.delete", elder, pair)
    session.delete(pair)
    session.flush()


def _record(session: Session, actor: Actor, action: str, elder: Elder, pair: Pair) -> None:
    changes = {"elder_id": elder.id, "caregiver_id": pair.caregiver_id, "kind": pair.kind, "weight": pair.weight}
    record_deed(session, actor, action, pair, town_id=elder.town_id, changes=changes)
