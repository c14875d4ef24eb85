"""The database: one engine a process, sessions that read and sessions that write.

On SQLite every writing transaction begins with ``BEGIN IMMEDIATE``, so that two writers queue instead
of losing updates; reading ones begin plainly and never wait (WAL).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, MetaData, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from app.core import clock
from app.core.settings import WrongSetting

MAX_ID = 2**63 - 1

THREADS = 12
"""How many requests are worked on at once; more only take turns at Python's one lock (`bench me`)."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only in a column of type INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """A point in time; zone-aware in Python, UTC in the database, also on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


class Base(DeclarativeBase):
    """The mother of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant}


class Numbered:
    """A row with a number of its own."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)


class Versioned(Numbered):
    """A row that people change: its version is its ETag, and a stale change is refused."""

    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


@event.listens_for(Base, "instrument_class", propagate=True)
def _use_version_column(mapper: Any, class_: type) -> None:
    if issubclass(class_, Versioned) and "version" in mapper.local_table.c:
        mapper.version_id_col = mapper.local_table.c.version
        mapper.version_id_generator = lambda version: (version or 0) + 1


class Database:
    """One engine and the two ways to open a session on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        # A request holds two connections at most; with these no thread ever waits for another's.
        pool = {"hide_parameters": True, "pool_size": THREADS, "max_overflow": THREADS}
        try:
            self.engine: Engine = (
                create_engine(url, **pool, connect_args={"timeout": 30, "check_same_thread": False})
                if self.is_sqlite
                else create_engine(url, **pool, pool_pre_ping=True)
            )
        except Exception as error:  # a malformed URL, whatever the driver makes of it
            raise WrongSetting(f"JIULING_DATABASE_URL can't be used: {type(error).__name__}") from None
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads; whatever it did is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that commits at the end, or rolls back if anything was raised."""
        engine = self.engine.execution_options(jiuling_writes=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver starts no transaction of its own
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("jiuling_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def database(request: Request) -> Database:
    """Return the database of the application that serves a request."""
    found: Database = request.app.state.database
    return found


def _reading(request: Request) -> Iterator[Session]:
    with database(request).read() as session:
        yield session


def _writing(request: Request) -> Iterator[Session]:
    with database(request).write() as session:
        yield session


# scope="function": commit, then answer. The default would commit after the reply has left.
ReadSession = Annotated[Session, Depends(_reading, scope="function")]
WriteSession = Annotated[Session, Depends(_writing, scope="function")]
