"""What every route shares: bounded input types, ETags, problem+json errors, body limits, request ids."""

import logging
import math
import re
import unicodedata
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from app.core.db import MAX_ID, Versioned
from app.core.errors import (
    Conflict,
    InvalidInput,
    JiulingError,
    PreconditionRequired,
    Stale,
    TooLarge,
    Unavailable,
    field_error,
    wrong_value,
)

log = logging.getLogger("jiuling.http")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PROBLEM_JSON = "application/problem+json"
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def _printable(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in text):
        raise wrong_value("text without control characters", "不含控制字符的文字")
    return text


def _each_once(items: list[Any]) -> list[Any]:
    if len(set(items)) < len(items):
        raise wrong_value("each at most once", "不重复")
    return items


def _iso_day(value: Any) -> Any:
    # Pydantic would take the number 0 for 1970-01-01, and any year for a day.
    text = value.isoformat() if isinstance(value, date) else value
    if isinstance(text, str) and re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        return value
    raise wrong_value(
        "a day from 1900-01-01 to 2199-12-31, such as 2026-11-23", "1900-01-01 至 2199-12-31 的日期，如 2026-11-23"
    )


Printable = AfterValidator(_printable)
EachOnce = AfterValidator(_each_once)
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
PathId = Annotated[int, Path(ge=1, le=MAX_ID)]
QueryId = Annotated[int | None, Query(ge=1, le=MAX_ID)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), Printable]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Printable]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), Printable]
Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^(1[3-9][0-9]{9}|0[0-9]{2,3}-?[1-9][0-9]{6,7})$")
]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-]{1,20}$")]
MinuteOfDay = Annotated[int, Field(ge=0, le=1440)]
Day = Annotated[date, BeforeValidator(_iso_day)]
QueryDay = Annotated[Day | None, Query()]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
SearchText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), Printable]


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is never silently lost."""

    model_config = ConfigDict(extra="forbid")


class SearchBody(Body):
    """What to look for; in the body, since a name has no place in a URL."""

    q: Annotated[SearchText, Field(min_length=1)] = Field(
        description="a piece of the name, of its pinyin or of the number", examples=["wxy"]
    )


class Problem(BaseModel):
    """An error as RFC 9457 describes it; ``errors`` names each field and what was expected there.

    Where the service says it in Chinese too, that is ``expected_zh``, and ``detail_zh``. ``code`` names a mistake of
    form (``missing``, ``int_parsing``, ``too_long`` …).
    """

    type: str = Field(examples=["urn:jiuling:problem:invalid-input"])
    title: str
    status: int
    detail: str
    detail_zh: str | None = None
    errors: list[dict[str, Any]] = Field(
        default=[], examples=[[{"field": "body.visit_minutes", "expected": "30 to 240", "value": 10}]]
    )
    request_id: str | None = None


_DESCRIPTIONS = {
    400: "The request can't be read.",
    401: "Nobody is signed in, or the token has ended.",
    403: "The role or the town is not allowed to do it.",
    404: "It isn't there, or it is not yours to see.",
    409: "It contradicts what is stored; nothing was changed.",
    412: "It was changed in the meantime.",
    413: "The body is too large.",
    415: "The kind of content is not accepted.",
    422: "Some of the input is not valid; nothing was stored.",
    428: "If-Match is missing.",
    429: "Too many attempts.",
    503: "A part that is needed is not there right now.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error answers of a route for OpenAPI."""
    return {status: problem_answer(status) | {"model": Problem} for status in sorted({*statuses, 422})}


def problem_answer(status: int) -> dict[str, Any]:
    """Return one error answer for OpenAPI."""
    return {
        "description": _DESCRIPTIONS[status],
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


# --- versions -------------------------------------------------------------------------------------

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


def etag(row: Versioned) -> str:
    """Return a row's ETag."""
    return f'"{row.version}"'


def set_etag(response: Response, row: Versioned) -> None:
    """Say in the answer which version it shows."""
    response.headers["ETag"] = etag(row)


IfMatch = Annotated[str | None, Header(max_length=64, examples=['"3"'])]


def _expected_version(if_match: IfMatch = None) -> int:
    if if_match is None:
        raise PreconditionRequired("If-Match is missing: send the ETag that you read")
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise InvalidInput.of("header.if-match", 'an ETag such as "3"', if_match)
    return int(match[1])


def _possible_version(if_match: IfMatch = None) -> int | None:
    return None if if_match is None else _expected_version(if_match)


ExpectedVersion = Annotated[int, Depends(_expected_version)]
# Of a PUT, which may create: the service asks for the version if there is a row already.
PossibleVersion = Annotated[int | None, Depends(_possible_version)]


def check_version(row: Versioned, expected: int) -> None:
    """Refuse a change that was made from another version than the stored one.

    Raises
    ------
    Stale
        With the version that is stored now.
    """
    if row.version != expected:
        raise Stale(f"it is at version {row.version}, not {expected}", current_version=row.version)


# --- errors ---------------------------------------------------------------------------------------


def request_id(request: Request) -> str | None:
    """Return the id under which the request is logged."""
    found: str | None = request.scope.get("jiuling_request_id")
    return found


def _shown(value: Any) -> Any:
    """Return a value that may be repeated to its sender: short, and nothing that looks personal in bulk."""
    if value is None or isinstance(value, bool | int | float):
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()[:100]
    return None


def problem(error: JiulingError, request: Request) -> JSONResponse:
    """Return the answer that says what was wrong."""
    body = {
        "type": f"urn:jiuling:problem:{error.type_}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail.encode("utf-8", "backslashreplace").decode(),
        "errors": [
            {"field": item.field, "expected": item.expected, "value": _shown(item.value)}
            | ({"expected_zh": item.expected_zh} if item.expected_zh else {})
            | ({"code": item.code} if item.code else {})
            for item in error.errors
        ],
        "request_id": request_id(request),
        **({"detail_zh": error.zh} if error.zh else {}),
        **error.extra,
    }
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(body, error.status, headers=headers, media_type=PROBLEM_JSON)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [field_error(item) for item in error.errors()]
    return problem(InvalidInput(f"{len(fields)} field(s) are not valid", errors=fields), request)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = JiulingError(str(error.detail))
    answer.status = error.status_code
    answer.type_ = re.sub(r"[^a-z]+", "-", str(error.detail).lower()).strip("-")[:60] or "http-error"
    answer.title = str(error.detail)
    response = problem(answer, request)
    response.headers.update(error.headers or {})
    return response


def _stale(request: Request, _error: Exception) -> JSONResponse:
    return problem(Stale("somebody else changed it at the same moment"), request)


def _integrity(request: Request, _error: Exception) -> JSONResponse:
    return problem(Conflict("a value that must be unique is taken, or something it refers to is gone"), request)


def _busy(request: Request, error: Exception) -> JSONResponse:
    log.error("database unavailable: %s", type(getattr(error, "orig", error)).__name__)
    return problem(Unavailable("the database does not answer"), request)


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    # Only the kind and the place: a message may hold what somebody typed.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    log.error("unexpected %s at %s request_id=%s", type(error).__name__, where, request_id(request))
    answer = JiulingError("an unexpected error; it was written to the log under the request_id")
    answer.status, answer.type_, answer.title = 500, "unexpected", "Something went wrong on our side."
    response = problem(answer, request)
    # This answer is made outside of all middleware.
    response.headers.update({"X-Request-Id": request_id(request) or "", **_ALWAYS, "Cache-Control": "no-store"})
    return response


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem+json answer."""
    app.add_exception_handler(JiulingError, lambda request, error: problem(error, request))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StaleDataError, _stale)
    app.add_exception_handler(IntegrityError, _integrity)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(Exception, _unexpected)


# --- middleware -----------------------------------------------------------------------------------


class RequestId:
    """Gives every request an id, in the scope and in the answer's ``X-Request-Id``."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identifier = uuid.uuid4().hex
        scope["jiuling_request_id"] = identifier

        async def stamped(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                headers.append((b"x-request-id", identifier.encode()))
                headers += [(name.lower().encode(), value.encode()) for name, value in _ALWAYS.items()]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, stamped)


class BodyLimit:
    """Refuses a body that is larger than allowed, announced or streamed."""

    def __init__(self, app: Any, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and len(announced) < 19 and int(announced) <= self.max_bytes:
            await self._count(scope, receive, send)
            return
        await self._refuse(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        started = False

        async def counted() -> MutableMapping[str, Any]:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise self._error()
            return message

        async def unless_too_large(message: MutableMapping[str, Any]) -> None:
            # Whoever reads the body may take the error for an unreadable one (400).
            nonlocal started
            if started or received <= self.max_bytes:
                started = True
                await send(message)

        with suppress(TooLarge):
            await self.app(scope, counted, unless_too_large)
        if received > self.max_bytes and not started:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        await problem(self._error(), Request(scope))(scope, receive, send)

    def _error(self) -> TooLarge:
        return TooLarge(f"at most {self.max_bytes} bytes are accepted")
