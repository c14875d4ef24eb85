"""Parts of the city that are searched side by side: strips across the map, turned from round to round.

A strip holds elders and caregivers of about the same place; the search of one strip touches no route
and no elder of another, so that strips can run at once and give the same plan in any order.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solver.search.arrays import Arrays
from solver.search.chance import mix


@dataclass(frozen=True)
class Strips:
    """``groups[c]`` and ``elder_groups[e]``: the strip of each caregiver and elder."""

    groups: NDArray[np.int32]
    elder_groups: NDArray[np.int32]
    elders: tuple[NDArray[np.int32], ...]  # of each strip
    share: tuple[float, ...]  # of all elders


def one_strip(a: Arrays) -> Strips:
    """Return the whole city as one."""
    elders = len(a.elders)
    return Strips(
        np.zeros(len(a.caregivers), dtype=np.int32),
        np.zeros(elders, dtype=np.int32),
        (np.arange(elders, dtype=np.int32),),
        (1.0,),
    )


def strips(a: Arrays, number: int, seed: int, turn: int) -> Strips:
    """Cut the city into strips of as many elders each, at an angle that changes with every turn."""
    if number <= 1:
        return one_strip(a)
    angle = math.pi * ((turn * 0.618033988749895 + (mix(seed, 77) % 1000) / 1000) % 1.0)
    across = np.array([math.cos(angle), math.sin(angle)])
    along = a.roads.places["east"] * across[0] + a.roads.places["north"] * across[1]
    elders_at, bases_at = along[a.elders["home"]], along[a.caregivers["base"]]
    # The cuts wander too, or the same elders would stand at a border each time an angle returns.
    shift = (mix(seed, turn, 5) % 1000) / 1000
    cuts = np.quantile(elders_at, [(k + shift) / number for k in range(number) if 0 < k + shift < number])
    elder_groups = np.searchsorted(cuts, elders_at).astype(np.int32)
    groups = np.searchsorted(cuts, bases_at).astype(np.int32)
    parts = tuple(np.flatnonzero(elder_groups == k).astype(np.int32) for k in range(len(cuts) + 1))
    return Strips(groups, elder_groups, parts, tuple(len(part) / len(elders_at) for part in parts))
