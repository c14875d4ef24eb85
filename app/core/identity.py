"""Chinese resident identity numbers (GB 11643-1999): what they say, and whether it agrees with the rest."""

import re
import unicodedata
from datetime import date
from functools import cache
from typing import Annotated

from pydantic import StringConstraints
from stdnum import numdb
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from app.core.crypto import vault
from app.core.errors import FieldError, InvalidInput
from app.core.http import Printable
from app.terms import LABELS

IdentityText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), Printable]
"""A number as it is typed; ``check_identity`` says whether it is one."""

_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_EXPECTED = "a resident identity number: 18 characters, the date of birth from the 7th to the 14th, a fitting last one"
_EXPECTED_ZH = "18位居民身份证号码（出生日期和校验码无误）"


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
    if not _is_identity_number(number):
        raise InvalidInput.of(f"{where}.id_number", _EXPECTED, id_number, _EXPECTED_ZH)
    born = ric.get_birth_date(number)
    told = "male" if int(number[16]) % 2 else "female"
    errors = []
    if born != birth_date:
        expected, zh = f"{born}, as the identity number says", f"{born}（与身份证号一致）"
        errors.append(FieldError(f"{where}.birth_date", expected, str(birth_date), zh))
    if told != gender:
        expected, zh = f"{told}, as the identity number says", f"{LABELS['gender'][told][0]}（与身份证号一致）"
        errors.append(FieldError(f"{where}.gender", expected, str(gender), zh))
    if errors:
        fields = " and ".join(error.field for error in errors)
        raise InvalidInput(f"{fields}: expected what the identity number says", errors=errors)
    return number


def _is_identity_number(number: str) -> bool:
    if _SHAPE.fullmatch(number) is None or ric.calc_check_digit(number) != number[-1]:
        return False
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return _is_place(number[:6])


@cache
def _is_place(code: str) -> bool:
    """Whether a division code is, or ever was, that of a county or district (GB/T 2260)."""
    return any("county" in properties for _, properties in numdb.get("cn/loc").info(code))
