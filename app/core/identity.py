"""Chinese resident identity numbers (GB 11643-1999): what they say, and whether it agrees with the rest."""

import re
import unicodedata
from datetime import date
from functools import cache

from stdnum import numdb
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from app.core.crypto import vault
from app.core.errors import FieldError, InvalidInput

_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_EXPECTED = "a resident identity number of 18 characters: "


def normal_identity(id_number: str) -> str:
    """Return the number as it is stored: half-width, upper-case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", id_number).split()).upper()


def identity_index(id_number: str) -> str:
    """Return the blind index by which one person's number is found again, however it was typed."""
    return vault().blind_index("id_number", normal_identity(id_number))


def check_identity(id_number: str, birth_date: date, gender: str, *, where: str = "body") -> str:
    """Check a number and that birth date and gender are the ones it tells.

    Parameters
    ----------
    gender
        ``female`` or ``male``.
    where
        What the fields' names in the errors begin with.

    Returns
    -------
    str
        The number as it is to be stored (``normal_identity``).

    Raises
    ------
    InvalidInput
        Naming ``id_number``, ``birth_date`` or ``gender``, or the latter two together.

    Notes
    -----
    ``stdnum.cn.ric.validate`` wants the place to have existed in the year of birth. Numbers were first given
    out in 1984, with the place of registration: it would refuse almost everybody born in Yiwu before 1984.
    Here the place needs only to be, or have been, one.
    """
    number = normal_identity(id_number)
    wrong = _unreadable(number)
    if wrong:
        raise InvalidInput.of(f"{where}.id_number", _EXPECTED + wrong, id_number)
    born = ric.get_birth_date(number)
    told = "male" if int(number[16]) % 2 else "female"
    errors = []
    if born != birth_date:
        errors.append(FieldError(f"{where}.birth_date", f"{born}, as the identity number says", str(birth_date)))
    if told != gender:
        errors.append(FieldError(f"{where}.gender", f"{told}, as the identity number says", str(gender)))
    if errors:
        fields = " and ".join(error.field for error in errors)
        raise InvalidInput(f"{fields}: expected what the identity number says", errors=errors)
    return number


def _unreadable(number: str) -> str | None:
    """Return what a number should have been like, or None if it is one."""
    if _SHAPE.fullmatch(number) is None:
        return "17 digits, then a digit or X"
    if ric.calc_check_digit(number) != number[-1]:
        return "the last character is a check digit, and it does not fit"
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return "characters 7 to 14 are a date of birth"
    if not _is_place(number[:6]):
        return "the first six digits are a division code"
    return None


@cache
def _is_place(code: str) -> bool:
    """Whether a division code is, or ever was, that of a county or district (GB/T 2260)."""
    return any("county" in properties for _, properties in numdb.get("cn/loc").info(code))
