"""Where the other visits of a day stand once a new one starts at a given minute: moved as little as possible.

A day is a chain of visits with windows and trips between them. The meal, if the day owes one, is one
more link, in one of the gaps, before the trip or on arrival; each way to keep the rule is tried.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solver.problem import Minutes, Policy, Shift
from solver.reasons.starts import Sequel, Spot


@dataclass(frozen=True, slots=True)
class _Link:
    """A visit or the meal: when it may start, when it stands now (the meal: None), and the trip before it."""

    spot: Spot
    wanted: Minutes | None
    leg: Minutes


def settled(
    sequel: Sequel, start: Minutes, wanted: Sequence[Minutes], shift: Shift, policy: Policy
) -> tuple[Minutes, ...] | None:
    """Return the start of each visit of the day, the new one's among them; None if the day can't keep its rules.

    Parameters
    ----------
    start
        Of the new visit.
    wanted
        Where the other visits stand now, in order.
    """
    stands = [*wanted[: sequel.new], start, *wanted[sequel.new :]]
    links = [
        _Link(Spot(spot.minutes, ((start, start + 1),)) if i == sequel.new else spot, stands[i], sequel.legs[i])
        for i, spot in enumerate(sequel.spots)
    ]
    best: tuple[tuple[int, Minutes], tuple[Minutes, ...]] | None = None
    for chain, starts, ends in _ways(links, sequel.legs[-1], shift, policy):
        found = _chained(chain, starts, ends)
        if found is not None:
            moved = [abs(one - other) for one, other in zip(found, stands, strict=True) if one != other]
            rank = (len(moved), sum(moved))
            if best is None or rank < best[0]:
                best = (rank, found)
            if not moved:
                break
    return None if best is None else best[1]


def _ways(
    links: list[_Link], home: Minutes, shift: Shift, policy: Policy
) -> Iterator[tuple[list[_Link], Minutes, Minutes]]:
    """Yield each way to keep the meal rule: the chain, when she may leave, and when her last visit must have ended."""
    begins, ends = shift.starts, shift.ends - home
    if policy.meal_minutes == 0:
        yield links, begins, ends
        return
    yield links, begins, min(ends, policy.meal_closes - 1 - home)
    yield links, max(begins, policy.meal_opens + 1), ends
    meal = Spot(policy.meal_minutes, ((policy.meal_opens, policy.meal_closes - policy.meal_minutes + 1),))
    for i in range(1, len(links)):
        before, here, after = links[:i], links[i], links[i + 1 :]
        yield [*before, _Link(meal, None, 0), here, *after], begins, ends
        yield [*before, _Link(meal, None, here.leg), _Link(here.spot, here.wanted, 0), *after], begins, ends


def _chained(chain: list[_Link], begins: Minutes, ends: Minutes) -> tuple[Minutes, ...] | None:
    """Return the visits' starts, each as near to where it stands as those after it allow."""
    latest = [0] * len(chain)
    limit = ends
    for i in range(len(chain) - 1, -1, -1):
        latest[i] = chain[i].spot.latest(limit - chain[i].spot.minutes)
        limit = latest[i] - chain[i].leg
    if limit < begins:
        return None
    found: list[Minutes] = []
    now = begins
    for link, last in zip(chain, latest, strict=True):
        arrival = now + link.leg
        start = _nearest(link, arrival, last)
        if start is None:
            return None
        if link.wanted is not None:
            found.append(start)
        now = start + link.spot.minutes
    return tuple(found)


def _nearest(link: _Link, first: Minutes, last: Minutes) -> Minutes | None:
    """Return the start between these two that is nearest to where the visit stands; the meal is taken at once."""
    wanted = first if link.wanted is None else link.wanted
    starts = [
        min(max(wanted, opens, first), closes - 1, last)
        for opens, closes in link.spot.windows
        if max(opens, first) <= min(closes - 1, last)
    ]
    return min(starts, key=lambda start: (abs(start - wanted), start), default=None)
