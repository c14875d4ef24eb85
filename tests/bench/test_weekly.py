"""The bench of the weekly instances, on a made-up folder whose scorer counts the visits."""

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from tests.bench.test_weekly_instance import TEXT

pytestmark = pytest.mark.xdist_group("benches")  # the packages are imported once

SCORER = """\
import json, sys
routes = json.load(open(sys.argv[2]))["routes"]
visits = sum(len(route["visits"]) for route in routes)
print(json.dumps({"feasible": True, "total": 30 * visits, "violations": []}))
"""


def test_each_instance_is_planned_each_way_and_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "instances").mkdir()
    (tmp_path / "instances" / "made-up.txt").write_text(TEXT, "ascii")
    (tmp_path / "best_known.csv").write_text(
        "instance,published_best_total,published_lower_bound\nmade-up,160,140\n", "ascii"
    )
    (tmp_path / "score.py").write_text(SCORER, "ascii")
    assert main(["weekly", "--folder", str(tmp_path), "--seconds", "0.6", "--workers", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (run,) = found["runs"]
    assert [each["unallocated"] for each in run["tries"]] == [0, 0, 0]
    assert (run["total"], run["published"], run["published_bound"]) == (150, 160, 140)
    sums = {"unsolved": 0, "total": 150, "published": 160, "below": 1, "equal": 0, "above": 0}
    assert found["sums"] == sums
