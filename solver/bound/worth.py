"""Where one more hour would help most, as the prices of the bound have it: estimates, in points."""

from collections import defaultdict

import numpy as np

from solver.bound.master import Worth
from solver.problem import Problem
from solver.search.arrays import Arrays, Names


def by_caregiver(names: Names, a: Arrays, worth: Worth) -> dict[str, float]:
    """Return what one more hour in each caregiver's weekly limit would save, her load paid (0: it is not scarce)."""
    who = a.caregivers
    paid = a.load_minute * (who["load_from"] < who["weekly"]) + a.overload_minute * (
        who["overload_from"] < who["weekly"]
    )
    saved = 60.0 * np.maximum(0.0, worth.prices.minutes - paid)
    return dict(zip(names.caregivers, (round(float(points), 6) for points in saved), strict=True))


def by_skill(problem: Problem, worth: Worth) -> dict[str, float]:
    """Return what an hour of care is worth, on average over the visits that ask for a skill ("": for none)."""
    points: dict[str, float] = defaultdict(float)
    hours: dict[str, float] = defaultdict(float)
    visits = (visit for need in problem.needs for visit in need.visits)
    for visit, price in zip(visits, worth.hands.tolist(), strict=True):
        for skill in sorted(visit.skills) or [""]:
            points[skill] += price
            hours[skill] += visit.minutes / 60
    return {skill: points[skill] / hours[skill] for skill in sorted(points)}


def by_day(worth: Worth) -> dict[int, float]:
    """Return what a caregiver's shift saves, on average over those of each day."""
    saved: dict[int, list[float]] = defaultdict(list)
    for (_, day), points in worth.days.items():
        saved[day].append(-points)
    return {day: sum(saved[day]) / len(saved[day]) for day in sorted(saved)}
