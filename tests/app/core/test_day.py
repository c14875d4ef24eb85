"""Days that come in."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from app.core.http import Day

DAYS: TypeAdapter[date] = TypeAdapter(Day)


@pytest.mark.parametrize("text", ["1900-01-01", "2024-02-29", "2199-12-31"])
def test_a_day_of_three_centuries(text: str) -> None:
    assert DAYS.validate_python(text) == date.fromisoformat(text)


@pytest.mark.parametrize("value", ["1899-12-31", "2200-01-01", "2023-02-29", "20260101", "0", 0, 1e300, "", None, True])
def test_nothing_else(value: object) -> None:
    with pytest.raises(ValidationError):
        DAYS.validate_python(value)
