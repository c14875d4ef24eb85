"""How long a trip takes: the one definition of the formula, for one pair of places and for many.

Both forms agree to the minute, since they do the same operations in the same order and each of them
is rounded correctly: squares of whole metres are exact in a float (`Place` bounds them), and
``sqrt``, ``×``, ``÷`` and ``ceil`` follow IEEE 754. ``hypot`` would not: its last bit differs
between libraries.
"""

from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from solver.problem import Minutes, Mode, Place, Problem


def travel_minutes(mode: Mode, p: Place, q: Place) -> Minutes:
    """Return access + ceil(detour × straight metres / speed), and 0 from a place to itself."""
    if p.id == q.id:
        return 0
    east = p.east_metres - q.east_metres
    north = p.north_metres - q.north_metres
    straight = sqrt(float(east * east + north * north))
    return mode.access_minutes + ceil(mode.detour * straight / mode.metres_per_minute)


def travel_matrix(mode: Mode, places: Sequence[Place]) -> NDArray[np.int32]:
    """Return ``travel[p, q]``, (n_places, n_places), minutes: `travel_minutes` of each pair."""
    east = np.array([place.east_metres for place in places], dtype=np.float64)
    north = np.array([place.north_metres for place in places], dtype=np.float64)
    straight = np.sqrt((east[:, None] - east) ** 2 + (north[:, None] - north) ** 2)
    minutes = np.ceil(mode.detour * straight / mode.metres_per_minute).astype(np.int32) + np.int32(mode.access_minutes)
    number = {place.id: i for i, place in enumerate(places)}
    same = np.array([number[place.id] for place in places], dtype=np.int64)
    return np.where(same[:, None] == same, np.int32(0), minutes)


class Travel:
    """Minutes between the places of one problem, by id; trips once asked for are remembered."""

    def __init__(self, problem: Problem) -> None:
        self._places = {place.id: place for place in problem.places}
        self._modes = {mode.id: mode for mode in problem.modes}
        self._number = {place.id: i for i, place in enumerate(problem.places)}
        self._given = problem.travel
        self._known: dict[tuple[str, str, str], Minutes] = {}

    def minutes(self, mode: str, p: str, q: str) -> Minutes:
        """Return the minutes from ``p`` to ``q``: the problem's own matrix if there is one, else the formula."""
        trip = (mode, p, q)
        known = self._known.get(trip)
        if known is None:
            known = self._known[trip] = self._minutes(mode, p, q)
        return known

    def _minutes(self, mode: str, p: str, q: str) -> Minutes:
        if mode in self._given:
            return int(self._given[mode][self._number[p], self._number[q]])
        return travel_minutes(self._modes[mode], self._places[p], self._places[q])
