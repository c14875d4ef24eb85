"""Problems and plans as they are stored: zlib of their JSON; the newest few decoded ones are kept."""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable

from solver.codec import plan_from_json, plan_to_json, problem_from_json, problem_to_json
from solver.plan import Plan
from solver.problem import Problem
from solver.week import Week

_KEPT = 4  # a city's problem is some ten megabytes of objects


def pack_problem(problem: Problem) -> bytes:
    """Return the bytes of a problem."""
    return zlib.compress(problem_to_json(problem).encode(), 6)


def unpack_problem(packed: bytes) -> Problem:
    """Return the problem that some bytes hold."""
    return problem_from_json(zlib.decompress(packed))


def pack_plan(plan: Plan) -> bytes:
    """Return the bytes of a plan."""
    return zlib.compress(plan_to_json(plan).encode(), 6)


def unpack_plan(packed: bytes) -> Plan:
    """Return the plan that some bytes hold."""
    return plan_from_json(zlib.decompress(packed))


class DecodedProblems:
    """The problems that this process decoded last, indexed, by run; a stored problem never changes."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, int], Week] = OrderedDict()

    def get(self, database_url: str, run_id: int, read: Callable[[], bytes]) -> Week:
        """Return the index of a run's problem; ``read`` fetches its bytes if it isn't here. Nobody may change it."""
        key = (database_url, run_id)
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
                return found
        found = Week(unpack_problem(read()))
        with self._lock:
            self._found[key] = found
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        return found


decoded = DecodedProblems()
