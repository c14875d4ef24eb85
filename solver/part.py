"""A part of a problem: some towns by themselves."""

from collections.abc import Collection
from dataclasses import replace

from solver.problem import Need, Problem

__all__ = ["of_towns"]


def of_towns(problem: Problem, towns: Collection[str]) -> Problem:
    """Return the problem of these towns' elders and caregivers alone: nobody is lent across their border.

    Usual and blocked caregivers of other towns are forgotten, and so is a published visit's caregiver who
    is not there; a pin on such a caregiver goes. Places stay as they are.
    """
    caregivers = tuple(each for each in problem.caregivers if each.town in towns)
    here = {each.id for each in caregivers}
    needs = tuple(_without_others(need, here) for need in problem.needs if need.town in towns)
    visits = {visit.id for need in needs for visit in need.visits}
    return replace(
        problem,
        caregivers=caregivers,
        needs=needs,
        pins=tuple(pin for pin in problem.pins if pin.visit in visits and here.issuperset(pin.caregivers)),
        published=tuple(
            replace(stand, caregivers=tuple(each for each in stand.caregivers if each in here))
            for stand in problem.published
            if stand.visit in visits
        ),
    )


def _without_others(need: Need, here: Collection[str]) -> Need:
    return replace(
        need,
        usual={caregiver: weight for caregiver, weight in need.usual.items() if caregiver in here},
        blocked=frozenset(caregiver for caregiver in need.blocked if caregiver in here),
    )
