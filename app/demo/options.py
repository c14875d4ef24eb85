"""How large the demo city is, how well staffed, and which seed makes it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FULL_ELDERS = 3000
FULL_CAREGIVERS = 400
FULL_CENTRES = 464
FULL_TOWNS = 14
REDEVELOPED_VILLAGES = 50


class Staffing(StrEnum):
    """Hours that caregivers are contracted for, against the hours that the city needs."""

    SLACK = "slack"
    TIGHT = "tight"
    SHORT = "short"


# Contracted minutes as a share of care and travel together: what makes each staffing what it is.
STAFFING_RATIO = {Staffing.SLACK: 1.35, Staffing.TIGHT: 1.12, Staffing.SHORT: 0.92}


@dataclass(frozen=True, slots=True, kw_only=True)
class CityOptions:
    """The same options make the same city, name for name.

    Raises
    ------
    ValueError
        If a size is out of bounds.
    """

    as_of: date
    elders: int = FULL_ELDERS
    staffing: Staffing = Staffing.SLACK
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.elders <= 100_000:
            raise ValueError(f"elders: expected 0 to 100000, not {self.elders}")

    @property
    def towns(self) -> int:
        """As many of the 14 as keep elders about as dense as in the real city."""
        return min(max(round(FULL_TOWNS * self.elders / FULL_ELDERS), 2), FULL_TOWNS)

    @property
    def caregivers(self) -> int:
        """As many for each elder as the real city has."""
        return max(round(self.elders * FULL_CAREGIVERS / FULL_ELDERS), 8) if self.elders else 0
