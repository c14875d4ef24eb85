"""``jiuling month`` says who can't reach her hours, and exits with 1 if anybody can't."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.core.crypto import open_vault
from app.core.db import Database
from app.core.settings import read_settings
from tests.app import given


def test_month_names_who_is_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIULING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("JIULING_DATABASE_URL", f"sqlite:///{tmp_path}/jiuling.sqlite3")
    run = CliRunner().invoke
    assert run(cli, ["migrate"]).exit_code == 0
    empty = run(cli, ["month", "--month", "2026-11"])
    assert empty.exit_code == 0, empty.output
    assert "Everybody can reach her hours." in empty.stderr
    settings = read_settings()
    open_vault(settings.keys)
    database = Database(settings.database)
    with database.write() as session:
        town = given.town(session)
        given.grant(session, given.elder(session, town))
        code = town.code
    database.engine.dispose()
    found = run(cli, ["month", "--month", "2026-11", "--as-of", "2026-11-10", "--town", code, "--json"])
    assert found.exit_code == 1
    shown = json.loads(found.stdout)
    assert (shown["as_of"], shown["out_of_reach"], shown["causes"][0]["code"]) == ("2026-11-10", 1, "no_care_plan")
    told = run(cli, ["month", "--month", "2026-11"])
    assert told.exit_code == 1
    assert "1 elder cannot reach her hours (there is no care plan to plan by: 1)." in told.stderr
    assert run(cli, ["month", "--month", "2026-13"]).exit_code == 2
