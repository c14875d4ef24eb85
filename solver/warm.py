"""Compile search and bound once, so that no request waits for it: ``python -m solver.warm`` at set-up."""

import sys
import time

from solver.bound import prove
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


def warm() -> float:
    """Compile (or load) every kernel; return the seconds it took."""
    began = time.monotonic()
    plan = solve(toy(), iterations=50)
    prove(toy(), seconds=60.0, rounds=1, plan=plan)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.stdout.write(f"The solver is compiled ({warm():.1f} s).\n")
