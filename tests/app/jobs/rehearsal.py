"""Workflows to rehearse crashes with, and the two processes that run and enqueue them.

``worker URL ID FOLDER [SECONDS]`` runs jobs, ``service URL FOLDER JOB…`` enqueues and then waits to be killed,
``parent URL ID FOLDER`` starts a worker that shall not outlive it.
What happens is appended to ``FOLDER/log``, a line each; a held step goes on when ``FOLDER/open`` is there.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from app import jobs

WHO = sys.argv[3] if len(sys.argv) > 3 and sys.argv[1] == "worker" else "test"


def note(folder: str, *words: str) -> None:
    """Append a line; short writes to a file opened for appending never mix."""
    descriptor = os.open(Path(folder) / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (" ".join(words) + "\n").encode())
    os.close(descriptor)


def hold(folder: str) -> None:
    """Wait until the test opens the gate."""
    while not (Path(folder) / "open").exists():
        time.sleep(0.02)


@jobs.step("read")
def read(job: str, folder: str) -> int:
    """A short step."""
    note(folder, "read", job, WHO)
    return 20


@jobs.step("solve")
def solve(job: str, folder: str, read: int) -> int:
    """A long step that asks whether it should go on."""
    note(folder, "solving", job, WHO)
    while not (Path(folder) / "open").exists():
        if jobs.stopped(job):
            note(folder, "gave-up-cancelled" if jobs.cancelled(job) else "gave-up", job, WHO)
            raise jobs.GiveUp(job)
        time.sleep(0.02)
    note(folder, "solved", job, WHO)
    return read + 1


@jobs.step("write")
def write(job: str, folder: str, solved: int) -> None:
    """The last step."""
    note(folder, "written", job, WHO)


@jobs.workflow("plan")
def plan(argument: jobs.Json) -> jobs.Json:
    """Read, solve, write."""
    job, folder = argument["job"], argument["folder"]
    solved = solve(job, folder, read(job, folder))
    write(job, folder, solved)
    return {"solved": solved}


@jobs.step("deaf")
def hold_deaf(job: str, folder: str) -> None:
    """A step that doesn't ask."""
    note(folder, "deaf", job, WHO)
    hold(folder)


@jobs.workflow("deaf")
def deaf(argument: jobs.Json) -> str:
    """One step that can't be stopped, and one after it."""
    hold_deaf(argument["job"], argument["folder"])
    write(argument["job"], argument["folder"], 0)
    return "heard nothing"


@jobs.step("town")
def plan_town(folder: str, town: int) -> int:
    """A part of a job."""
    note(folder, "town", str(town), WHO)
    part = jobs.current_job_id()
    assert part is not None
    while town > 1 and not (Path(folder) / "open").exists():
        if jobs.stopped(part):
            note(folder, "gave-up-town", str(town), WHO)
            raise jobs.GiveUp(part)
        time.sleep(0.02)
    return town * town


@jobs.workflow("town")
def town(argument: jobs.Json) -> int:
    """Plan one town."""
    return plan_town(argument["folder"], argument["town"])


@jobs.workflow("city")
def city(argument: jobs.Json) -> list[int]:
    """Plan all towns and join them."""
    return jobs.gather(town, [{"folder": argument["folder"], "town": number} for number in range(4)])


@jobs.step("fail")
def fail(how: str) -> None:
    """Go wrong."""
    if how == "exit":
        sys.exit("leave")
    raise ValueError("the roster is empty")


@jobs.workflow("failing")
def failing(argument: jobs.Json) -> None:
    """Go wrong in a step."""
    fail(argument["how"])


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
        note(sys.argv[4], "network", event, str(arguments[1:]))


def main() -> None:
    """Be the worker or the service."""
    if sys.argv[1] == "worker":
        _, _, url, executor_id, folder, *stale = sys.argv
        sys.addaudithook(_refuse_network)
        jobs.run_worker(
            url,
            executor_id=executor_id,
            stale_seconds=float(stale[0]) if stale else 1.0,
            grace_seconds=1,
            sweep=lambda: note(folder, "swept", executor_id),
            parent_id=int(os.environ["PARENT_ID"]) if "PARENT_ID" in os.environ else None,
        )
        note(folder, "left", executor_id)
        return
    if sys.argv[1] == "parent":
        command = [sys.executable, "-m", "tests.app.jobs.rehearsal", "worker", *sys.argv[2:]]
        subprocess.run(command, env={**os.environ, "PARENT_ID": str(os.getpid())}, check=True)
        return
    _, _, url, folder, *job_ids = sys.argv
    client = jobs.JobClient(url)
    for job_id in job_ids:
        client.enqueue(job_id, "plan", {"job": job_id, "folder": folder})
    print(json.dumps(job_ids), flush=True)
    time.sleep(3600)


if __name__ == "__main__":
    main()
