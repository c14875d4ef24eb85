"""Stream the CSV of a week of at least 4,000 visits over HTTP from the real service.

The peer writes the same cells with the csv module alone, from memory to a file.
"""

import argparse
import csv
import http.client
import io
import tempfile
from pathlib import Path
from typing import Any

from app.demo.accounts import DEMO_DISPATCHER
from app.demo.options import Staffing
from bench.installation import Service, access_tokens, empty_installation, fill, plan, serving
from bench.measure import peak_mb_of, ratio, timed

_PIECE = 65536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how large the week is."""
    parser.add_argument("--elders", type=int, default=5200, help="the week has some more visits than that")
    parser.add_argument("--iterations", type=int, default=2000, help="of search: the export does not mind")
    parser.add_argument("--repeats", type=int, default=5)


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Download a few times, and report the median one by seconds."""
    with empty_installation() as here:
        fill(here, elders=chosen.elders, staffing=Staffing.SLACK, seed=1)
        schedule_id = plan(here, seconds=None, iterations=chosen.iterations, seed=1)
        token = access_tokens(here, [DEMO_DISPATCHER])[0]
        with serving(here) as service:
            idle_mb = peak_mb_of(service.process_id)
            downloads = [download(service, schedule_id, token) for _ in range(chosen.repeats)]
            peak_mb = peak_mb_of(service.process_id)
    content = downloads[0][0]
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    seconds, first = sorted((seconds, first) for _, seconds, first in downloads)[len(downloads) // 2]
    peer_seconds = write_alone(rows, chosen.repeats)
    return {
        "rows": len(rows) - 1,
        "mb": round(len(content) / 1e6, 3),
        "seconds": round(seconds, 3),
        "first_byte_seconds": round(first, 3),
        "rows_per_second": round((len(rows) - 1) / seconds),
        "repeats": chosen.repeats,
        "service_peak_mb": peak_mb,
        "service_peak_mb_before": idle_mb,
        "peer": {"what": "csv.writer alone, same cells, from memory to a file", "seconds": round(peer_seconds, 4)},
        "seconds_to_peer": ratio(seconds, peer_seconds),
    }


def download(service: Service, schedule_id: int, token: str) -> tuple[bytes, float, float]:
    """Return the file, the seconds to its end and to its first byte."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=120)
    pieces: list[bytes] = []
    with timed() as whole:
        with timed() as first:
            connection.request(
                "GET", f"/api/v1/schedules/{schedule_id}.csv", headers={"Authorization": f"Bearer {token}"}
            )
            answer = connection.getresponse()
            if answer.status != 200:
                raise RuntimeError(f"the export answered {answer.status}: {answer.read(500)!r}")
            pieces.append(answer.read(1))
        while piece := answer.read(_PIECE):
            pieces.append(piece)
    connection.close()
    return b"".join(pieces), whole.seconds, first.seconds


def write_alone(rows: list[list[str]], repeats: int) -> float:
    """Return the median seconds of writing rows with the csv module."""
    found = []
    with tempfile.TemporaryDirectory(prefix="jiuling-bench-") as folder:
        for n in range(repeats):
            with (
                timed() as took,
                Path(folder, f"{n}.csv").open("w", encoding="utf-8-sig", newline="") as file,
            ):
                csv.writer(file).writerows(rows)
            found.append(took.seconds)
    return sorted(found)[repeats // 2]
