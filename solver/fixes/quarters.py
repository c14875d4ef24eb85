"""Times that are agreed upon with people are quarters of an hour."""

from solver.problem import MINUTES_IN_DAY, Minutes

QUARTER = 15


def down(minute: Minutes) -> Minutes:
    """Return the quarter at or before a minute."""
    return minute - minute % QUARTER


def up(minute: Minutes) -> Minutes:
    """Return the quarter at or after a minute, midnight at the latest."""
    return min(MINUTES_IN_DAY, minute + -minute % QUARTER)
