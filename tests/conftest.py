"""Settings of all tests.

Nothing is proved beside them unless one asks for it: each proof would take both cores for a minute. And no
property is refused because the machine is slow.
"""

import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("JIULING_PROVE_SECONDS", "0")
settings.register_profile("jiuling", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jiuling")
