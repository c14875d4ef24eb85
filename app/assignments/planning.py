"""Which centre answers for which elder: a minimum-cost flow over all elders and open care centres.

Cost is metres, and what a town's border, a change of centre and a centre's overload are worth in metres. An
elder with 8 hours weighs two units of 4 hours; the flow might share them between two centres, so it is solved
twice: first all elders, of which those with two units are held where they came out whole (the few that
were shared out go to the cheapest centre with room for both), then those with one unit in what is left, which a
flow of single units never splits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

UNIT_MINUTES = 240
_EARTH_METRES = 6_371_000.0


@dataclass(frozen=True, slots=True)
class AssignmentPolicy:
    """What is weighed against distance, in metres."""

    border_metres: int = 2_000  # her centre is in another town
    moving_metres: int = 1_500  # she leaves a centre that she has
    overload_metres: int = 30_000  # a unit of 4 hours above what the centre declares
    nearest: int = 20  # centres tried first; more if these are full


@dataclass(frozen=True, slots=True)
class Site:
    """A care centre that is open."""

    centre_id: int
    town_id: int
    village_id: int | None
    latitude: float
    longitude: float
    capacity_minutes: int  # a month


@dataclass(frozen=True, slots=True)
class Home:
    """An elder to be assigned."""

    elder_id: int
    town_id: int
    village_id: int
    latitude: float
    longitude: float
    minutes: int  # a month
    centre_id: int | None  # that answers for her now

    @property
    def units(self) -> int:
        """Her minutes in units of 4 hours, rounded up, at least one."""
        return max(1, -(-self.minutes // UNIT_MINUTES))


@dataclass(frozen=True, slots=True)
class Choice:
    """The centre of one elder; ``best`` says that none would have been better, however full."""

    elder_id: int
    centre_id: int
    metres: int
    best: bool


@dataclass(frozen=True, slots=True)
class Solution:
    """A centre for everybody, in the order of the homes."""

    choices: tuple[Choice, ...]
    overload_minutes: Mapping[int, int] = field(default_factory=dict)  # centre -> above what it declares
    nearest_tried: int = 0


def metres_between(homes: Sequence[Home], sites: Sequence[Site]) -> NDArray[np.int64]:
    """Return ``metres[i, j]`` from home i to site j on the sphere (haversine)."""
    here = np.radians(np.array([(home.latitude, home.longitude) for home in homes]).reshape(-1, 1, 2))
    there = np.radians(np.array([(site.latitude, site.longitude) for site in sites]).reshape(1, -1, 2))
    half = np.sin((there - here) / 2) ** 2
    chord = half[..., 0] + np.cos(here[..., 0]) * np.cos(there[..., 0]) * half[..., 1]
    metres: NDArray[np.int64] = np.rint(2 * _EARTH_METRES * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))).astype(np.int64)
    return metres


def assign(homes: Sequence[Home], sites: Sequence[Site], policy: AssignmentPolicy | None = None) -> Solution:
    """Return the centre of each elder; the same for the same input, in the same order.

    Raises
    ------
    ValueError
        If there is somebody to assign and no centre.
    """
    policy = policy or AssignmentPolicy()
    if not homes:
        return Solution(())
    if not sites:
        raise ValueError("no care centre is open")
    metres = metres_between(homes, sites)
    cost = _costs(homes, sites, metres, policy)
    units = np.array([home.units for home in homes], np.int64)
    capacity = np.array([site.capacity_minutes // UNIT_MINUTES for site in sites], np.int64)
    order = np.argsort(cost, axis=1, kind="stable")
    tried = min(policy.nearest, len(sites))
    while True:
        site_of = _assign_whole(cost, order[:, :tried], units, capacity, policy.overload_metres)
        over = np.bincount(site_of, weights=units, minlength=len(sites)).astype(np.int64) - capacity
        if tried == len(sites) or not (over > 0).any():
            break
        tried = min(4 * tried, len(sites))
    load = np.bincount(site_of, weights=[home.minutes for home in homes], minlength=len(sites))
    rows = np.arange(len(homes))
    chosen_cost, least_cost = cost[rows, site_of], cost[rows, order[:, 0]]
    return Solution(
        tuple(
            Choice(home.elder_id, sites[j].centre_id, int(metres[i, j]), bool(chosen_cost[i] == least_cost[i]))
            for i, (home, j) in enumerate(zip(homes, site_of.tolist(), strict=True))
        ),
        {
            site.centre_id: int(load[j]) - site.capacity_minutes
            for j, site in enumerate(sites)
            if load[j] > site.capacity_minutes
        },
        tried,
    )


def _costs(
    homes: Sequence[Home], sites: Sequence[Site], metres: NDArray[np.int64], policy: AssignmentPolicy
) -> NDArray[np.int64]:
    border = np.array([home.town_id for home in homes])[:, None] != np.array([site.town_id for site in sites])[None, :]
    now = np.array([home.centre_id or 0 for home in homes])[:, None]
    ids = np.array([site.centre_id for site in sites])[None, :]
    has_open_centre = (now == ids).any(axis=1, keepdims=True)
    leaves = has_open_centre & (now != ids)
    cost: NDArray[np.int64] = metres + policy.border_metres * border + policy.moving_metres * leaves
    return cost


def _assign_whole(
    cost: NDArray[np.int64],
    options: NDArray[np.int64],
    units: NDArray[np.int64],
    capacity: NDArray[np.int64],
    overload: int,
) -> NDArray[np.int64]:
    """Return the site of each elder, nobody's units shared between two."""
    site_of = np.full(len(units), -1, np.int64)
    heavy = np.flatnonzero(units > 1)
    left = capacity.copy()
    if len(heavy):
        shared = _flow(cost, options, units, capacity, overload)
        site_of[heavy] = np.where(shared[heavy].max(axis=1) == units[heavy], shared[heavy].argmax(axis=1), -1)
        whole = heavy[site_of[heavy] >= 0]
        np.subtract.at(left, site_of[whole], units[whole])
        for i in heavy[site_of[heavy] < 0].tolist():
            site_of[i] = _cheapest(cost[i], left, int(units[i]), overload)
            left[site_of[i]] -= units[i]
    light = np.flatnonzero(units == 1)
    if len(light):
        single = _flow(cost[light], options[light], units[light], np.maximum(left, 0), overload)
        site_of[light] = single.argmax(axis=1)
    return site_of


def _cheapest(cost: NDArray[np.int64], left: NDArray[np.int64], units: int, overload: int) -> int:
    above = np.clip(units - np.maximum(left, 0), 0, units)
    return int((cost * units + above * overload).argmin())


def _flow(
    cost: NDArray[np.int64],
    options: NDArray[np.int64],
    units: NDArray[np.int64],
    capacity: NDArray[np.int64],
    overload: int,
) -> NDArray[np.int64]:
    """Return ``flow[i, j]``: how many units of elder i site j takes, at least cost; always feasible."""
    from ortools.graph.python import min_cost_flow  # it takes a moment to import: only who assigns needs it

    n, k = options.shape
    m = len(capacity)
    total = int(units.sum())
    tails = np.repeat(np.arange(n), k)
    heads = options.ravel()
    sink = n + m
    sites = np.arange(n, n + m)
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([tails, sites, sites]),
        np.concatenate([heads + n, np.full(2 * m, sink)]),
        np.concatenate([np.repeat(units, k), capacity, np.full(m, total)]),
        np.concatenate([cost[tails, heads], np.zeros(m, np.int64), np.full(m, overload)]),
    )
    network.set_nodes_supplies(np.arange(sink + 1), np.concatenate([units, np.zeros(m, np.int64), [-total]]))
    status = network.solve()
    if status != network.OPTIMAL:
        raise RuntimeError(f"the flow has no optimum: status {status}")  # every elder has a way to the sink
    found = np.zeros((n, m), np.int64)
    found[tails, heads] = network.flows(arcs[: n * k])
    return found
