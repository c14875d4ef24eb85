"""How caregivers travel: the speeds behind the solver's straight line times a detour.

Assumptions, to be replaced by measured times: an e-bike keeps to 15 km/h in town traffic (the limit of
GB 17761-2018 is 25) and takes 2 minutes to unlock and park; a bus moves at 12 km/h, stops included,
after 6 minutes of walking and waiting; on foot 4.5 km/h. Roads are 1.3 times as long as the straight line.
"""

from app.terms import TravelMode
from solver.problem import Mode

_DETOUR = 1.3

MODES = (
    Mode(TravelMode.EBIKE.value, metres_per_minute=15_000 / 60, detour=_DETOUR, access_minutes=2),
    Mode(TravelMode.BUS.value, metres_per_minute=12_000 / 60, detour=_DETOUR, access_minutes=6),
    Mode(TravelMode.FOOT.value, metres_per_minute=4_500 / 60, detour=_DETOUR, access_minutes=0),
)
