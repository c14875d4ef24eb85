"""How the search works: how often each move is made, and what surrounds the moves.

One value for all of it, so that a bench can switch a part off and see what it is worth
(``python3 dev.py bench ablation``). Whoever wants a plan leaves it alone.
"""

import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["AS_IT_IS", "Moves", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Weights of the ways to take visits out (`solver.search.removal`); 0: never."""

    strings: float = 0.35
    elders: float = 0.20
    day_strings: float = 0.15
    week: float = 0.10
    usual: float = 0.13
    anywhere: float = 0.07


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that may be switched off or turned."""

    moves: Moves = Moves()
    overlooked: float = 0.02  # how often a spot is overlooked, so that the cheapest is not always taken
    dear: float = 0.4  # how often the elder to ruin around is the dearest of three
    most_out: int = 16  # visits taken out in one iteration
    hot: float = 12.0  # temperatures, in points: minutes of travel
    cold: float = 0.4
    starts_tried: int = 6  # starts by chance and early ones, tried per day for a visit whose start is settled
    strip_visits: int = 500  # a city is searched in strips of about so many visits; 0: as a whole
    turning: bool = True  # strips are cut anew every round
    halves: bool = True  # a town is searched in halves, side by side, every second round
    round_seconds: float = 0.4
    master: bool = True  # OR-Tools chooses the plan
    clock: Callable[[], float] = time.monotonic  # seconds; a bench that shares its processor counts its own alone

    def numbers(self) -> NDArray[np.float64]:
        """Return what the kernels read, in the order of the constants below."""
        shares = np.cumsum(astuple(self.moves))
        return np.array(
            [
                self.overlooked,
                self.dear,
                self.most_out,
                self.starts_tried,
                *(shares / shares[-1]),
            ]
        )

    def without(self, move: str) -> "Settings":
        """Return the same with one way to take visits out switched off."""
        off: dict[str, Any] = {move: 0.0}
        return replace(self, moves=replace(self.moves, **off))


AS_IT_IS = Settings()

# Work.settings
OVERLOOKED, DEAR, MOST_OUT, STARTS_TRIED = range(4)
STRINGS, ELDERS, DAY_STRINGS, WEEK, USUAL = range(4, 9)  # shares up to and with each; the rest: anywhere
