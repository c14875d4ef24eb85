"""One import while it runs: its rows, and what was found about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from app.accounts.scope import Actor
from app.core.errors import FieldError, InvalidInput, JiulingError
from app.imports import cells
from app.imports.columns import Column, in_lang
from app.imports.places import Places
from app.imports.reading import Cell
from app.imports.schemas import CellError, FieldChange, RowChange

BodyType = TypeVar("BodyType", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the cells that are there, and the values of those that could be read; blank ones are in neither."""

    line: int
    cells: Mapping[str, Cell]
    values: Mapping[str, Any]

    def pick(self, columns: Mapping[str, str]) -> dict[str, Any]:
        """Return the fields of a body: ``columns`` says which column each comes from."""
        return {name: self.values[column] for name, column in columns.items() if column in self.values}


@dataclass(slots=True)
class Work:
    """What an import knows and finds out; errors are named by line and column."""

    session: Session
    actor: Actor
    lang: str
    update: bool
    columns: Mapping[str, Column]
    rows: list[Row]
    places: Places
    errors: list[CellError] = field(default_factory=list)
    created: int = 0
    unchanged: int = 0
    changes: list[RowChange] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _blamed: set[tuple[int, str]] = field(default_factory=set)
    _lines: set[int] = field(default_factory=set)

    def blame(self, row: Row, column: str, zh: str = "", en: str = "") -> None:
        """Say that a cell, or with ``""`` the line, isn't as it should be; the first error of a cell is told."""
        if (row.line, column) in self._blamed:
            return
        self._blamed.add((row.line, column))
        self._lines.add(row.line)
        known = self.columns.get(column)
        expected = known.expected if known else ("", "")
        said = in_lang((zh or expected[0] or en, en or expected[1] or zh), self.lang)
        value = cells.text(row.cells.get(column))[:200]
        header = known.header(self.lang) if known else ""
        self.errors.append(CellError(line=row.line, column=header, value=value, expected=said))

    def excuse(self, row: Row, column: str) -> None:
        """Say nothing of a cell that can't be right because of another one."""
        self._blamed.add((row.line, column))

    def blame_error(self, row: Row, error: JiulingError, columns: Mapping[str, str]) -> None:
        """Say what a rule of the API found; ``columns`` says which column a field of its body comes from."""
        for found in error.errors or (FieldError("body", error.detail),):
            name = found.field.removeprefix("body.").split(".")[0]
            column = columns.get(name, "")
            # The wording of a column says more than that of a mistake of form.
            zh, en = ("", "") if found.code and column else (found.expected_zh, found.expected)
            self.blame(row, column, zh, en)

    def body(
        self, row: Row, model: type[BodyType], columns: Mapping[str, str], fields: Mapping[str, Any]
    ) -> BodyType | None:
        """Return a request body of some fields, or None after saying what is wrong, and in which column."""
        try:
            return model.model_validate(dict(fields))
        except ValidationError as error:
            self.blame_error(row, InvalidInput.from_validation(error), columns)
            return None

    def attempt(self, row: Row, columns: Mapping[str, str], deed: Callable[[], Any]) -> Any:
        """Do what may break a rule of the API inside a savepoint; None after saying which."""
        try:
            with self.session.begin_nested():
                return deed()
        except JiulingError as error:
            self.blame_error(row, error, columns)
            return None

    def find_repeated(self, *columns: str) -> None:
        """Blame values that stand in the file twice."""
        for column in columns:
            first: dict[str, int] = {}
            for row in self.rows:
                value = str(row.values.get(column, "")).casefold()
                if value and first.setdefault(value, row.line) != row.line:
                    line = first[value]
                    self.blame(
                        row, column, f"文件内不重复（与第 {line} 行相同）", f"unlike line {line}, which has it too"
                    )

    def tell_change(self, row: Row, number: str, changes: list[FieldChange]) -> None:
        """Report what an update changes of one of them."""
        if changes:
            self.changes.append(RowChange(line=row.line, number=number, changes=changes))
        else:
            self.unchanged += 1

    def is_blamed(self, row: Row) -> bool:
        """Whether something is wrong with a row."""
        return row.line in self._lines
