"""Each bench runs on a tiny city and prints its figures; how large they are is not tested."""

import json
from typing import Any

import pytest

from bench.__main__ import BENCHES, main
from bench.installation import empty_installation
from bench.measure import counted, milliseconds, ratio

pytestmark = pytest.mark.xdist_group("benches")  # the packages are imported once

TINY = {
    "ablation": ["--elders", "30", "--seeds", "1", "--seconds", "0.1", "--only", "without warmth"],
    "board": ["--elders", "30", "--iterations", "50", "--openings", "1", "--scroll-seconds", "0.5"],
    "city": ["--elders", "30", "--staffing", "slack", "--iterations", "50", "--workers", "1"],
    "csv": ["--elders", "30", "--iterations", "50", "--repeats", "2"],
    "edit": ["--elders", "30", "--iterations", "50", "--edits", "6", "--peer-edits", "2"],
    "fixes": ["--elders", "30", "--staffing", "short", "--iterations", "50", "--workers", "1"],
    "gap": [
        "--elders",
        "30",
        "--staffing",
        "slack",
        "--of",
        "city",
        "--search-seconds",
        "0.2",
        "--seconds",
        "3",
        "--workers",
        "1",
    ],
    "import": ["--elders", "20"],
    "ledger": ["--elders", "30", "--iterations", "50", "--repeats", "2"],
    "me": ["--elders", "30", "--iterations", "50", "--caregivers", "8", "--rounds", "2"],
    "month": ["--elders", "30", "--weeks", "1", "--iterations", "50", "--model-elders", "60"],
    "peers": [
        "--elders",
        "30",
        "--staffing",
        "slack",
        "--seconds",
        "0.5",
        "--seeds",
        "1",
        "--peers",
        "ours",
        "or-tools",
    ],
    "repair": [
        "--elders",
        "60",
        "--seconds",
        "0.5",
        "--seeds",
        "1",
        "2",
        "--calls",
        "3",
        "--cold",
        "0",
        "--peer-calls",
        "1",
        "--peer-seconds",
        "0.2",
    ],
    "scale": ["--elders", "30", "--cities", "0", "1", "--seconds", "0.2", "--workers", "1"],
    "search": ["--elders", "30", "--repeats", "2"],
    "weekly": [],  # the instances are elsewhere: test_weekly_instance
}


def run(name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run a bench as the command line does, and read what it prints."""
    assert main([name, *TINY[name], "--json"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == 1
    found: dict[str, Any] = json.loads(lines[0])
    assert found["bench"] == name
    assert found["command"].startswith(f"python3 dev.py bench {name} --elders")
    assert {"processor", "cores", "python", "versions"} <= found["machine"].keys()
    return found


def test_ablation(capsys: pytest.CaptureFixture[str]) -> None:
    as_is, without = run("ablation", capsys)["variants"]
    assert as_is["cost_to_as_it_is"] == 1.0
    assert without["variant"] == "without warmth"


def test_board(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("board", capsys)
    assert found["rows"] >= 8
    assert found["visits"] > 0
    assert found["frames"] > 0
    keys = {"first_paint_ms", "interaction_p95_ms", "frame_p95_ms", "bytes_loaded", "peer"}
    assert keys <= found.keys()


def test_city(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = run("city", capsys)["runs"]
    assert found["violations"] == 0
    assert 0 < found["hours_placed"] <= found["hours_due"]
    assert found["greedy"]["iterations"] == 0
    assert {"seconds", "peak_mb", "usual_share", "travel_minutes", "first_plan_seconds", "cost_to_greedy"} <= set(found)


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("csv", capsys)
    assert found["rows"] > 0
    assert {"seconds", "mb", "service_peak_mb", "seconds_to_peer", "peer"} <= found.keys()


def test_edit(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("edit", capsys)
    assert found["edits"] == 6
    assert 0 <= found["allowed"] <= 6
    assert {"median_ms", "p95_ms", "first_ms", "median_to_peer"} <= found.keys()


def test_fixes(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = run("fixes", capsys)["runs"]
    assert found["broken_before"] == 0
    assert found["asked"] > 0
    assert found["with_a_fix"] <= found["offered"] == found["working"]
    assert {"share_with_a_fix", "kinds", "a_visit", "peer"} <= found.keys()


def test_gap(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = run("gap", capsys)["runs"]
    assert 0 <= found["bound"] <= found["cost"]
    assert found["unserved_minutes_bound"] <= found["unserved_minutes"]
    assert {"gap", "seconds", "rounds", "trace", "peak_mb"} <= found.keys()


def test_import(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("import", capsys)
    for how in ("csv_dry_run", "csv_real", "xlsx_dry_run", "xlsx_real"):
        assert found[how]["created"] == 20
        assert {"seconds", "queries", "peak_mb"} <= found[how].keys()
    assert found["peer"]["rows"] == 3 * 20  # elders, care plans, grants


def test_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("ledger", capsys)
    assert found["elders"] == 30
    assert found["ledger"]["queries"] > 0
    assert {"demand", "ledger_to_peer", "demand_to_peer"} <= found.keys()


def test_me(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("me", capsys)
    assert (found["requests"], found["errors"], found["not_modified_share"]) == (16, 0, 0.5)
    assert {"median_ms", "p95_ms", "p99_ms", "requests_per_second", "median_to_peer"} <= found.keys()


def test_month(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("month", capsys)
    (simulated,) = found["simulations"]
    assert simulated["exact"] + simulated["listed"] == simulated["elder_months"] == 30
    assert simulated["unexplained"] == 0
    assert found["model"]["elders"] == 60


def test_repair(capsys: pytest.CaptureFixture[str]) -> None:
    runs = run("repair", capsys)["runs"]
    assert [(each["staffing"], each["seed"]) for each in runs] == [("slack", 1), ("slack", 2)]
    for each in runs:
        assert each["calls"] == 3
        assert each["hours_hit"] > 0
        assert 0 <= each["covered_of_coverable"] <= 1
        assert each["peer"]["calls"] == 1


def test_scale(capsys: pytest.CaptureFixture[str]) -> None:
    town, city = run("scale", capsys)["runs"]
    assert town["visits"] < city["visits"]
    assert not town["violations"] + city["violations"]


def test_peers(capsys: pytest.CaptureFixture[str]) -> None:
    ours, peer = run("peers", capsys)["runs"]
    assert (ours["planner"], peer["planner"]) == ("ours", "or-tools")
    assert ours["violations"] == 0
    assert ours["as_given"]["unserved_hours"] == 0
    assert set(peer["ours_to_peer"]) == {"0.5 s"}
    assert {"unserved_hours", "travel_minutes", "usual_share", "sum", "whole_cost"} == peer["helped"].keys()


def test_search(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("search", capsys)
    assert found["elders"] == 30
    assert found["search"]["queries"] <= 10


def test_every_bench_has_a_test_and_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert BENCHES.keys() == TINY.keys()
    assert main([]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(BENCHES)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["speed"])
    assert refusal.value.code == 2


def test_milliseconds_of_known_times() -> None:
    hundred = [n / 1000 for n in range(101)]
    assert milliseconds(hundred) == {"median_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0, "max_ms": 100.0}
    assert milliseconds([0.002]) == {"median_ms": 2.0, "p95_ms": 2.0, "p99_ms": 2.0, "max_ms": 2.0}


def test_ratio_of_nothing() -> None:
    assert ratio(1.0, 0.0) is None
    assert ratio(3.0, 2.0) == 1.5


def test_queries_are_counted_while_the_block_runs() -> None:
    with empty_installation() as here, here.database.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 0")  # and the BEGIN before it
        with counted(here.database.engine) as found:
            connection.exec_driver_sql("SELECT 1")
            connection.exec_driver_sql("SELECT 2")
        connection.exec_driver_sql("SELECT 3")
    assert found.queries == 2
