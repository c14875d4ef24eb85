"""When a visit may start."""

import pytest

from app.schedules.windows import windows_of
from solver.problem import Window


@pytest.mark.parametrize(("minutes", "closes"), [(30, 1080), (60, 1080), (61, 1080), (62, 1079), (240, 901)])
def test_without_windows_a_visit_starts_before_six_and_is_over_by_seven(minutes: int, closes: int) -> None:
    binding, wished = windows_of([], {2}, minutes)
    assert binding == (Window(2, 450, closes),)
    assert wished == ()
    assert closes - 1 + minutes <= 1140


def test_windows_that_bind_say_on_which_days_and_those_wished_do_not() -> None:
    stored = [
        {"weekday": 1, "opens": 480, "closes": 660, "wished": False},
        {"weekday": 4, "opens": 480, "closes": 660, "wished": False},
        {"weekday": 1, "opens": 480, "closes": 540, "wished": True},
    ]
    binding, wished = windows_of(stored, {0, 1, 2}, 60)
    assert binding == (Window(1, 480, 660),)
    assert wished == (Window(1, 480, 540),)


def test_wishes_alone_leave_the_default_window() -> None:
    binding, wished = windows_of([{"weekday": 0, "opens": 480, "closes": 540, "wished": True}], {0, 1}, 60)
    assert binding == (Window(0, 450, 1080), Window(1, 450, 1080))
    assert wished == (Window(0, 480, 540),)
