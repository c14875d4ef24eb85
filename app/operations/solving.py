"""``jiuling solve``: a problem as JSON in, its plan as JSON out; no database and no service."""

import sys
from pathlib import Path

from app.core.errors import InvalidInput
from solver.codec import plan_to_json, problem_from_json
from solver.invalid import InvalidProblem


def solve_file(
    source: Path, target: Path | None, *, seconds: float | None, iterations: int | None, seed: int, workers: int
) -> None:
    """Solve the problem of a file (``-``: standard input) and write its plan.

    Raises
    ------
    InvalidInput
        Naming the place in the JSON that is wrong.
    """
    from solver.reasons import explain
    from solver.solve import solve

    try:
        text = sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8")
        problem = problem_from_json(text)
    except InvalidProblem as error:
        raise InvalidInput.of(error.field, error.expected, str(error.value)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput.of("problem", f"a readable file of UTF-8 text ({type(error).__name__})") from None
    plan = explain(problem, solve(problem, seed=seed, iterations=iterations, seconds=seconds, workers=workers))
    answer = plan_to_json(plan)
    if target is None:
        print(answer)
    else:
        target.write_text(answer, encoding="utf-8")
