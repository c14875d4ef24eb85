"""The shell of a page: server-rendered, under a policy that lets it load nothing but what we serve."""

import json
import posixpath
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.accounts.models import Role
from app.web import assets

Lang = Literal["zh", "en"]
PageName = Literal["sign-in", "board", "month", "roster", "import", "users", "my"]

PAGES_OF: dict[Role, tuple[PageName, ...]] = {
    Role.ADMINISTRATOR: ("board", "month", "roster", "import", "users"),
    Role.DISPATCHER: ("board", "month", "roster", "import"),
    Role.AUDITOR: ("board", "month", "roster"),
    Role.CAREGIVER: ("my",),
}
"""Whose pages are which, in the order of the navigation; the first is where she begins."""

LANG_COOKIE = "jiuling_lang"

_STYLE_OF = {"roster": "record", "import": "record", "users": "record"}
"""Pages that look alike; every other has a style of its own name."""

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^(?:import|export)\b.* from "(\.[\w./-]+)";$', re.MULTILINE)
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is rendered with; ``known`` are plain values that its modules read.

    ``places`` are the pages of whom it is for.
    """

    name: PageName
    token: str
    known: dict[str, Any]
    places: tuple[PageName, ...] = ()
    images: str = ""  # the one other host from which it may load images


def lang_of(request: Request) -> Lang:
    """Return the language that was chosen in this browser; Chinese unless it was English."""
    return "en" if request.cookies.get(LANG_COOKIE) == "en" else "zh"


@lru_cache(maxsize=2)
def messages(lang: Lang) -> dict[str, str]:
    """Return every text of the pages in one language."""
    found: dict[str, str] = json.loads((_HERE / "messages" / f"{lang}.json").read_text("utf-8"))
    return found


def render(page: Page, lang: Lang) -> HTMLResponse:
    """Return a page; without the fetched packages it says what to run."""
    nonce = secrets.token_urlsafe(16)
    absent = assets.missing()
    known = {"lang": lang, "messages": messages(lang), **page.known}
    text = _TEMPLATES.get_template("missing.html" if absent else "page.html").render(
        page=page,
        lang=lang,
        words=messages(lang),
        nonce=nonce,
        static=f"/static/{assets.version()}",
        modules=modules_of(page.name),
        style=f"{_STYLE_OF.get(page.name, page.name)}.css",
        packages=sorted({*assets.PACKAGES.values()} - assets.LATER),
        import_map=script_json(assets.import_map()),
        known=script_json(known),
    )
    headers = {
        "Content-Security-Policy": _policy(nonce, page.images),
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=()",
    }
    return HTMLResponse(text, 503 if absent else 200, headers=headers)


@lru_cache(maxsize=16)
def modules_of(name: str) -> tuple[str, ...]:
    """Return what a page imports, so that the browser fetches all at once, not one after the other."""
    found: set[str] = set()
    ahead = [f"{name}.js"]
    while ahead:
        module = ahead.pop()
        if module not in found:
            found.add(module)
            folder = posixpath.dirname(module)
            imports = _IMPORT.findall((assets.STATIC / module).read_text("utf-8"))
            ahead += [posixpath.normpath(posixpath.join(folder, path)) for path in imports]
    return tuple(sorted(found))


def _policy(nonce: str, images: str) -> str:
    pictures = " ".join(filter(None, ("'self'", "data:", images)))
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src {pictures}; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def script_json(value: Any) -> str:
    """Return JSON that can stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
