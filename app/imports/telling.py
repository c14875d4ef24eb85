"""How a report shows a value that changes: in the words of the file."""

from datetime import date
from typing import Any

from app.imports.columns import YES_NO, YES_NO_EN, in_lang
from app.imports.schemas import FieldChange
from app.imports.work import Work
from app.terms import LABELS

_IN_HOURS = ("monthly_hours", "contract_hours", "monthly_capacity_hours")  # stored in minutes
_LABELS = {
    "gender": "gender",
    "required_gender": "gender",
    "wished_gender": "gender",
    "dialects": "dialect",
    "disability_grade": "disability_grade",
    "items": "service_item",
    "extra_skills": "skill",
    "mode": "mode",
}


def told_change(work: Work, column: str, before: Any, after: Any) -> FieldChange:
    """Return what changes in a column."""
    known = work.columns.get(column)
    header = known.header(work.lang) if known else column
    return FieldChange(column=header, before=_shown(work, column, before), after=_shown(work, column, after))


def _shown(work: Work, column: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(in_lang((YES_NO, YES_NO_EN), work.lang)[0 if value else 1])
    if isinstance(value, date):
        return value.isoformat()
    if column in _IN_HOURS:
        return f"{value / 60:g}"
    if isinstance(value, list | tuple):
        return "、".join(_shown(work, column, part) for part in value)
    if isinstance(value, dict):
        return _window(value)
    if column == "town":
        return work.places.town_of_id.get(value, str(value))
    if column == "village":
        return work.places.village_names.get(value, str(value))
    label = LABELS.get(_LABELS.get(column, ""), {}).get(str(value))
    return str(in_lang(label, work.lang)) if label else str(value)


def _window(window: dict[str, Any]) -> str:
    opens, closes = (f"{window[key] // 60:02d}:{window[key] % 60:02d}" for key in ("opens", "closes"))
    return f"{window['weekday'] + 1} {opens}-{closes}{' *' if window.get('wished') else ''}"
