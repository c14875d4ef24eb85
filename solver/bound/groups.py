"""Groups of neighbours among a caregiver's nodes, so that many are passed over at once (`ahead`)."""

import math

from solver.bound.jit import kernel
from solver.bound.room import Room
from solver.search.arrays import FAR

_SMALLEST = 8  # members of a group, but for the last
_SHARE = 1 / 3  # of the square root of all nodes: members of a group


def most_groups(nodes: int) -> int:
    """Return how many groups so many nodes can have, at most."""
    return int(math.sqrt(max(0, nodes)) / _SHARE) + 2


@kernel
def put_in_groups(room: Room, n: int) -> None:
    """Group the first ``n`` nodes: the farthest from the base with those nearest to it, and so on with the others."""
    size = max(_SMALLEST, int(_SHARE * math.sqrt(n)) + 1)
    for i in range(n):
        room.group[i] = -1
    groups, inside = 0, 0
    room.group_low[0] = 0
    for k in range(n - 1, -1, -1):
        first = room.order[n, k]
        if room.group[first] >= 0:
            continue
        for j in room.order[first, :n]:
            if room.group[j] < 0:
                room.group[j] = groups
                room.members[inside] = j
                inside += 1
                if inside - room.group_low[groups] >= size:
                    break
        groups += 1
        room.group_low[groups] = inside
    for i in range(n):
        _put_nearest_first(room, i, n, groups)


@kernel
def _put_nearest_first(room: Room, i: int, n: int, groups: int) -> None:
    """Write the way from node ``i`` to each group, and sort the groups by it."""
    for group in range(groups):
        room.group_legs[i, group] = FAR
    found = 0
    for j in room.order[i, :n]:
        group = room.group[j]
        if room.group_legs[i, group] == FAR:
            room.group_legs[i, group] = min(room.legs[i, j], FAR - 1)
            room.group_order[i, found] = group
            found += 1
            if found == groups:
                break
    room.group_order[i, found] = -1
