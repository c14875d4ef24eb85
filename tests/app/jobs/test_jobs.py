"""Jobs survive: real processes, a real database, SIGKILL."""

import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from app import jobs
from app.jobs.registration import MAX_ATTEMPTS
from app.jobs.worker import Liveness
from tests.app.jobs import rehearsal
from tests.app.jobs.conftest import BACKEND, Stage


def enqueue(client: jobs.JobClient, stage: Stage, *job_ids: str, workflow: str = "plan") -> None:
    for job_id in job_ids:
        client.enqueue(job_id, workflow, {"job": job_id, "folder": str(stage.folder)})


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_runs_a_job_quietly_and_without_the_network(client: jobs.JobClient, stage: Stage) -> None:
    stage.open()
    enqueue(client, stage, "a")
    queued = client.status("a")
    assert queued is not None
    assert (queued.state, queued.worker, queued.is_over) == (jobs.JobState.QUEUED, None, False)
    worker = stage.worker("w1")
    job = stage.over(client, "a")
    assert job == jobs.Job("a", "plan", jobs.JobState.DONE, "w1", 1, {"solved": 21}, None)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert stage.log() == ["read a w1", "solving a w1", "solved a w1", "written a w1", "left w1"]
    assert (stage.folder / "output").read_text() == ""


def test_an_unknown_job_has_no_status_and_can_be_cancelled(client: jobs.JobClient) -> None:
    assert client.status("nobody") is None
    client.cancel("nobody")
    assert client.status("nobody") is None


def test_a_workflow_that_nobody_registered_is_refused(client: jobs.JobClient) -> None:
    with pytest.raises(jobs.UnknownWorkflow):
        client.enqueue("a", "dance", {})
    assert client.status("a") is None


def test_enqueued_twice_runs_once(client: jobs.JobClient, stage: Stage) -> None:
    stage.open()
    enqueue(client, stage, "a", "a")
    stage.worker("w1")
    stage.over(client, "a")
    enqueue(client, stage, "a", "b")
    stage.over(client, "b")
    assert stage.log().count("read a w1") == 1
    assert stage.log().count("written a w1") == 1


def test_a_restarted_worker_goes_on_behind_the_finished_step(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a")
    worker = stage.worker("w1")
    stage.wait_for("solving a w1")
    kill(worker)
    stage.open()
    stage.worker("w2")
    job = stage.over(client, "a")
    assert (job.state, job.worker, job.attempts, job.result) == (jobs.JobState.DONE, "w2", 2, {"solved": 21})
    assert stage.log() == ["read a w1", "solving a w1", "solving a w2", "solved a w2", "written a w2"]


def test_what_a_killed_service_enqueued_is_run(client: jobs.JobClient, stage: Stage) -> None:
    stage.open()
    service = stage.start("service", stage.url, str(stage.folder), "a", "b")
    stage.wait_until(lambda: '["a", "b"]' in (stage.folder / "output").read_text(), "the enqueued jobs")
    kill(service)
    stage.worker("w1")
    assert stage.over(client, "a").state == jobs.JobState.DONE
    assert stage.over(client, "b").state == jobs.JobState.DONE


def test_both_killed_at_once_and_restarted(client: jobs.JobClient, stage: Stage) -> None:
    service = stage.start("service", stage.url, str(stage.folder), "a", "b")
    worker = stage.worker("w1")
    stage.wait_for("solving a w1")
    kill(service)
    kill(worker)
    stage.open()
    again = stage.start("service", stage.url, str(stage.folder), "a", "b")
    stage.worker("w2")
    assert [stage.over(client, job_id).result for job_id in "ab"] == [{"solved": 21}, {"solved": 21}]
    assert sorted(line for line in stage.log() if line.startswith("written")) == ["written a w2", "written b w2"]
    assert again.poll() is None


def test_two_workers_share_the_jobs_and_never_run_one_twice(client: jobs.JobClient, stage: Stage) -> None:
    stage.open()
    stage.worker("w1")
    stage.worker("w2")
    job_ids = [f"job-{number}" for number in range(20)]
    enqueue(client, stage, *job_ids)
    workers = {stage.over(client, job_id).worker for job_id in job_ids}
    assert workers == {"w1", "w2"}
    did = Counter(tuple(line.split()[:2]) for line in stage.log())
    assert did == Counter((what, job) for what in ("read", "solving", "solved", "written") for job in job_ids)


def test_a_worker_solves_one_job_at_a_time(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a", "b")
    stage.worker("w1")
    stage.wait_for("solving a w1")
    enqueue(client, stage, "c")
    (stage.folder / "log").open("a").close()
    before = len((stage.folder / "log").read_text().splitlines())
    stage.wait_until(lambda: len((stage.folder / "log").read_text().splitlines()) > before + 5, "five sweeps")
    assert stage.log() == ["read a w1", "solving a w1"]
    stage.open()
    stage.over(client, "c")
    assert [line for line in stage.log() if line.startswith("solv")] == [
        f"{what} {job} w1" for job in "abc" for what in ("solving", "solved")
    ]


def test_two_living_workers_take_over_from_a_third_once(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a")
    lost = stage.worker("w1")
    stage.wait_for("solving a w1")
    stage.worker("w2")
    stage.worker("w3")
    kill(lost)
    stage.wait_until(lambda: len([line for line in stage.log() if line.startswith("solving")]) == 2, "a take-over")
    stage.open()
    job = stage.over(client, "a")
    assert (job.state, job.attempts) == (jobs.JobState.DONE, 2)
    assert job.worker in ("w2", "w3")
    assert Counter(line.split()[0] for line in stage.log()) == {"read": 1, "solving": 2, "solved": 1, "written": 1}


def test_a_living_worker_keeps_a_step_longer_than_its_heartbeat(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a")
    stage.worker("w1")
    stage.wait_for("solving a w1")
    stage.worker("w2")
    sweeps = 15  # three times as long as a worker may be silent

    def has_swept() -> bool:
        return (stage.folder / "log").read_text().count("swept w2") > sweeps

    stage.wait_until(has_swept, "the second worker's sweeps")
    stage.open()
    assert stage.over(client, "a").worker == "w1"
    assert stage.log() == ["read a w1", "solving a w1", "solved a w1", "written a w1"]


def test_a_frozen_worker_that_wakes_gives_up_what_it_lost(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a")
    frozen = stage.worker("w1")
    stage.wait_for("solving a w1")
    stage.freeze(frozen)
    stage.worker("w2")
    stage.wait_for("solving a w2")
    frozen.send_signal(signal.SIGCONT)
    stage.wait_for("gave-up a w1")
    stage.open()
    job = stage.over(client, "a")
    assert (job.worker, job.result) == ("w2", {"solved": 21})
    assert [line for line in stage.log() if line.startswith(("solved", "written"))] == ["solved a w2", "written a w2"]
    enqueue(client, stage, "b", "c")  # both go on working
    assert stage.over(client, "b").state == stage.over(client, "c").state == jobs.JobState.DONE


def test_a_frozen_worker_that_does_not_ask_can_not_finish_what_it_lost(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a", workflow="deaf")
    frozen = stage.worker("w1")
    stage.wait_for("deaf a w1")
    stage.freeze(frozen)
    stage.worker("w2")
    stage.wait_for("deaf a w2")
    frozen.send_signal(signal.SIGCONT)
    stage.open()
    assert stage.over(client, "a").state == jobs.JobState.DONE
    assert stage.log() == ["deaf a w1", "deaf a w2", "written a w2"]


def test_a_terminated_worker_leaves_its_job_to_the_next(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a")
    worker = stage.worker("w1")
    stage.wait_for("solving a w1")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert stage.log()[2] == "gave-up a w1"
    job = client.status("a")
    assert job is not None
    assert job.state == jobs.JobState.RUNNING
    stage.open()
    stage.worker("w2", stale_seconds=30.0)  # it needn't wait: the first one signed off
    assert stage.over(client, "a").worker == "w2"


def test_a_terminated_worker_does_not_wait_for_a_step_that_does_not_ask(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a", workflow="deaf")
    worker = stage.worker("w1")
    stage.wait_for("deaf a w1")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait() == 0
    stage.open()
    stage.worker("w2")
    assert stage.over(client, "a").result == "heard nothing"


def test_a_worker_leaves_when_its_parent_is_killed(client: jobs.JobClient, stage: Stage) -> None:
    parent = stage.start("parent", stage.url, "w1", str(stage.folder))
    stage.wait_for("swept w1")
    kill(parent)
    stage.wait_for("left w1")


def test_a_cancelled_queued_job_never_starts(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a", "b")
    client.cancel("a")
    stage.open()
    stage.worker("w1")
    stage.over(client, "b")
    job = client.status("a")
    assert job is not None
    assert (job.state, job.attempts) == (jobs.JobState.CANCELLED, 0)
    assert "read a w1" not in stage.log()


def test_a_cancelled_running_job_is_told_and_stays_cancelled(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a")
    stage.worker("w1")
    stage.wait_for("solving a w1")
    client.cancel("a")
    stage.wait_for("gave-up-cancelled a w1")
    stage.open()
    enqueue(client, stage, "a", "b")  # the worker is free again, and the cancelled id stays cancelled
    assert stage.over(client, "b").state == jobs.JobState.DONE
    assert stage.over(client, "a").state == jobs.JobState.CANCELLED
    assert "written a w1" not in stage.log()


def test_a_job_cancelled_in_a_step_that_does_not_ask_goes_no_further(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a", workflow="deaf")
    stage.worker("w1")
    stage.wait_for("deaf a w1")
    client.cancel("a")
    stage.open()
    enqueue(client, stage, "b")
    stage.over(client, "b")
    assert stage.over(client, "a").state == jobs.JobState.CANCELLED
    assert "written a w1" not in stage.log()


def test_a_finished_job_can_not_be_cancelled(client: jobs.JobClient, stage: Stage) -> None:
    stage.open()
    enqueue(client, stage, "a")
    stage.worker("w1")
    stage.over(client, "a")
    client.cancel("a")
    assert stage.over(client, "a").state == jobs.JobState.DONE


@pytest.mark.parametrize(
    ("how", "error"), [("raise", "the roster is empty"), ("exit", "a step tried to end the worker: leave")]
)
def test_a_failed_job_says_why_and_the_worker_lives(client: jobs.JobClient, stage: Stage, how: str, error: str) -> None:
    stage.open()
    client.enqueue("a", "failing", {"how": how})
    stage.worker("w1")
    job = stage.over(client, "a")
    assert (job.state, job.error) == (jobs.JobState.FAILED, error)
    enqueue(client, stage, "b")
    assert stage.over(client, "b").state == jobs.JobState.DONE


@pytest.mark.parametrize(
    ("deaths", "state"), [(MAX_ATTEMPTS, jobs.JobState.DONE), (MAX_ATTEMPTS + 1, jobs.JobState.FAILED)]
)
def test_a_job_that_kills_its_workers_fails_in_the_end(
    client: jobs.JobClient, stage: Stage, deaths: int, state: jobs.JobState
) -> None:
    stage.open()
    enqueue(client, stage, "a")
    engine = create_engine(stage.url)
    table = "workflow_status" if BACKEND == "sqlite" else "dbos.workflow_status"
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET recovery_attempts = {deaths}"))
    engine.dispose()
    stage.worker("w1")
    assert stage.over(client, "a").state == state


def test_parts_are_joined_in_order_and_finished_parts_survive(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a", workflow="city")
    worker = stage.worker("w1")
    stage.wait_for("town 2 w1")
    kill(worker)
    stage.open()
    stage.worker("w2")
    assert stage.over(client, "a").result == [0, 1, 4, 9]
    towns = [line for line in stage.log() if line.startswith("town")]
    assert towns[:3] == ["town 0 w1", "town 1 w1", "town 2 w1"]
    assert sorted(towns[3:]) == ["town 2 w2", "town 3 w2"]


def test_two_workers_share_the_parts_of_a_job(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a", workflow="city")
    stage.worker("w1")
    stage.wait_for("town 2 w1")
    stage.worker("w2")
    stage.wait_for("town 3 w2")
    stage.open()
    assert stage.over(client, "a").result == [0, 1, 4, 9]
    assert stage.log() == ["town 0 w1", "town 1 w1", "town 2 w1", "town 3 w2"]


def test_cancelling_a_job_cancels_its_parts(client: jobs.JobClient, stage: Stage) -> None:
    enqueue(client, stage, "a", workflow="city")
    stage.worker("w1")
    stage.wait_for("town 2 w1")
    client.cancel("a")
    stage.wait_for("gave-up-town 2 w1")
    stage.open()
    enqueue(client, stage, "b")
    stage.over(client, "b")
    assert client.running() == []
    assert "town 3 w1" not in stage.log()


def test_steps_outside_a_worker_are_plain_functions(tmp_path: Path) -> None:
    (tmp_path / "open").touch()
    assert rehearsal.read("a", str(tmp_path)) == 20
    assert rehearsal.solve("a", str(tmp_path), 20) == 21
    assert not jobs.stopped("a")
    assert not jobs.cancelled("a")
    assert jobs.current_job_id() is None


def test_preparing_twice_changes_nothing_and_stays_out_of_the_applications_tables(url: str) -> None:
    jobs.prepare(url)
    jobs.prepare(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    engine.dispose()
    assert ("workflow_status" in names) == (BACKEND == "sqlite")
    assert ("jiuling_workers" in names) == (BACKEND == "sqlite")


def test_a_worker_is_lost_after_exactly_the_stale_seconds() -> None:
    liveness = Liveness(10.0)
    assert liveness.lost({"w": 7}, 100.0) == set()
    assert liveness.lost({"w": 7}, 109.9) == set()
    assert liveness.lost({"w": 7}, 110.0) == {"w"}


def test_a_beat_starts_the_time_again() -> None:
    liveness = Liveness(10.0)
    liveness.lost({"w": 7, "v": 1}, 100.0)
    assert liveness.lost({"w": 8, "v": 1}, 109.0) == set()
    assert liveness.lost({"w": 8, "v": 1}, 118.9) == {"v"}
    assert liveness.lost({"w": 8}, 119.0) == {"w"}
