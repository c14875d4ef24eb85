"""Pages by key: ``?after=<last id>&limit=n``; the same cost on the last page as on the first."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.core.db import MAX_ID

_BATCH = 1000

Row = TypeVar("Row")
Item = TypeVar("Item")


class PageRequest(BaseModel):
    """Which page."""

    after: int = 0
    limit: int = 50


def _page_request(
    after: Annotated[int, Query(ge=0, le=MAX_ID, description="the id of the last item of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="how many items at most")] = 50,
) -> PageRequest:
    return PageRequest(after=after, limit=limit)


WhichPage = Annotated[PageRequest, Depends(_page_request)]


class Page(BaseModel, Generic[Item]):
    """Some items in order of id, and where to go on."""

    items: list[Item]
    next_after: int | None = Field(None, description="send as `after` for the next page; null: this was the last")


def page_of(rows: Sequence[Row], limit: int, show: Callable[[Row], Any]) -> dict[str, Any]:
    """Return a page of rows, of which one more than ``limit`` was read to know whether more follow."""
    shown = rows[:limit]
    more = len(rows) > limit
    return {"items": [show(row) for row in shown], "next_after": shown[-1].id if more else None}  # type: ignore[attr-defined]


def read_page(
    session: Session, query: Select[Row], key: Any, page: PageRequest, show: Callable[[Row], Any]
) -> dict[str, Any]:
    """Run a query for one page; ``key`` is the id column it is ordered by."""
    rows = session.scalars(query.where(key > page.after).order_by(key).limit(page.limit + 1)).all()
    return page_of(rows, page.limit, show)


def read_page_matching(
    session: Session,
    query: Select[Row],
    key: Any,
    page: PageRequest,
    show: Callable[[Row], Any],
    matches: Callable[[Any], bool],
    columns: Sequence[Any],
) -> dict[str, Any]:
    """Like ``read_page``, for a test that only Python can make (encrypted columns): reads on until the page is full.

    ``matches`` is asked with rows of ``columns`` only: decrypting is what takes the time.
    """
    found: list[int] = []
    after = page.after
    while len(found) <= page.limit:
        rows = session.execute(
            query.with_only_columns(key, *columns).where(key > after).order_by(key).limit(_BATCH)
        ).all()
        found += [row[0] for row in rows if matches(row)]
        if len(rows) < _BATCH:
            break
        after = rows[-1][0]
    wanted = session.scalars(query.where(key.in_(found[: page.limit + 1])).order_by(key)).all()
    return page_of(wanted, page.limit, show)
