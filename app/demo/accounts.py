"""The accounts to try: one of each role, a dispatcher for each town, and one for each caregiver."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.models import Role, User, UserTown
from app.accounts.signin import hash_password
from app.caregivers.models import Caregiver
from app.centres.models import Town

DEMO_DISPATCHER = "dispatcher"
DEMO_PASSWORD = "jiuling-demo-90"


def make_accounts(session: Session, towns: Sequence[Town], caregivers: Sequence[Caregiver]) -> None:
    """Add the accounts; all share one password and, to save 400 argon2 runs, one hash."""
    hashed = hash_password(DEMO_PASSWORD)

    def add(username: str, role: Role, display_name: str, **more: object) -> None:
        session.add(User(username=username, password_hash=hashed, role=role, display_name=display_name, **more))

    add("admin", Role.ADMINISTRATOR, "演示管理员", all_towns=True)
    add(DEMO_DISPATCHER, Role.DISPATCHER, "演示调度员", all_towns=True)
    add("auditor", Role.AUDITOR, "演示审计员", all_towns=True)
    for town in towns:
        slug = "".join(letter for letter in town.name_en.lower() if letter.isalpha())
        add(f"dispatcher-{slug}", Role.DISPATCHER, f"{town.name}调度员", towns=[UserTown(town_id=town.id)])
    for caregiver in caregivers:
        add(caregiver.number.lower(), Role.CAREGIVER, caregiver.name, caregiver_id=caregiver.id)
    session.flush()
