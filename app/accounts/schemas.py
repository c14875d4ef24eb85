"""What is sent and shown about accounts."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.accounts.models import Role, User
from app.core.changes import UNCHANGED, Change
from app.core.http import Body, Id, Name, Printable

NewUsername = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{2,63}$")
]
NewPassword = Annotated[str, StringConstraints(min_length=10, max_length=200), Printable]
TownIds = Annotated[set[Id], Field(max_length=100, description="the towns to work on, unless all of them")]


class UserNew(Body):
    """An account; a caregiver's names the caregiver and no towns, an administrator's has all towns."""

    username: NewUsername = Field(examples=["chen.dispatcher"], description="to sign in with; never changed")
    password: NewPassword = Field(examples=["nine long lives"], description="10 characters or more, not the username")
    role: Role
    display_name: Name = Field(examples=["陈调度"])
    all_towns: bool = False
    town_ids: TownIds = set()
    caregiver_id: Id | None = None


class UserChange(Change):
    """What changes; what is left out stays."""

    role: Role = UNCHANGED
    display_name: Name = UNCHANGED
    all_towns: bool = UNCHANGED
    town_ids: TownIds = UNCHANGED
    caregiver_id: Id | None = None


class PasswordReset(Body):
    """A password that an administrator sets for somebody."""

    password: NewPassword


class PasswordChange(Body):
    """One's own password, old and new."""

    old_password: Annotated[str, StringConstraints(min_length=1, max_length=200), Printable]
    new_password: NewPassword


class UserView(BaseModel):
    """An account, without its password."""

    id: int
    username: str
    role: Role
    display_name: str
    all_towns: bool
    town_ids: list[int]
    caregiver_id: int | None
    disabled_at: datetime | None
    version: int

    @classmethod
    def of(cls, user: User) -> "UserView":
        """Show an account."""
        return cls(
            id=user.id,
            username=user.username,
            role=Role(user.role),
            display_name=user.display_name,
            all_towns=user.all_towns,
            town_ids=sorted(town.town_id for town in user.towns),
            caregiver_id=user.caregiver_id,
            disabled_at=user.disabled_at,
            version=user.version,
        )
