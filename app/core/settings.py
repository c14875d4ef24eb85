"""The settings: environment variables ``JIULING_…`` and nothing else; wrong ones stop the start."""

import os
import re
import socket
import uuid
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.crypto import Keys, UnreadableKeys, Vault, read_or_make_keys


class WrongSetting(SystemExit):
    """A setting can't be used; the one sentence names it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"jiuling: {sentence}")


class Settings(BaseSettings):
    """How this installation runs; every field is the variable ``JIULING_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="JIULING_", extra="ignore", frozen=True)

    environment: Literal["embedded", "production"] = "embedded"
    data_dir: Path = Path("var")
    database_url: str = ""
    jobs_database_url: str = ""
    encryption_keys: str = ""  # comma-separated, the first encrypts
    index_key: str = ""
    token_key: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    access_token_minutes: int = Field(default=15, ge=1, le=1440)
    refresh_token_days: int = Field(default=14, ge=1, le=90)
    page_session_hours: int = Field(default=12, ge=1, le=168)  # of a browser; a caregiver's: refresh_token_days
    sign_in_attempts: int = Field(default=10, ge=1, le=1000)  # a quarter of an hour, an account and an address
    max_body_bytes: int = Field(default=8_000_000, ge=10_000, le=1_000_000_000)
    solve_seconds: int = Field(default=45, ge=1, le=3600)
    prove_seconds: int = Field(default=60, ge=0, le=36_000)  # after each plan, while nobody waits for another; 0: none
    notice_minutes: int = Field(default=60, ge=0, le=10_080)  # no repair moves a visit that begins so soon
    solver_workers: int = Field(default=0, ge=0, le=256)  # 0: one a core
    make_up_undelivered: bool = True  # what the provider failed to deliver is made up in the month
    map_tiles: str = ""  # address of map tiles with {z}, {x} and {y}; "": the map is drawn without
    map_tiles_datum: Literal["wgs84", "gcj02"] = "wgs84"  # gcj02: tiles of a Chinese map
    map_tiles_credit: str = Field(default="", max_length=200)  # whom the map names as the tiles' source
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("database_url", "jobs_database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("expected sqlite:///… or postgresql+psycopg://…")
        return url

    @field_validator("map_tiles")
    @classmethod
    def _tiles_of_one_host(cls, address: str) -> str:
        if not address:
            return address
        # The host goes into the pages' policy, so nothing but a host may stand there.
        if not re.match(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/", address) or not all(
            part in address for part in ("{z}", "{x}", "{y}")
        ):
            raise ValueError("expected https://host/… with {z}, {x} and {y}")
        return address

    @model_validator(mode="after")
    def _real_keys_in_production(self) -> "Settings":
        if self.environment == "production":
            for name in ("encryption_keys", "index_key", "token_key"):
                if not getattr(self, name):
                    raise ValueError(f"JIULING_{name.upper()} must be set in production; made-up keys are refused")
            for name in ("index_key", "token_key"):
                if len(getattr(self, name)) < 32:
                    raise ValueError(f"JIULING_{name.upper()} must have at least 32 characters")
        return self

    @property
    def map_tiles_origin(self) -> str:
        """The scheme and host of the map's tiles; empty without."""
        return "/".join(self.map_tiles.split("/")[:3])

    @property
    def keys_path(self) -> Path:
        """Where an embedded installation keeps the keys that it made."""
        return self.data_dir / "keys.json"

    @cached_property
    def keys(self) -> Keys:
        """The secret keys: from the environment, else from ``keys.json`` (made if missing)."""
        if self.encryption_keys and self.index_key and self.token_key:
            return Keys(tuple(self.encryption_keys.split(",")), self.index_key, self.token_key)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        return read_or_make_keys(self.keys_path)

    @property
    def database(self) -> str:
        """The application's database."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve()}/jiuling.sqlite3"

    @property
    def jobs_database(self) -> str:
        """The durable jobs' own database: a file beside the application's, or the same PostgreSQL."""
        if self.jobs_database_url:
            return self.jobs_database_url
        if self.database.startswith("sqlite:///"):
            return f"sqlite:///{Path(self.database.removeprefix('sqlite:///')).with_name('jobs.sqlite3')}"
        return self.database

    @cached_property
    def executor_id(self) -> str:
        """The name of this process among the workers; never used twice."""
        return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def read_settings() -> Settings:
    """Read and check the settings.

    Raises
    ------
    WrongSetting
        With one sentence that names the setting.
    """
    try:
        settings = Settings()
        Vault(settings.keys)
    except ValidationError as error:
        first = error.errors()[0]
        name = "JIULING_" + str(first["loc"][0]).upper() + ": " if first["loc"] else ""
        raise WrongSetting(f"{name}{first['msg'].removeprefix('Value error, ')}") from None
    except UnreadableKeys as error:
        raise WrongSetting(str(error)) from None
    except OSError as error:
        raise WrongSetting(f"JIULING_DATA_DIR: {error.strerror}: {error.filename}") from None
    return settings
