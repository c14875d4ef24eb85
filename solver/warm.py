"""Compile search and bound once, so that no request waits for it: ``python -m solver.warm`` at set-up."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from solver.bound import prove
from solver.plan import Cost, Plan, Reason, Unallocated
from solver.problem import Caregiver, Mode, Need, Place, Problem, Shift, Visit, Window
from solver.solve import solve


def toy() -> Problem:
    """Return a problem that reaches every kernel."""
    days = tuple(Window(day, 480, 1020) for day in range(5))
    return Problem(
        places=(Place("base", 0, 0), Place("near", 900, 300), Place("far", 4000, 2500)),
        modes=(Mode("ebike", 300.0),),
        caregivers=tuple(
            Caregiver(
                id=f"caregiver-{k}",
                base="base",
                town="town",
                mode="ebike",
                shifts=tuple(Shift(day, 480, 1080) for day in range(5)),
                weekly_limit_minutes=2400,
                contract_minutes=2400,
            )
            for k in range(2)
        ),
        needs=tuple(
            Need(
                id=f"elder-{place}",
                place=place,
                town="town",
                visits=(
                    Visit(id=f"{place}-1", minutes=60, windows=days, wished=days[:1]),
                    Visit(id=f"{place}-2", minutes=60, windows=days, hands=2),
                ),
            )
            for place in ("near", "far")
        ),
    )


def search() -> None:
    """Compile (or load) the kernels of the search."""
    solve(toy(), iterations=50)


def bound() -> None:
    """Compile (or load) the kernels of the proof: one round, from a plan that needs no search."""
    problem = toy()
    visits = (visit for need in problem.needs for visit in need.visits)
    nothing = Plan(visits=(), unallocated=tuple(Unallocated(v.id, Reason.COULD_BE_PLACED) for v in visits), cost=Cost())
    prove(problem, seconds=3600.0, rounds=1, plan=nothing)


def warm() -> float:
    """Load every kernel into this process, compiling what is missing; return the seconds it took."""
    began = time.monotonic()
    search()
    bound()
    return time.monotonic() - began


def compile_side_by_side() -> float:
    """Compile search and proof in a process each, as they share few kernels; return the seconds it took."""
    began = time.monotonic()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for part in (pool.submit(search), pool.submit(bound)):
            part.result()
    return time.monotonic() - began


if __name__ == "__main__":
    sys.stdout.write(f"The solver is compiled ({compile_side_by_side():.1f} s).\n")
