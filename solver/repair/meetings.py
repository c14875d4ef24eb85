"""At which minutes the hands of a visit meet, in days as they could be."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from solver.problem import Day, Minutes
from solver.reasons.starts import Interval
from solver.repair.standing import Standing

_STARTS_TOGETHER = 24  # minutes of one day at which two hands are tried


class Meetings:
    """Collects who could come when, and tells the minutes that need to be looked at.

    If hands can meet in days as they could be, then also when the last one's time for it begins. Of two such minutes
    one is enough if whoever can come at the other, in whatever order of her day, can come at it too.
    """

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        # For each day and visit, who can come when in some order of her day, and that order's bit.
        self._ways: dict[Day, dict[str, dict[tuple[str, tuple[Interval, ...]], int]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._alone = True  # whether no order has two of them, which would wait for each other's hands

    def add(self, who: str, day: Day, met: Sequence[tuple[str, tuple[Interval, ...]]]) -> None:
        """Note when each visit of several hands could start in an order of her day."""
        self._alone = self._alone and len(met) <= 1
        for visit, spans in met:
            known = self._ways[day][visit]
            known.setdefault((who, spans), len(known))

    def told(self) -> tuple[Mapping[Day, Mapping[str, list[Minutes]]], bool]:
        """Return the minutes of each day and visit, and whether no other one need be looked at."""
        found: dict[Day, dict[str, list[Minutes]]] = defaultdict(dict)
        all_told = self._alone
        for day, visits in self._ways.items():
            for visit, ways in visits.items():
                found[day][visit], all_of_it = self._where_most_can(visit, day, ways)
                all_told = all_told and all_of_it
        return found, all_told

    def _where_most_can(
        self, visit: str, day: Day, ways: Mapping[tuple[str, tuple[Interval, ...]], int]
    ) -> tuple[list[Minutes], bool]:
        able: dict[int, Minutes] = {}  # who can, in which order of her day, a bit each -> the first such minute
        for start in sorted({low for _, spans in ways for low, _ in spans}):
            can = [way for way in ways if any(low <= start < high for low, high in way[1])]
            if len({who for who, _ in can}) >= self._standing.week.visits[visit].hands:
                able.setdefault(sum(1 << ways[way] for way in can), start)
        most = [bits for bits in able if not any(bits != other and bits & other == bits for other in able)]
        most.sort(key=lambda bits: (-bits.bit_count(), able[bits]))
        starts = [able[bits] for bits in most[:_STARTS_TOGETHER]]
        was = self._standing.was.get(visit)
        as_it_was = [was.start] if was is not None and was.day == day and was.start not in starts else []
        return as_it_was + starts, len(most) <= _STARTS_TOGETHER
