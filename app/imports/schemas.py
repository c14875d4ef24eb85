"""What an import answers."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

Lang = Literal["zh", "en"]


class ImportKind(StrEnum):
    """What a file holds, one on each line."""

    ELDERS = "elders"
    CAREGIVERS = "caregivers"
    CENTRES = "centres"


class CellError(BaseModel):
    """One cell, or one line as a whole, that is not as it should be."""

    line: int = Field(description="as the spreadsheet counts", examples=[7])
    column: str = Field(description="its header; empty: the line as a whole", examples=["身份证号"])
    value: str = Field(examples=["33078219320501002"])
    expected: str = Field(examples=["18 位身份证号"])


class FieldChange(BaseModel):
    """A value that an update changes."""

    column: str
    before: str
    after: str


class RowChange(BaseModel):
    """What an update changes of one elder, caregiver or centre."""

    line: int
    number: str
    changes: list[FieldChange]


class Report(BaseModel):
    """What an import did, or on a dry run would do."""

    kind: ImportKind
    dry_run: bool
    stored: bool = Field(description="false on a dry run, and whenever there is an error: all or nothing")
    rows: int = Field(description="lines with something in them, without the header, notes and the example")
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    changes: list[RowChange] = Field([], description="with `update=true`: what changes of whom")
    notices: list[str] = Field([], description="what was assumed")
    errors: list[CellError] = []
