"""When a visit may start: the care plan's windows on the days that are open for it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from solver.problem import MINUTES_IN_DAY, Minutes, Window

OPENS = 7 * 60 + 30
CLOSES = 18 * 60
"""Without windows of her own an elder is visited from 7:30; the last start is before 18:00 …"""

ENDS = 19 * 60
"""… and early enough to be over by 19:00."""


def windows_of(
    wanted: Sequence[Mapping[str, Any]], days: Collection[int], minutes: Minutes
) -> tuple[tuple[Window, ...], tuple[Window, ...]]:
    """Return the windows that bind and those that are only wished, on these days.

    Parameters
    ----------
    wanted
        The care plan's, as its table tells. Those that bind say on which weekdays she can be visited at
        all; if there is none, every day of ``days`` has the default window.
    minutes
        How long the visit lasts.
    """
    binding = [_window(each) for each in wanted if not each.get("wished")]
    wished = [_window(each) for each in wanted if each.get("wished")]
    if not binding:
        closes = min(CLOSES, ENDS - minutes + 1)
        binding = [Window(day, OPENS, closes) for day in range(7)] if closes > OPENS else []
    return tuple(each for each in binding if each.day in days), tuple(each for each in wished if each.day in days)


def _window(stored: Mapping[str, Any]) -> Window:
    # A window may be written up to midnight (1440), which is no start; `Window` is half-open, so it fits.
    return Window(int(stored["weekday"]), int(stored["opens"]), min(int(stored["closes"]), MINUTES_IN_DAY))
