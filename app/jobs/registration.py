"""Workflows and steps: functions whose progress is stored."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from dbos import DBOS

Json = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")

QUEUE = "jobs"
PARTS = "parts"

# A job whose worker dies this often is the reason why; it fails instead of killing more workers.
MAX_ATTEMPTS = 20

names: set[str] = set()


def workflow(name: str) -> Callable[[Callable[[Json], R]], Callable[[Json], R]]:
    """Register a function as the workflow of this name.

    Between its steps it must do the same things in the same order every time it runs (no clock, no
    chance, no database): after a crash it runs again and takes the stored results of finished steps.
    Names of workflows and steps are stored with the jobs; renaming one breaks the jobs in flight.
    """

    def register(function: Callable[[Json], R]) -> Callable[[Json], R]:
        @wraps(function)
        def run(argument: Json) -> R:
            try:
                return function(argument)
            except SystemExit as error:
                # The engine stores the failure of an Exception only; the job would hang for ever.
                raise RuntimeError(f"a step tried to end the worker: {error}") from error

        names.add(name)
        return DBOS.workflow(name=name, max_recovery_attempts=MAX_ATTEMPTS)(run)

    return register


def step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as a step: arguments are free, what it returns must be JSON.

    What it returns or raises is stored, and what it raises is logged: no personal data in either.
    Called outside a workflow (in a test, on the command line) it is the plain function.
    """
    return DBOS.step(name=name)


def current_job_id() -> str | None:
    """Return the id of the job, or of the part, that this thread runs; None outside a workflow."""
    return DBOS.workflow_id


def gather(part: Callable[[Json], R], arguments: Sequence[Json]) -> list[R]:
    """Run a workflow once for each argument, side by side on all workers, and return what came out, in order.

    Only from inside a workflow; each part is a job of its own, so finished parts survive a crash.
    """
    handles = [DBOS.enqueue_workflow(PARTS, part, argument) for argument in arguments]
    return [handle.get_result() for handle in handles]
