"""The command line, as its user types it: real processes on a data folder of their own."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from app.core import clock
from app.core.weeks import Week
from tests.app.conftest import BACKEND
from tests.forking import FORKING

pytestmark = [
    pytest.mark.skipif(BACKEND != "sqlite", reason="the commands run on an embedded installation"),
    pytest.mark.xdist_group("commands"),  # one city serves them all
]


def run_command(arguments: Sequence[str], environment: Mapping[str, str], outputs: Sequence[Path]) -> None:
    """Be ``jiuling`` with these arguments and settings, its output in two files."""
    for number, path in enumerate(outputs, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["jiuling", *arguments]
    from app.cli import main

    main()


class Jiuling:
    """``jiuling`` in one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("JIULING_")}
        self.environment = {**kept, "JIULING_DATA_DIR": str(folder), "COLUMNS": "200", "NO_COLOR": "1"}

    def __call__(self, *arguments: str, status: int = 0, **settings: str) -> "subprocess.CompletedProcess[str]":
        with tempfile.TemporaryDirectory() as folder:
            outputs = [Path(folder, "stdout"), Path(folder, "stderr")]
            process = FORKING.Process(target=run_command, args=(arguments, self.environment | settings, outputs))
            process.start()
            process.join(400)
            process.kill()  # it has ended, or never will
            process.join()
            assert process.exitcode is not None
            done = subprocess.CompletedProcess(arguments, process.exitcode, *map(Path.read_text, outputs))
        assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done


# The next week, whatever the day: nothing of it is over.
NEXT_WEEK = str(Week.of(clock.today()).next())
DEMO = ("demo", "--once", "--json", "--elders", "60", "--seconds", "3", "--week", NEXT_WEEK)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Jiuling, dict[str, object]]:
    """A small demo city, planned and published through the service and the worker."""
    jiuling = Jiuling(tmp_path_factory.mktemp("city"))
    return jiuling, json.loads(jiuling(*DEMO).stdout)


def test_the_demo_goes_from_nothing_to_a_published_week_and_its_csv(city: tuple[Jiuling, dict[str, object]]) -> None:
    _, figures = city
    assert figures["status"] == "published"
    assert figures["elders"] == 60
    assert figures["violations"] == 0
    assert figures["unallocated_without_reason"] == 0
    assert figures["csv_rows"] == figures["visits_placed"]
    with Path(str(figures["csv"])).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == figures["visits_placed"]


def test_a_second_run_reuses_what_is_there(city: tuple[Jiuling, dict[str, object]]) -> None:
    jiuling, before = city
    after = json.loads(jiuling(*DEMO).stdout)
    assert (after["schedule_id"], after["visits_placed"]) == (before["schedule_id"], before["visits_placed"])


def test_plan_publish_export_and_ledger(city: tuple[Jiuling, dict[str, object]], tmp_path: Path) -> None:
    jiuling, first = city
    planned = json.loads(jiuling("plan", str(first["week"]), "--iterations", "50", "--json").stdout)
    assert planned["status"] == "draft"
    number = str(planned["id"])
    jiuling("publish", number)
    assert "only a draft can be published" in jiuling("publish", number, status=1).stderr
    sick = ("repair", number, "--caregiver", "1", "--day", str(Week.parse(str(first["week"])).days[1]))
    repaired = json.loads(jiuling(*sick, "--dry-run", "--json").stdout)
    assert repaired["draft_id"] is None
    assert repaired["minutes_unserved"] == 0
    assert "minutes covered again" in jiuling(*sick, "--at-most", "0", "--dry-run").stderr
    assert "no caregiver" in jiuling("repair", number, "--caregiver", "9999", *sick[4:], status=1).stderr
    sunday = str(Week.parse(str(first["week"])).days[6])
    more = ("repair", number, "--elder", "1", "--day", sunday, "--dry-run")
    added = json.loads(jiuling(*more, "--minutes", "60", "--json", JIULING_NOTICE_MINUTES="0").stdout)
    assert (added["visits_hit"], added["minutes_hit"]) == (1, 60)
    assert "minutes" in jiuling(*more, "--minutes", "61", status=1).stderr
    for name in ("week.csv", "week.xlsx"):
        assert "rows" in jiuling("export", number, str(tmp_path / name), "--lang", "en").stderr
        assert (tmp_path / name).stat().st_size > 1000
    month = str(Week.parse(str(first["week"])).days[6])[:7]
    total = json.loads(jiuling("ledger", month, "--json").stdout)[-1]
    assert total["elders"] > 0
    assert total["granted"] == total["planned"] + total["delivered"] + total["excused"] + total["remaining"]


def test_why_and_price(city: tuple[Jiuling, dict[str, object]]) -> None:
    jiuling, first = city
    planned = json.loads(jiuling("plan", str(first["week"]), "--iterations", "20", "--json").stdout)
    number = str(planned["id"])
    found = json.loads(jiuling("why", number, _a_visit(jiuling, number), "--json").stdout)
    assert found["visit"]["state"] == "placed"
    assert found["why"]["could"] >= len(found["why"]["next"])
    assert "points where it stands" in jiuling("why", number, found["visit"]["key"]).stderr
    assert "no visit with id nowhere" in jiuling("why", number, "nowhere", status=1).stderr
    priced = json.loads(jiuling("price", number, "--iterations", "50", "--json").stdout)
    assert {"continuity", "load", "wished_time"} <= priced["goals"].keys()
    assert priced["goals"]["continuity"]["kilometres"] == pytest.approx(
        priced["whole"]["kilometres"] - priced["goals"]["continuity"]["without"]["kilometres"], abs=0.06
    )


def _a_visit(jiuling: Jiuling, number: str) -> str:
    """Return the id of a placed visit of a schedule, from the database itself."""
    with closing(sqlite3.connect(jiuling.folder / "jiuling.sqlite3")) as database:
        query = "SELECT id FROM visits WHERE schedule_id = ? AND state = 'placed' ORDER BY id LIMIT 1"
        return str(database.execute(query, (number,)).fetchone()[0])


def test_accounts(city: tuple[Jiuling, dict[str, object]]) -> None:
    jiuling, _ = city
    jiuling("user", "add", "boss", "--role", "administrator", "--password", "long enough to do")
    assert "boss" in jiuling("user", "list").stdout
    short = jiuling("user", "add", "other", "--role", "dispatcher", "--password", "short", status=1)
    assert "password" in short.stderr
    unknown = jiuling("user", "add", "x1", "--role", "dispatcher", "--town", "9", "--password", "long enough", status=1)
    assert "330782" in unknown.stderr
    jiuling("user", "password", "boss", "--password", "another long one")
    jiuling("user", "disable", "boss")
    assert "no user" in jiuling("user", "disable", "nobody", status=1).stderr


def test_doctor_finds_all_well_and_says_what_is_not(city: tuple[Jiuling, dict[str, object]], tmp_path: Path) -> None:
    jiuling, _ = city
    findings = json.loads(jiuling("doctor", "--json").stdout)
    assert [finding for finding in findings if finding["remedy"]] == []
    (jiuling.folder / "keys.json").chmod(0o644)
    assert "chmod 600" in jiuling("doctor", status=1).stdout
    (jiuling.folder / "keys.json").chmod(0o600)
    assert "jiuling migrate" in Jiuling(tmp_path)("doctor", status=1).stdout


def test_backup_and_restore(city: tuple[Jiuling, dict[str, object]], tmp_path: Path) -> None:
    jiuling, figures = city
    jiuling("backup", str(tmp_path / "b.zip"), "--with-keys")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "keys.json" in archive.namelist()
    other = Jiuling(tmp_path / "other")
    other("restore", str(tmp_path / "b.zip"))
    other("migrate")
    exported = other("export", str(figures["schedule_id"]), str(tmp_path / "week.csv")).stderr
    assert f"{figures['visits_placed']} rows" in exported
    assert "--replace" in other("restore", str(tmp_path / "b.zip"), status=1).stderr


def test_import_names_every_bad_row_and_stores_nothing(city: tuple[Jiuling, dict[str, object]], tmp_path: Path) -> None:
    jiuling, _ = city
    bad = tmp_path / "elders.csv"
    bad.write_text("编号,姓名\nE1,王\n", encoding="gb18030")
    assert jiuling("import", "elders", str(bad), status=1).stderr
    assert "E1" not in jiuling("ledger", "this").stdout


def test_solve_reads_and_writes_json(tmp_path: Path) -> None:
    from solver.codec import problem_to_json
    from tests.solver import given

    jiuling = Jiuling(tmp_path)
    (tmp_path / "problem.json").write_text(problem_to_json(given.problem()), encoding="utf-8")
    jiuling("solve", str(tmp_path / "problem.json"), str(tmp_path / "plan.json"), "--iterations", "20")
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert plan["format"] == "jiuling.plan/1"
    (tmp_path / "problem.json").write_text('{"format": "jiuling.problem/1", "places": []}')
    assert "modes" in jiuling("solve", str(tmp_path / "problem.json"), status=1).stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("JIULING_PORT", "99999", "JIULING_PORT"),
        ("JIULING_DATABASE_URL", "mysql://x", "JIULING_DATABASE_URL"),
        ("JIULING_ENVIRONMENT", "production", "JIULING_ENCRYPTION_KEYS must be set"),
        ("JIULING_SOLVE_SECONDS", "soon", "JIULING_SOLVE_SECONDS"),
        ("JIULING_MAP_TILES", "https://a;script-src *;/{z}/{x}/{y}", "JIULING_MAP_TILES"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(tmp_path: Path, name: str, value: str, says: str) -> None:
    done = Jiuling(tmp_path)("migrate", status=1, **{name: value})
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_wrong_weeks_and_months_are_named(tmp_path: Path) -> None:
    assert "2026-W54" in Jiuling(tmp_path)("plan", "2026-W54", status=2).stderr.replace("no week 54", "2026-W54")
    assert "2026-13" in Jiuling(tmp_path)("ledger", "2026-13", status=2).stderr
