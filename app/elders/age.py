"""From what day on somebody may join: 90 years and not a day less."""

from datetime import date

JOINING_AGE = 90


def may_join_on(birth_date: date) -> date:
    """Return the 90th birthday; who was born on 29 February has it on 1 March where the year has no such day."""
    year = birth_date.year + JOINING_AGE
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
