"""Who is asking, and what she may see and do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.record import record
from app.core.crypto import mask_all
from app.core.db import Numbered, Versioned
from app.core.errors import Forbidden, NotFound
from app.core.http import check_version

Row = TypeVar("Row", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user for the length of one request; ``town_ids`` is None for all towns."""

    user_id: int | None  # None: the operator, on the machine itself
    role: Role
    town_ids: frozenset[int] | None
    caregiver_id: int | None = None
    sign_in_id: int | None = None
    request_id: str | None = None

    @classmethod
    def operator(cls) -> "Actor":
        """Return who works at the command line of the machine: an administrator without an account."""
        return cls(user_id=None, role=Role.ADMINISTRATOR, town_ids=None)

    @property
    def sees_personal(self) -> bool:
        """Whether names, phones and addresses are shown in clear (auditors see them masked)."""
        return self.role in (Role.ADMINISTRATOR, Role.DISPATCHER)

    def shown(self, text: str | None, mask: Callable[[str], str] = mask_all) -> str | None:
        """Return a personal text as the actor may see it."""
        return text if text is None or self.sees_personal else mask(text)

    def sees_town(self, town_id: int | None) -> bool:
        """Whether a town is within the actor's scope."""
        return self.town_ids is None or town_id in self.town_ids

    def check_town(self, town_id: int | None, kind: str, key: object) -> None:
        """Hide what belongs to another town: it looks as if it were not there.

        Raises
        ------
        NotFound
            If the town is out of scope.
        """
        if not self.sees_town(town_id):
            raise NotFound.of(kind, key)

    def require_town(self, town_id: int | None) -> None:
        """Refuse a town that was named by the actor herself.

        Raises
        ------
        Forbidden
            If the town is out of scope.
        """
        if not self.sees_town(town_id):
            raise Forbidden(f"town {town_id} is not one of yours")

    def require_all_towns(self) -> None:
        """Refuse what only somebody with the whole city may do.

        Raises
        ------
        Forbidden
            If the actor is bound to some towns.
        """
        if self.town_ids is not None:
            raise Forbidden("this is only for those who may work on all towns")

    def within(self, town_column: Any) -> ColumnElement[bool]:
        """Return the SQL condition that keeps a query inside the actor's towns."""
        if self.town_ids is None:
            return true()
        condition: ColumnElement[bool] = town_column.in_(self.town_ids)
        return condition


def find(session: Session, actor: Actor, model: type[Row], key: int, expected: int | None = None) -> Row:
    """Return a row with a ``town_id`` that the actor may see (of a town itself: its id).

    Parameters
    ----------
    expected
        The version from which a change was made (``ExpectedVersion``).

    Raises
    ------
    NotFound
        If it isn't there or belongs to another town.
    Stale
        If it has another version than ``expected``.
    """
    kind = model.__name__.lower()
    row = session.get(model, key)
    if row is None:
        raise NotFound.of(kind, key)
    actor.check_town(_town_of(row), kind, key)
    if expected is not None:
        check_version(row, expected)
    return row


def record_deed(
    session: Session,
    actor: Actor,
    action: str,
    row: Numbered,
    *,
    town_id: int | None = None,
    changes: dict[str, Any] | None = None,
) -> None:
    """Write into the audit log what the actor did to a row, which gets its id first.

    ``town_id`` is the row's own, if it has one. ``changes`` as ``audit.record.record`` wants them.
    """
    session.flush()
    record(
        session,
        user_id=actor.user_id,
        action=action,
        entity=type(row).__name__.lower(),
        entity_id=row.id,
        town_id=_town_of(row) if town_id is None else town_id,
        request_id=actor.request_id,
        changes=changes,
    )


def _town_of(row: Numbered) -> int | None:
    found: int | None = row.id if type(row).__name__ == "Town" else getattr(row, "town_id", None)
    return found
