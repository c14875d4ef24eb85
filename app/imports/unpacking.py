"""Measures a workbook before it is read, so that a small file can't become a large one.

A workbook is a zip of XML: it may inflate a thousandfold, name one string from a million cells, or put a cell in
the last row and column, for which the reader would lay out the whole sheet.
"""

import io
import zipfile
import zlib
from xml.parsers import expat

from app.imports.unreadable import Unreadable

MAX_PARTS = 1_000
MAX_INFLATED_BYTES = 64_000_000
MAX_TEXT_CHARACTERS = 64_000_000
MAX_ROW = 21_000
MAX_COLUMN = 100

_HEADER_BYTES = 30  # of a file in a zip, before its name


def check_workbook(content: bytes) -> None:
    """Refuse what isn't a workbook of a bearable size.

    Raises
    ------
    Unreadable
        With what is wrong.
    """
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _broken() from error
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise Unreadable("文件不是 .xlsx 工作簿", "the file is a zip but not an .xlsx workbook")
    if len(parts) > MAX_PARTS:
        raise _too_large()
    measure = _Measure()
    left = MAX_INFLATED_BYTES
    for part in parts:
        inflated = _inflate(content, part, left)
        left -= len(inflated)
        measure.read(inflated)
    measure.check()


def _inflate(content: bytes, part: zipfile.ZipInfo, limit: int) -> bytes:
    # By hand: the sizes that a zip declares may lie, to this reader or to the next.
    start = part.header_offset
    header = content[start : start + _HEADER_BYTES]
    if len(header) < _HEADER_BYTES or part.flag_bits & 1:
        raise _broken()
    start += _HEADER_BYTES + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = content[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        inflated = packed
    elif part.compress_type == zipfile.ZIP_DEFLATED:
        try:
            inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit + 1)
        except zlib.error as error:
            raise _broken() from error
    else:
        raise _broken()
    if len(inflated) > limit:
        raise _too_large()
    return inflated


class _Measure:
    """Counts the characters that all cells would hold, and how far down and right they lie."""

    def __init__(self) -> None:
        self._lengths: list[int] = []  # of the shared strings
        self._named: dict[int, int] = {}  # shared string -> cells that name it
        self._in_shared = self._in_value = self._is_shared = False
        self._place = ""
        self._value = ""

    def read(self, part: bytes) -> None:
        """Measure one part, if it is XML with cells or shared strings."""
        if not any(mark in part for mark in (b"<c", b":c", b"<si", b":si")):
            return
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")  # whatever it declares
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(part, True)
        except expat.ExpatError as error:
            if b"sheetData" in part or b"sst" in part:
                raise _broken() from error

    def check(self) -> None:
        """Refuse more text than a roster has.

        Raises
        ------
        Unreadable
            If strings are named so often that they would fill the memory.
        """
        named = sum(
            times * self._lengths[index] for index, times in self._named.items() if 0 <= index < len(self._lengths)
        )
        if named > MAX_TEXT_CHARACTERS:
            raise _too_large()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if name == "si":
            self._lengths.append(0)
            self._in_shared = True
        elif name == "c":
            self._place, self._is_shared = attributes.get("r", ""), attributes.get("t") == "s"
        elif name == "v":
            self._in_value, self._value = True, ""
            self._check_place()
        elif name == "is":
            self._check_place()

    def _end(self, name: str) -> None:
        name = name.rpartition(" ")[2]
        if name == "si":
            self._in_shared = False
        elif name == "v":
            self._in_value = False
            if self._is_shared and self._value.isdecimal() and len(self._value) < 10:
                index = int(self._value)
                self._named[index] = self._named.get(index, 0) + 1

    def _text(self, text: str) -> None:
        if self._in_shared:
            self._lengths[-1] += len(text)
        elif self._in_value:
            self._value += text

    def _check_place(self) -> None:
        letters = self._place.rstrip("0123456789")
        column = 0
        for letter in letters[:4].upper():
            column = column * 26 + ord(letter) - ord("A") + 1
        row = int(self._place[len(letters) :][:9] or 0)
        if row > MAX_ROW or column > MAX_COLUMN:
            raise Unreadable(
                f"单元格 {self._place[:20]} 超出范围：最多 {MAX_COLUMN} 列、20000 行数据",
                f"cell {self._place[:20]} is out of reach: at most {MAX_COLUMN} columns and 20000 rows of data",
            )


def _refuse_doctype(*_: object) -> None:
    raise _broken()


def _broken() -> Unreadable:
    return Unreadable(
        "工作簿已损坏或加密，请另存为 .xlsx 后重试", "the workbook is damaged or encrypted: save it as .xlsx again"
    )


def _too_large() -> Unreadable:
    return Unreadable("工作簿解压后过大", "the workbook is too large once unpacked")
