"""Making, changing and closing accounts, and their passwords."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, table
from sqlalchemy.orm import Session
from sqlalchemy.sql import column

from app.accounts import signin
from app.accounts.models import Role, User, UserTown
from app.accounts.schemas import UserChange, UserNew
from app.accounts.scope import Actor, record_deed
from app.core import clock
from app.core.changes import apply_changes
from app.core.errors import Conflict, InvalidInput, NotAuthenticated

# Accounts come before towns and caregivers in the order of domains: only their ids are known here.
_TOWNS = table("towns", column("id"))
_CAREGIVERS = table("caregivers", column("id"))


@dataclass(frozen=True, slots=True)
class _Reach:
    """What a role must agree with."""

    role: Role
    all_towns: bool
    town_ids: frozenset[int]
    caregiver_id: int | None


def find_own_account(session: Session, actor: Actor) -> User:
    """Return the actor's own account.

    Raises
    ------
    NotAuthenticated
        If it is gone since she was let in.
    """
    user = session.get(User, actor.user_id)
    if user is None:
        raise NotAuthenticated("the account is gone")
    return user


def create_user(session: Session, actor: Actor, body: UserNew) -> User:
    """Open an account.

    Raises
    ------
    InvalidInput
        If role, towns and caregiver don't agree or aren't there, or the password is the username.
    Conflict
        If the username is taken, or the caregiver has an account.
    """
    reach = _Reach(body.role, body.all_towns, frozenset(body.town_ids), body.caregiver_id)
    _check_reach(session, reach)
    _check_password(body.username, body.password, "body.password")
    if session.scalar(select(User.id).where(User.username == body.username)) is not None:
        raise Conflict.of("body.username", "a username that is free", body.username, "未被使用的用户名")
    _check_caregiver_is_free(session, reach.caregiver_id)
    user = User(
        username=body.username,
        password_hash=signin.hash_password(body.password),
        role=body.role,
        display_name=body.display_name,
        all_towns=body.all_towns,
        caregiver_id=body.caregiver_id,
        towns=_user_towns(reach.town_ids),
    )
    session.add(user)
    record_deed(session, actor, "user.create", user, changes=_told(reach))
    return user


def change_user(session: Session, actor: Actor, user: User, body: UserChange) -> None:
    """Change role, towns or display name; open sessions go on with the new ones.

    Raises
    ------
    InvalidInput
        As for ``create_user``.
    Conflict
        If there would be no administrator left, or the caregiver has an account.
    """
    values = body.values()
    towns = frozenset(town.town_id for town in user.towns)
    reach = _Reach(
        role=Role(values.get("role", user.role)),
        all_towns=values.get("all_towns", user.all_towns),
        town_ids=frozenset(values.pop("town_ids", towns)),
        caregiver_id=values.get("caregiver_id", user.caregiver_id),
    )
    _check_reach(session, reach)
    if reach.role is not Role.ADMINISTRATOR:
        _check_administrators_remain(session, user)
    if reach.caregiver_id != user.caregiver_id:
        _check_caregiver_is_free(session, reach.caregiver_id)
    changes = apply_changes(user, values)
    if reach.town_ids != towns:
        user.towns = [town for town in user.towns if town.town_id in reach.town_ids]
        user.towns += _user_towns(reach.town_ids - towns)
        user.updated_at = clock.now()  # the towns are in another table: this makes it a new version
        changes["town_ids"] = sorted(reach.town_ids)
    record_deed(session, actor, "user.change", user, changes=changes)


def disable_user(session: Session, actor: Actor, user: User) -> None:
    """Close an account and end its sessions.

    Raises
    ------
    Conflict
        If it is the actor's own, or the last administrator's.
    """
    if user.id == actor.user_id:
        raise Conflict.of("user_id", "an account that is not your own", zh="别人的账号（不能停用自己的）")
    _check_administrators_remain(session, user)
    if user.disabled_at is None:
        user.disabled_at = clock.now()
    signin.revoke(session, user_id=user.id)
    record_deed(session, actor, "user.disable", user)


def close_account_of_caregiver(session: Session, actor: Actor, caregiver_id: int) -> None:
    """Close the account of a caregiver, if she has one."""
    user = session.scalar(select(User).where(User.caregiver_id == caregiver_id, User.disabled_at.is_(None)))
    if user is not None:
        disable_user(session, actor, user)


def enable_user(session: Session, actor: Actor, user: User) -> None:
    """Open an account again; sessions that were ended stay so."""
    user.disabled_at = None
    record_deed(session, actor, "user.enable", user)


def reset_password(session: Session, actor: Actor, user: User, password: str) -> None:
    """Set somebody's password and end all sessions of the account."""
    _check_password(user.username, password, "body.password")
    user.password_hash = signin.hash_password(password)
    signin.revoke(session, user_id=user.id)
    record_deed(session, actor, "user.reset-password", user)


def change_own_password(session: Session, actor: Actor, user: User, password: str) -> None:
    """Set one's own password and end one's other sessions."""
    _check_password(user.username, password, "body.new_password")
    user.password_hash = signin.hash_password(password)
    signin.revoke_others(session, user_id=user.id, kept=actor.sign_in_id)
    record_deed(session, actor, "user.change-password", user)


def _check_password(username: str, password: str, field: str) -> None:
    # The value is not repeated in the answer.
    if password.strip().casefold() == username.casefold():
        raise InvalidInput.of(field, "a password that is not the username", zh="密码不得与用户名相同")


def _check_reach(session: Session, reach: _Reach) -> None:
    wrong = _disagreement(reach)
    if wrong is not None:
        raise InvalidInput.of(*wrong)
    known = set(session.scalars(select(_TOWNS.c.id).where(_TOWNS.c.id.in_(reach.town_ids))))
    for unknown in sorted(reach.town_ids - known):
        raise InvalidInput.of("body.town_ids", "ids of towns", unknown, "镇街")
    caregiver = reach.caregiver_id
    if caregiver is not None and session.scalar(select(_CAREGIVERS.c.id).where(_CAREGIVERS.c.id == caregiver)) is None:
        raise InvalidInput.of("body.caregiver_id", "the id of a caregiver", caregiver, "护理员")


def _disagreement(reach: _Reach) -> tuple[str, str, None, str] | None:
    """Return the field that doesn't suit the role, and what was expected, in English and in Chinese."""
    if (reach.role is Role.CAREGIVER) != (reach.caregiver_id is not None):
        said = "a caregiver's id for role caregiver, and null for every other role"
        return "body.caregiver_id", said, None, "角色为护理员时须选择护理员，其他角色不填"
    if reach.all_towns and reach.town_ids:
        return "body.town_ids", "no towns beside all_towns", None, "已选全部镇街时不再选镇街"
    if reach.role is Role.ADMINISTRATOR and not reach.all_towns:
        return "body.all_towns", "true for role administrator", None, "管理员须为全部镇街"
    if reach.role is Role.CAREGIVER and (reach.all_towns or reach.town_ids):
        return "body.town_ids", "neither towns nor all_towns for role caregiver", None, "护理员账号不选镇街"
    if reach.role is not Role.CAREGIVER and not (reach.all_towns or reach.town_ids):
        return (
            "body.town_ids",
            f"at least one town, or all_towns, for role {reach.role}",
            None,
            "至少一个镇街，或全部镇街",
        )
    return None


def _check_caregiver_is_free(session: Session, caregiver_id: int | None) -> None:
    if caregiver_id is None:
        return
    if session.scalar(select(User.id).where(User.caregiver_id == caregiver_id)) is not None:
        raise Conflict.of("body.caregiver_id", "a caregiver without an account", caregiver_id, "还没有账号的护理员")


def _check_administrators_remain(session: Session, leaving: User) -> None:
    # The rows are locked, so that the last two can't remove each other at the same moment.
    query = select(User).where(User.role == Role.ADMINISTRATOR, User.disabled_at.is_(None)).order_by(User.id)
    open_ones = {user.id for user in session.scalars(query.with_for_update())}
    if open_ones == {leaving.id}:
        expected = "another administrator's account beside it: this is the last one"
        raise Conflict.of("user_id", expected, zh="另有管理员账号（这是最后一个）")


def _user_towns(town_ids: Iterable[int]) -> list[UserTown]:
    return [UserTown(town_id=town_id) for town_id in sorted(town_ids)]


def _told(reach: _Reach) -> dict[str, object]:
    return {
        "role": reach.role,
        "all_towns": reach.all_towns,
        "town_ids": sorted(reach.town_ids),
        "caregiver_id": reach.caregiver_id,
    }
