"""``jiuling user``: accounts, for the operator of the machine; the same rules as over the API."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from app.accounts import service
from app.accounts.models import User
from app.accounts.schemas import PasswordReset, UserNew
from app.accounts.scope import Actor
from app.caregivers.models import Caregiver
from app.centres.models import Town
from app.core.db import Database
from app.core.errors import InvalidInput, NotFound
from app.operations.planning import town_ids

Model = TypeVar("Model", bound=BaseModel)


def add_account(
    database: Database, username: str, role: str, towns: Sequence[str], caregiver: str | None, password: str
) -> None:
    """Open an account; without towns a dispatcher or auditor has all of them."""
    with database.write() as session:
        asked: dict[str, Any] = {"username": username, "role": role, "password": password, "display_name": username}
        if caregiver is not None:
            asked["caregiver_id"] = session.scalar(select(Caregiver.id).where(Caregiver.number == caregiver))
            if asked["caregiver_id"] is None:
                raise InvalidInput.of("caregiver", "a caregiver's number", caregiver)
        elif towns:
            asked["town_ids"] = set(town_ids(session, towns))
        else:
            asked["all_towns"] = True
        service.create_user(session, Actor.operator(), _checked(UserNew, asked))


def list_accounts(database: Database) -> Iterator[tuple[str, str, str, str]]:
    """Yield username, role, towns and whether it is disabled, in order of name."""
    with database.read() as session:
        codes = dict(session.execute(select(Town.id, Town.code)).all())
        for user in session.scalars(select(User).order_by(User.username)):
            towns = "all" if user.all_towns else " ".join(sorted(codes[town.town_id] for town in user.towns))
            yield user.username, user.role, towns, "disabled" if user.disabled_at else ""


def reset_password(database: Database, username: str, password: str) -> None:
    """Set an account's password; its sessions end."""
    checked = _checked(PasswordReset, {"password": password})
    with database.write() as session:
        user = session.scalar(select(User).where(User.username == username.lower()))
        if user is None:
            raise NotFound.of("user", username)
        service.reset_password(session, Actor.operator(), user, checked.password)


def disable_account(database: Database, username: str) -> None:
    """Close an account; its sessions end."""
    with database.write() as session:
        user = session.scalar(select(User).where(User.username == username.lower()))
        if user is None:
            raise NotFound.of("user", username)
        service.disable_user(session, Actor.operator(), user)


def _checked(model: type[Model], asked: dict[str, Any]) -> Model:
    try:
        return model.model_validate(asked)
    except ValidationError as error:
        raise InvalidInput.from_validation(error, where="") from None
