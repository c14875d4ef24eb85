"""What labelling works with: nodes, labels, cuts, and the room of one thread."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.search.arrays import DAYS, Ints, Rows

BITS = 63  # of a mask of cuts
WIDEST = 24  # of what a label remembers
NOTHING = 1e300
SMALLEST = 1e-9  # points; less is not worth a column

NODE = np.dtype(  # a visit that may pay for a caregiver
    [
        ("visit", np.int32),
        ("minutes", np.int32),
        ("elder", np.int32),  # or the visit where several may share a day: nobody else has the number
        ("kept_day", np.int32),
        ("pays", np.int32),  # 1 if it may pay without any slack; else nothing is gained by making it twice
        ("days", np.int32),  # mask of the days on which it may pay
        ("points", np.float64, (DAYS,)),  # prices taken off
    ]
)
LABEL = np.dtype(
    [
        ("node", np.int32),
        ("minutes", np.int32),  # of work so far
        ("ends", np.int32),  # when its last visit ends
        ("before", np.int32),  # label, -1: the base
        ("after", np.int32),  # next label of the same visit
        ("queue", np.int32),  # next label that ends then
        ("gone", np.int32),  # another is no worse
        ("points", np.float64),
        ("seen", np.int64),  # mask of those near its last visit that it has been to
        ("odd", np.int64),  # cuts of which it makes one visit, or three
    ]
)


class Cuts(NamedTuple):
    """Three visits each, of which at most one route may make two or more; the dearest cut first."""

    visits: Ints  # (cuts, 3)
    points: NDArray[np.float64]  # (cuts,) what a route pays for making two of the three


class Room(NamedTuple):
    """Where one thread works; its caller's, written by kernels only, but for ``stop``."""

    stop: Ints  # (1,) not 0: labelling ends, whatever it has found; all threads' and their caller's
    nodes: Rows  # NODE
    order: Ints  # (nodes + 1, nodes) all nodes, the nearest first
    farther: Ints  # (minutes of a day + 2,) scratch of the sort
    node_of: Ints  # (visits,) scratch: the node of each, right only where that node is of this visit
    near: Ints  # (nodes, WIDEST) the elders whom a label at a node does not forget: its own first, -1: no more
    cuts: NDArray[np.int64]  # (nodes,) mask of each one's cuts
    cut_points: NDArray[np.float64]  # (BITS,)
    legs: Ints  # (nodes + 1, nodes + 1) minutes; the last is the base
    labels: Rows  # LABEL
    heads: Ints  # (nodes,) first label of each
    queues: Ints  # (minutes of the day,) first label that ends there
    group: Ints  # (nodes,) neighbours share one
    members: Ints  # (nodes,) by group
    group_low: Ints  # (groups + 1,) first member of each
    group_legs: Ints  # (nodes, groups) minutes to the nearest of each
    group_order: Ints  # (nodes, groups + 1) the nearest first, -1: no more
    group_soonest: NDArray[np.float64]  # (groups, minutes of the shift) the least of ``reached`` in each
    ends: Ints  # (nodes, 2) when a visit can end that day, the first minute and the last
    reached: NDArray[np.float64]  # (minutes of the shift, nodes) least points from a node on, see `ahead`
    left: NDArray[np.float64]  # (nodes, steps of the shift) the same once its visit is made
    soonest: NDArray[np.float64]  # (minutes of the shift,) the least of ``reached``
    last: NDArray[np.float64]  # (7, nodes) least points of a route that ends there
    last_label: Ints
    front: NDArray[np.float64]  # (7, minutes) least points of a route of so many minutes
    front_label: Ints
    best: NDArray[np.float64]  # (8, 8, minutes) least points: days done, days worked, minutes
    choice: Ints  # the last day's minutes that lead there, -1: none
