"""WGS-84 and GCJ-02."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.centres.coordinates import Datum, Point, gcj02_to_wgs84, wgs84_to_gcj02

YIWU = (29.3055, 120.0750)


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return hypot(a[0] - b[0], (a[1] - b[1]) * cos(radians(a[0]))) * 111_195


def test_yiwu_is_shown_some_five_hundred_metres_off() -> None:
    assert 500 < _metres(YIWU, wgs84_to_gcj02(*YIWU)) < 560


@given(st.floats(18.2, 53.5), st.floats(73.6, 135.0))
def test_there_and_back_is_the_same_place(latitude: float, longitude: float) -> None:
    place = latitude, longitude
    assert _metres(place, gcj02_to_wgs84(*wgs84_to_gcj02(*place))) < 0.01


@pytest.mark.parametrize("place", [(35.6895, 139.6917), (-33.87, 151.21), (90.0, 180.0), (-90.0, -180.0)])
def test_outside_china_nothing_is_shifted(place: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*place) == gcj02_to_wgs84(*place) == place


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_point_becomes_a_point(latitude: float, longitude: float) -> None:
    stored = Point(latitude=latitude, longitude=longitude, datum=Datum.GCJ02).to_wgs84()
    Point(latitude=stored[0], longitude=stored[1])
    assert Point(latitude=latitude, longitude=longitude).to_wgs84() == (latitude, longitude)
