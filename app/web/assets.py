"""What the pages load: our own modules, and the packages that ``dev.py`` fetched beside them.

``python -m app.web.assets node_modules`` copies what is needed of the packages into ``static/vendor``, an
ignored folder. Only the standard library is needed, so that an image can do it before anything else is there.
"""

import gzip
import hashlib
import mimetypes
import re
import shutil
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"
VENDOR = STATIC / "vendor"

PACKAGES: dict[str, str] = {
    "preact": "preact/dist/preact.mjs",
    "preact/hooks": "preact/hooks/dist/hooks.mjs",
    "htm": "htm/dist/htm.mjs",
    "htm/preact": "htm/preact/index.mjs",
    "@preact/signals-core": "@preact/signals-core/dist/signals-core.mjs",
    "@preact/signals": "@preact/signals/dist/signals.mjs",
    "leaflet": "leaflet/dist/leaflet.js",
}
"""What a module of ours imports by name → the file inside ``node_modules``."""

STYLES = ("leaflet/dist/leaflet.css",)

LATER = frozenset({PACKAGES["leaflet"]})
"""What a page fetches only when it is needed: the map."""

LICENCES = (
    "leaflet/LICENSE",
    "preact/LICENSE",
    "htm/LICENSE",
    "@preact/signals/LICENSE",
    "@preact/signals-core/LICENSE",
)


def copy_packages(node_modules: Path, target: Path = VENDOR) -> None:
    """Copy the modules that pages load, and their licences, in place of what was there.

    Raises
    ------
    FileNotFoundError
        If ``npm ci`` was not run, or a package has other files than those that are listed.
    """
    fresh = target.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for path in (*PACKAGES.values(), *STYLES, *LICENCES):
        source = node_modules / path
        if source.exists() or path not in LICENCES:
            (fresh / path).parent.mkdir(parents=True, exist_ok=True)
            # The maps of the sources are not served: without their address nobody asks for them.
            text = source.read_text("utf-8")
            lines = [line for line in text.splitlines(keepends=True) if not line.startswith("//# sourceMappingURL")]
            (fresh / path).write_text("".join(lines), "utf-8")
    shutil.rmtree(target, ignore_errors=True)
    fresh.replace(target)


def missing() -> list[str]:
    """Return the packages' files that are not there."""
    return [path for path in (*PACKAGES.values(), *STYLES) if not (VENDOR / path).exists()]


@lru_cache(maxsize=1)
def version() -> str:
    """Return a digest of all that is served: other files, other addresses, so that browsers keep them for good."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    media_type: str
    raw: bytes
    zipped: bytes | None  # None: it would not be smaller


def find(path: str) -> Asset | None:
    """Return a file by its path under ``static``, from memory if it is as it was; None: there is none."""
    target = (STATIC / path).resolve()
    if not target.is_relative_to(STATIC) or not target.is_file():
        return None
    return _read(target, target.stat().st_mtime_ns)


_IMPORTED = re.compile(r'\b(from|import) ?"([\w@/-]+)"')


def _addressed(found: re.Match[str]) -> str:
    """Put a package's address for its name: browsers before 2023 (iOS 16.4) know no import maps."""
    path = PACKAGES.get(found[2])
    return found[0] if path is None else f'{found[1]}"/static/{version()}/vendor/{path}"'


@lru_cache(maxsize=256)
def _read(target: Path, _modified: int) -> Asset:
    raw = target.read_bytes()
    if target.suffix in (".js", ".mjs"):
        raw = _IMPORTED.sub(_addressed, raw.decode()).encode()
    zipped = gzip.compress(raw, 9, mtime=0)
    script = target.suffix in (".js", ".mjs")
    media_type = "text/javascript" if script else mimetypes.guess_type(target.name)[0] or "application/octet-stream"
    return Asset(media_type, raw, zipped if len(zipped) < len(raw) else None)


def import_map() -> dict[str, dict[str, str]]:
    """Return where a browser finds each package."""
    return {"imports": {name: f"/static/{version()}/vendor/{path}" for name, path in PACKAGES.items()}}


if __name__ == "__main__":
    copy_packages(Path(sys.argv[1]))
