"""Subset-row cuts: of any three visits, at most one route makes two or more (Jepsen et al. 2008).

A mix of routes that make each two of the three by halves is what they forbid.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

BROKEN = 0.05  # by how much, at least, so that it is worth a row

Triple = tuple[int, int, int]


def broken_triples(
    shares: Mapping[tuple[int, ...], float], hands: NDArray[np.float64], known: Collection[Triple]
) -> list[Triple]:
    """Return the triples of single-handed visits that a mix of routes breaks, the most broken first.

    Parameters
    ----------
    shares
        visits of a route -> how much of it is taken.
    known
        Triples that are cut already.
    """
    together: dict[tuple[int, int], float] = defaultdict(float)
    thrice: dict[Triple, float] = defaultdict(float)
    near: dict[int, set[int]] = defaultdict(set)
    for visits, share in shares.items():
        single = sorted({v for v in visits if hands[v] == 1})
        for i, j in combinations(single, 2):
            together[i, j] += share
            near[i].add(j)
            near[j].add(i)
        for triple in combinations(single, 3):
            thrice[triple] += share
    found: dict[Triple, float] = {}
    for i, j in together:
        for k in near[i] | near[j]:
            if k in (i, j):
                continue
            a, b, c = sorted((i, j, k))
            triple = (a, b, c)
            if triple in found or triple in known:
                continue
            sides = together.get((a, b), 0.0) + together.get((a, c), 0.0) + together.get((b, c), 0.0)
            met = sides - 2 * thrice.get(triple, 0.0)
            if met > 1 + BROKEN:
                found[triple] = met
    return sorted(found, key=lambda triple: (-found[triple], triple))
