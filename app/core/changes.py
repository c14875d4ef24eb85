"""What a PATCH carries, and how it lands in a row."""

from collections.abc import Collection
from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy import inspect

from app.core.crypto import EncryptedBytes, EncryptedPoint, EncryptedText
from app.core.db import Base
from app.core.http import Body

UNCHANGED: Any = Field(default_factory=lambda: None)
"""The default of a field that may be left out of a PATCH but, unlike one with ``None``, may not be null."""


class Change(Body):
    """The body of a PATCH: what is left out stays as it is."""

    def values(self) -> dict[str, Any]:
        """Return only what was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def apply_changes(row: Base, values: dict[str, Any], *, hidden: Collection[str] = ()) -> dict[str, Any]:
    """Set columns and return what the audit log may know of it.

    Parameters
    ----------
    hidden
        Columns of which only ``"changed"`` is told; so it is of every encrypted one.

    Returns
    -------
    dict
        The new values of the columns that really changed.
    """
    columns = inspect(type(row)).columns
    told: dict[str, Any] = {}
    for name, value in values.items():
        if getattr(row, name) == value:
            continue
        setattr(row, name, value)
        secret = name in hidden or isinstance(columns[name].type, EncryptedText | EncryptedBytes | EncryptedPoint)
        told[name] = "changed" if secret else value.isoformat() if isinstance(value, date) else value
    return told
