"""Coordinates as people have them: WGS-84 (GPS) or GCJ-02 (Chinese maps); stored is WGS-84, always.

GCJ-02 shifts WGS-84 by 100 to 700 m, 536 m in Yiwu. The formula was never published officially; this is the one
in general use since 2013 (class ``EvilTransform``, "China GPS shift"), on the ellipsoid of Krasovsky 1940. There is
no closed inverse: it is found by iteration.
"""

from enum import StrEnum
from math import cos, pi, radians, sin, sqrt

from pydantic import Field

from app.core.http import Body, Latitude, Longitude

SEMI_MAJOR_AXIS = 6_378_245.0  # metres, Krasovsky 1940
ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943


class Datum(StrEnum):
    """What latitude and longitude refer to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


class Point(Body):
    """A place, in degrees."""

    latitude: Latitude = Field(examples=[29.3055])
    longitude: Longitude = Field(examples=[120.0750])
    datum: Datum = Field(Datum.WGS84, description="gcj02 for coordinates taken from a Chinese map")

    def to_wgs84(self) -> tuple[float, float]:
        """Return latitude and longitude as they are stored."""
        if self.datum is Datum.GCJ02:
            return gcj02_to_wgs84(self.latitude, self.longitude)
        return self.latitude, self.longitude


def wgs84_to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """Return where Chinese maps show a place (degrees)."""
    if not (0.8293 <= latitude <= 55.8271 and 72.004 <= longitude <= 137.8347):
        return latitude, longitude  # outside China both are the same
    north, east = _shift(longitude - 105, latitude - 35)
    curvature = 1 - ECCENTRICITY_SQUARED * sin(radians(latitude)) ** 2
    metres_a_degree_north = radians(SEMI_MAJOR_AXIS * (1 - ECCENTRICITY_SQUARED) / curvature**1.5)
    metres_a_degree_east = radians(SEMI_MAJOR_AXIS / sqrt(curvature) * cos(radians(latitude)))
    return latitude + north / metres_a_degree_north, longitude + east / metres_a_degree_east


def gcj02_to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """Return the place (degrees) that Chinese maps show there; exact to millimetres."""
    guess = latitude, longitude
    for _ in range(5):
        shown = wgs84_to_gcj02(*guess)
        guess = guess[0] + latitude - shown[0], guess[1] + longitude - shown[1]
    return guess


def _shift(x: float, y: float) -> tuple[float, float]:
    """Return the shift to the north and to the east, in metres, ``x`` and ``y`` degrees from 105° E, 35° N."""
    common = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    north = common + 20 * sin(pi * y) + 40 * sin(pi * y / 3) + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)
    east = common + 20 * sin(pi * x) + 40 * sin(pi * x / 3) + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)
    return (
        -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * sqrt(abs(x)) + north * 2 / 3,
        300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * sqrt(abs(x)) + east * 2 / 3,
    )
