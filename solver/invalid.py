"""The error of a problem that cannot be, and the checks of single values that raise it."""

from math import isfinite

_SHOWN = 80  # characters of a wrong value in a message: it may be long


class InvalidProblem(ValueError):
    """A value that no problem (or no plan read from a file) may hold.

    Attributes
    ----------
    field
        Where it stands: ``starts`` from a constructor, ``needs[3].place`` from `Problem`, and the
        whole path from the codec.
    value
        What was given.
    expected
        What would have been right, in words.
    """

    def __init__(self, field: str, value: object, expected: str) -> None:
        shown = repr(value)
        if len(shown) > _SHOWN:
            shown = shown[:_SHOWN] + "…"
        super().__init__(f"{field} is {shown}; expected {expected}")
        self.field = field
        self.value = value
        self.expected = expected

    def under(self, path: str) -> "InvalidProblem":
        """Return the same error with its field told from further outside."""
        joined = path + self.field if self.field.startswith("[") or not path else f"{path}.{self.field}"
        return InvalidProblem(joined, self.value, self.expected)


def is_text(value: object) -> bool:
    """Tell whether this is a text that UTF-8 can hold and a database takes: no half characters, no NUL."""
    if type(value) is not str or "\0" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_id(field: str, value: object) -> None:
    """Refuse anything but a text of 1 to 200 characters without NUL."""
    if not is_text(value) or not 1 <= len(str(value)) <= 200:
        raise InvalidProblem(field, value, "a text of 1 to 200 characters")


def check_whole(field: str, value: object, low: int, high: int) -> None:
    """Refuse anything but a whole number with ``low <= value <= high``."""
    if type(value) is not int or not low <= value <= high:
        raise InvalidProblem(field, value, f"a whole number from {low} to {high}")


def check_number(field: str, value: object, low: float, high: float) -> None:
    """Refuse anything but a finite number with ``low <= value <= high``."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value) or not low <= value <= high:
        raise InvalidProblem(field, value, f"a number from {low:g} to {high:g}")
