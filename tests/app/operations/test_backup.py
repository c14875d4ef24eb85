"""A backup is whole, checked, and never put over what is there unasked."""

import zipfile
from pathlib import Path

import pytest

from app.core.crypto import open_vault
from app.core.db import Database
from app.core.errors import Conflict, InvalidInput
from app.core.settings import Settings
from app.elders.models import Elder
from app.operations.backup import back_up, restore
from tests.app import given
from tests.app.conftest import BACKEND

pytestmark = pytest.mark.skipif(BACKEND != "sqlite", reason="pg_dump is the database's own; this is our own copying")


def _elsewhere(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=f"sqlite:///{folder}/jiuling.sqlite3")


def test_a_backup_with_keys_goes_on_on_another_machine(database: Database, settings: Settings, tmp_path: Path) -> None:
    with database.write() as session:
        name = given.elder(session, given.town(session)).name
    back_up(settings, tmp_path / "b.zip", with_keys=True)
    other = _elsewhere(tmp_path / "other")
    restore(other, tmp_path / "b.zip")
    open_vault(other.keys)
    with Database(other.database).read() as session:
        assert session.query(Elder).one().name == name


def test_without_its_keys_nothing_is_restored(database: Database, settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path / "b.zip")
    other = _elsewhere(tmp_path / "other")
    with pytest.raises(InvalidInput, match="keys"):
        restore(other, tmp_path / "b.zip")
    assert not (tmp_path / "other" / "jiuling.sqlite3").exists()


def test_nothing_is_replaced_unasked(database: Database, settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path / "b.zip")
    with database.write() as session:
        given.elder(session, given.town(session))
    with pytest.raises(Conflict, match="--replace"):
        restore(settings, tmp_path / "b.zip")
    with database.read() as session:
        assert session.query(Elder).count() == 1
    database.engine.dispose()
    restore(settings, tmp_path / "b.zip", replace=True)
    with database.read() as session:
        assert session.query(Elder).count() == 0


def test_a_damaged_backup_is_refused(database: Database, settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path / "b.zip", with_keys=True)
    with zipfile.ZipFile(tmp_path / "b.zip") as whole, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        for name in whole.namelist():
            content = whole.read(name)
            bad.writestr(name, content[:-1] + b"?" if name.endswith("sqlite3") else content)
    with pytest.raises(InvalidInput, match="checksum"):
        restore(_elsewhere(tmp_path / "other"), tmp_path / "bad.zip")
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(InvalidInput, match="a backup made by"):
        restore(_elsewhere(tmp_path / "other"), tmp_path / "text.zip")
    with pytest.raises(Conflict, match="there already"):
        back_up(settings, tmp_path / "b.zip")
