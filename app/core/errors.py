"""What can go wrong on purpose: each error owns its status and says which field and what was expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from app.core.expected import words


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input; ``expected_zh`` says the same in Chinese, for pages and reports of imports.

    ``code`` names a mistake that any field of its kind could have (``int_parsing``, ``missing`` …); empty: what was
    expected is said of this very field.
    """

    field: str
    expected: str
    value: Any = None
    expected_zh: str = ""
    code: str = ""


def wrong_value(expected: str, zh: str) -> PydanticCustomError:
    """Return what a validator raises: what was expected, in English and in Chinese."""
    return PydanticCustomError("wrong_value", "expected {expected}", {"expected": expected, "zh": zh})


def field_error(item: Mapping[str, Any], where: str = "") -> FieldError:
    """Return what one of pydantic's errors says of a field inside ``where``; a password is not repeated."""
    location, value, context = [where, *item["loc"]], item.get("input"), item.get("ctx", {})
    if item["type"] in ("union_tag_invalid", "union_tag_not_found"):
        location, value = [*location, context["discriminator"].strip("'")], context.get("tag")
    if item["type"] == "json_invalid":  # FastAPI tells where as if it were a field
        place = next((part for part in location if isinstance(part, int)), 0)
        location, context = [part for part in location if part != place], {**context, "place": place}
    if "password" in str(location[-1]):
        value = None
    field = ".".join(str(part) for part in location if part != "")
    said = words(item["type"], context)
    if said is not None:
        return FieldError(field, said[0], value, said[1], item["type"])
    expected = str(item["msg"]).removeprefix("Value error, ").removeprefix("expected ")
    return FieldError(field, expected, value, str(context.get("zh", "")))


class JiulingError(Exception):
    """The mother of all expected errors; ``title`` is for people, ``type_`` for programs; ``zh`` says it in Chinese."""

    status = 400
    type_ = "bad-request"
    title = "The request can't be carried out."

    def __init__(self, detail: str, *, zh: str = "", errors: Sequence[FieldError] = (), **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.zh = zh
        self.errors = tuple(errors)
        self.extra = extra


class InvalidInput(JiulingError):
    """Something in the request is wrong; nothing was stored."""

    status = 422
    type_ = "invalid-input"
    title = "Some of the input is not valid; nothing was stored."

    @classmethod
    def of(cls, field: str, expected: str, value: Any = None, zh: str = "") -> "InvalidInput":
        """Return the error of a single field."""
        return cls(f"{field}: expected {expected}", errors=(FieldError(field, expected, value, zh),))

    @classmethod
    def from_validation(cls, error: ValidationError, where: str = "body") -> "InvalidInput":
        """Return the error of a body that was put together here, not read from a request; ``where`` may be empty."""
        errors = [field_error(item, where) for item in error.errors()]
        return cls(f"{len(errors)} field(s) are not valid", errors=errors)


class NotFound(JiulingError):
    """It isn't there, or the caller may not know that it is."""

    status = 404
    type_ = "not-found"
    title = "There is no such thing, or it is not yours to see."

    @classmethod
    def of(cls, kind: str, key: object) -> "NotFound":
        """Return the error of one missing thing."""
        return cls(f"no {kind} with id {key}")


class NotAuthenticated(JiulingError):
    """Nobody is signed in."""

    status = 401
    type_ = "not-authenticated"
    title = "Sign in first."


class Forbidden(JiulingError):
    """The role or the town is not allowed to do it."""

    status = 403
    type_ = "forbidden"
    title = "Your role or your towns do not allow it."


class Conflict(JiulingError):
    """It contradicts what is stored."""

    status = 409
    type_ = "conflict"
    title = "It contradicts what is stored; nothing was changed."

    @classmethod
    def of(cls, field: str, expected: str, value: Any = None, zh: str = "") -> "Conflict":
        """Return the error of a single field."""
        return cls(f"{field}: expected {expected}", errors=(FieldError(field, expected, value, zh),))


class Stale(JiulingError):
    """Somebody else changed it in the meantime."""

    status = 412
    type_ = "stale"
    title = "It was changed in the meantime; read it again, then decide."


class PreconditionRequired(JiulingError):
    """A change must name the version that it was made from."""

    status = 428
    type_ = "precondition-required"
    title = "Send the ETag that you read as If-Match."


class TooLarge(JiulingError):
    """The body is larger than allowed."""

    status = 413
    type_ = "too-large"
    title = "The body is too large."


class TooManyAttempts(JiulingError):
    """Too many requests in a short time."""

    status = 429
    type_ = "too-many-attempts"
    title = "Too many attempts; wait a little."


class Unavailable(JiulingError):
    """A part that is needed is not there right now."""

    status = 503
    type_ = "unavailable"
    title = "It can't be done at the moment; try again."
