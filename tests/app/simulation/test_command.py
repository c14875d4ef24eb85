"""``jiuling simulate`` prints its figures and leaves the installation alone."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli

SHORT = ("simulate", "--elders", "20", "--weeks", "5", "--month", "2026-09", "--iterations", "50", "--no-finish-month")


@pytest.fixture
def untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installation that does not exist yet."""
    folder = tmp_path / "var"
    monkeypatch.setenv("JIULING_DATA_DIR", str(folder))
    return folder


def test_simulate_prints_one_object(untouched: Path) -> None:
    ran = CliRunner().invoke(cli, [*SHORT, "--json"])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert found["unexplained"] == 0
    assert (found["weeks_planned"], found["elder_months"], found["elders"]) == (5, 20, 20)
    assert [month["month"] for month in found["months"]] == ["2026-09"]
    assert not untouched.exists()


def test_simulate_shows_a_table(untouched: Path) -> None:
    ran = CliRunner().invoke(cli, [*SHORT, "--no-replan", "--missed", "0"])
    assert ran.exit_code == 0, ran.output
    assert "2026-09" in ran.stdout
    assert "2026-W36: " in ran.stderr
    assert not untouched.exists()


@pytest.mark.parametrize(
    "wrong", [("--weeks", "0"), ("--weeks", "521"), ("--missed", "1.1"), ("--absent", "1.1"), ("--month", "2026-13")]
)
def test_simulate_refuses_what_is_out_of_bounds(untouched: Path, wrong: tuple[str, str]) -> None:
    ran = CliRunner().invoke(cli, ["simulate", *wrong])
    assert ran.exit_code == 2
    assert not untouched.exists()
