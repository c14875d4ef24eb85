"""Personal data at rest: encrypted columns, blind indexes, masks, and the keys they need.

Fernet (AES-128-CBC with HMAC-SHA-256) under ``MultiFernet``, so that keys can be rotated: the first
key encrypts, all of them decrypt. A blind index is an HMAC-SHA-256 under a key of its own: equal
values can be found, nothing else can be read from it.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret keys of one installation."""

    encryption: tuple[str, ...]
    index: str
    tokens: str

    def __repr__(self) -> str:
        return "Keys(…)"


class UnreadableKeys(ValueError):
    """The key file or a key in the settings can't be used."""


def make_keys() -> Keys:
    """Return new random keys."""
    return Keys((Fernet.generate_key().decode(),), secrets.token_hex(32), secrets.token_hex(32))


def read_or_make_keys(path: Path) -> Keys:
    """Return the keys in a file, which is made (mode 0600) if it is missing.

    Raises
    ------
    UnreadableKeys
        If the file is there but is not a key file.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        try:
            stored = json.loads(path.read_text())
            return Keys(tuple(stored["encryption"]), stored["index"], stored["tokens"])
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableKeys(f"{path} is not a key file of Jiuling") from error
    keys = make_keys()
    with os.fdopen(descriptor, "w") as file:
        json.dump({"encryption": list(keys.encryption), "index": keys.index, "tokens": keys.tokens}, file, indent=1)
    return keys


_KEPT_OPEN = 16_384  # tokens
_KEPT_BYTES = 1024  # the longest of them: names and phones, not what a whole import holds


class Vault:
    """Encrypts, decrypts and indexes with one installation's keys."""

    def __init__(self, keys: Keys) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key.encode()) for key in keys.encryption])
        except ValueError as error:
            raise UnreadableKeys("an encryption key is not 32 url-safe base64-encoded bytes") from error
        self._index = keys.index.encode()
        # A board reads the names of a whole city: half of its time went into taking them out of their tokens.
        self._opened = lru_cache(maxsize=_KEPT_OPEN)(self._fernet.decrypt)

    def encrypt(self, plain: bytes) -> bytes:
        """Return the token of some bytes."""
        return self._fernet.encrypt(plain)

    def decrypt(self, token: bytes) -> bytes:
        """Return the bytes of a token.

        Raises
        ------
        UnreadableKeys
            If none of the keys made it.
        """
        try:
            return self._opened(token) if len(token) <= _KEPT_BYTES else self._fernet.decrypt(token)
        except InvalidToken as error:
            raise UnreadableKeys("stored personal data was encrypted with a key that is not configured") from error

    def blind_index(self, purpose: str, value: str) -> str:
        """Return the searchable fingerprint of a value, 64 hex digits; differs for each purpose."""
        return hmac.new(self._index, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


_vault: Vault | None = None


def open_vault(keys: Keys) -> Vault:
    """Make the process's vault; column types use it from then on."""
    global _vault
    _vault = Vault(keys)
    return _vault


def vault() -> Vault:
    """Return the process's vault.

    Raises
    ------
    RuntimeError
        If ``open_vault`` was not called at start-up.
    """
    if _vault is None:
        raise RuntimeError("open_vault(keys) was not called at start-up")
    return _vault


class EncryptedText(TypeDecorator[str]):
    """A text column that the database only ever sees encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else vault().encrypt(value.encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else vault().decrypt(bytes(value)).decode()


class EncryptedBytes(TypeDecorator[bytes]):
    """A binary column that the database only ever sees encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else vault().encrypt(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else vault().decrypt(bytes(value))


class EncryptedPoint(TypeDecorator[tuple[float, float]]):
    """A home's latitude and longitude (WGS-84, degrees), encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: tuple[float, float] | None, dialect: Dialect) -> bytes | None:
        return None if value is None else vault().encrypt(f"{value[0]:.6f},{value[1]:.6f}".encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[float, float] | None:
        if value is None:
            return None
        latitude, _, longitude = vault().decrypt(bytes(value)).decode().partition(",")
        return float(latitude), float(longitude)


def mask_name(name: str) -> str:
    """``王秀英`` → ``王**``: the surname stays."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def mask_tail(text: str, shown: int = 4) -> str:
    """``13800001234`` → ``*******1234``: the last characters stay."""
    return "*" * max(len(text) - shown, 0) + text[-shown:] if len(text) > shown else "*" * len(text)


def mask_all(text: str, kept: Sequence[str] = ()) -> str:
    """Return ``***``, whatever the text, unless it is one of ``kept``."""
    return text if text in kept else "***"
