"""The clock goes by itself, and stands only while it is held."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock

NEW_YEAR = datetime(2031, 1, 1, 0, 30, tzinfo=clock.ZONE)


def test_fixed_holds_the_clock_and_lets_it_go() -> None:
    with clock.fixed(NEW_YEAR):
        assert clock.now() == NEW_YEAR
        assert clock.now().tzinfo is UTC
        assert str(clock.today()) == "2031-01-01"
        with clock.fixed(NEW_YEAR - timedelta(hours=1)):
            assert str(clock.today()) == "2030-12-31"
        assert str(clock.today()) == "2031-01-01"
    assert abs(datetime.now(UTC) - clock.now()) < timedelta(minutes=1)


def test_fixed_lets_the_clock_go_after_an_error() -> None:
    with pytest.raises(KeyError), clock.fixed(NEW_YEAR):
        raise KeyError
    assert clock.now() != NEW_YEAR


def test_fixed_refuses_an_instant_without_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"), clock.fixed(datetime(2031, 1, 1)):  # noqa: DTZ001
        pass
