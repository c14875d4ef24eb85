"""Every table, for Alembic and the tests."""

from app.accounts import models as accounts
from app.assignments import models as assignments
from app.audit import models as audit
from app.caregivers import models as caregivers
from app.centres import models as centres
from app.core.db import Base
from app.elders import models as elders
from app.entitlements import models as entitlements
from app.pairs import models as pairs
from app.schedules import models as schedules
from app.visits import models as visits

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "accounts",
    "assignments",
    "audit",
    "caregivers",
    "centres",
    "elders",
    "entitlements",
    "pairs",
    "schedules",
    "visits",
]
