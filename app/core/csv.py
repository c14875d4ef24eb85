"""The one CSV writer: opens in Excel and WPS as it is, and no cell can act as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

BOM = "\ufeff"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CHUNK_ROWS = 200


class DigitText(str):
    """Digits that are a name and not an amount (phones, identity numbers): spreadsheets must keep them as text."""


def guard(value: Any) -> str:
    """Return a cell that a spreadsheet shows and never calculates.

    Text that begins like a formula gets an apostrophe before it; numbers stay numbers; ``DigitText`` gets a
    tab before it, by which Excel and WPS take it as text.

    Notes
    -----
    Which beginnings are dangerous: OWASP, CSV Injection.
    """
    if value is None:
        return ""
    if isinstance(value, DigitText):
        return f"\t{value}" if value.isalnum() else guard(str(value))
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value
    return str(value)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield a CSV file in pieces: UTF-8 with BOM, CRLF, quoted where needed (RFC 4180)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(header)
    for n, row in enumerate(rows, 1):
        writer.writerow([guard(value) for value in row])
        if n % _CHUNK_ROWS == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
