"""Our own solver."""

from solver.plan import PlannedVisit
from solver.problem import Problem
from solver.solve import solve


def plan(problem: Problem, *, seconds: float, seed: int, workers: int) -> tuple[PlannedVisit, ...]:
    """Plan with `solve`."""
    return solve(problem, seconds=seconds, seed=seed, workers=workers).visits
