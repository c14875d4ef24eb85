"""PostgreSQL databases for the tests: one that a test is done with is emptied for the next.

To make a database takes half a second of writing, and to empty one a twentieth of that. Their commits
don't wait for the disk: what the tests kill are processes, never the server.
"""

import os
import uuid

from sqlalchemy import Connection, create_engine, make_url, text

from app.core.db import Base

ADDRESS = os.environ.get("JIULING_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

_made: list[str] = []
_empty: list[str] = []


def url_of(name: str) -> str:
    """Return the URL of a database of the tests' server."""
    return make_url(ADDRESS).set(database=name).render_as_string(hide_password=False)


def take(template: str) -> str:
    """Return the URL of a database like the template, which is empty but for its tables."""
    url = url_of(f"jl_test_{uuid.uuid4().hex[:12]}")
    if _empty:
        _rename(_empty.pop(), url)  # the service keeps weeks by the URL and number
    else:
        make(url, template)
    return url


def give_back(url: str) -> None:
    """Empty a database for the next test, or remove it if somebody is still connected to it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        quiet = not connection.scalar(text(others))
        if quiet:
            _clear(connection)
    engine.dispose()
    if quiet:
        _empty.append(url)
    else:
        remove(url)


def make(url: str, template: str = "") -> None:
    """Make a database, empty or like another."""
    like = f" TEMPLATE {make_url(template).database}" if template else ""
    name = make_url(url).database
    _administer(f"CREATE DATABASE {name}{like}", f"ALTER DATABASE {name} SET synchronous_commit = off")
    _made.append(url)


def _rename(url: str, new: str) -> None:
    _administer(f"ALTER DATABASE {make_url(url).database} RENAME TO {make_url(new).database}")
    _made[_made.index(url)] = new


def remove(url: str) -> None:
    """Remove a database, whoever uses it."""
    _administer(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")
    _made.remove(url)


def remove_all() -> None:
    """Remove every database that was made here."""
    for url in reversed(_made):  # a template after its copies
        remove(url)
    _empty.clear()


def _clear(connection: Connection) -> None:
    """Leave the tables, those of the jobs too, and nothing in them; numbering begins anew."""
    connection.execute(text("SET LOCAL session_replication_role = replica"))  # in any order of the tables
    of_jobs = "SELECT tablename FROM pg_tables WHERE schemaname = 'dbos' AND tablename <> 'dbos_migrations'"
    tables = [*Base.metadata.tables, *(f"dbos.{name}" for name in connection.scalars(text(of_jobs)))]
    connection.execute(text("; ".join(f"DELETE FROM {table}" for table in tables)))
    connection.execute(text("SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence"))


def _administer(*statements: str) -> None:
    engine = create_engine(ADDRESS, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
