"""Random numbers of our own (xorshift64*): the same for the same seed on every machine.

Source: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled" (2016);
seeds are spread with the finaliser of splitmix64.
"""

import numpy as np
from numpy.typing import NDArray

from solver.search.jit import kernel

_MASK = (1 << 64) - 1


def mix(*parts: int) -> int:
    """Spread some integers over a non-zero 64-bit state."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ (part & _MASK)) * 0xBF58476D1CE4E5B9 & _MASK
        state ^= state >> 27
        state = state * 0x94D049BB133111EB & _MASK
        state ^= state >> 31
    return state or 1


@kernel
def chance(rng: NDArray[np.uint64]) -> float:
    """Return a number in [0, 1)."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return float((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def below(rng: NDArray[np.uint64], n: int) -> int:
    """Return an integer in [0, n)."""
    return int(chance(rng) * n)
