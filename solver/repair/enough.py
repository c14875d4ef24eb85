"""Who needs to be looked at for a visit that was hit or may move: of many who could make it, few are enough."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from solver.repair.insertion import Insertion
from solver.repair.pool import Few, Pooling

_NEAR = 60  # caregivers who are asked first whether they could come at one minute, before all of them are


class Enough:
    """Tells who could make a visit as the week stood, and of how many of them the rest need not be looked at."""

    def __init__(self, pooling: Pooling, without_meals: Pooling, insertion: Insertion) -> None:
        self._pooling, self._without_meals = pooling, without_meals
        self._week, self._insertion = pooling.standing.week, insertion  # as the week stood
        self._insertion_without_meals = Insertion(without_meals.standing)

    def is_least(self, unserved: Collection[str], changes: int) -> bool:
        """Tell whether none of these visits would find a place even by itself, with so many other elders changed.

        True is certain, False is not.
        """
        if self._week.problem.travel:  # a matrix may have short cuts
            return False
        hit = [visit for visit in unserved if visit in self._pooling.hit]
        if changes == 0:
            return not any(
                self._insertion_without_meals.could_be_made(visit, self._pooling.able(visit)) for visit in hit
            )
        return not any(self._without_meals.could_be_covered(visit, changes) for visit in hit)

    def could(self, visit: str) -> Sequence[str]:
        """Return who could make a visit if nobody else's is changed, and perhaps some who could not."""
        able = self._pooling.able(visit)
        if self._week.problem.travel or self._week.visits[visit].hands > 1:
            return able
        return [who for who in able if self._insertion_without_meals.could_be_made(visit, (who,))]

    def few(self, others: Mapping[str, Collection[str]], changes: int) -> dict[str, Few]:
        """Return who may get a visit that was hit, or is one of ``others``, where so many could that a few are enough.

        Of each of ``others`` its makers are told.

        As many as there are hands to be placed, or out of whose week a visit is moved, could each make such a visit as
        the week stood; one of several hands at the same minute. Whatever the other visits are given, as many as it
        takes are left whose weeks are as they stood: no choice serves less for want of all others, of days that get
        another visit too, or of other minutes. That holds for an elder no other of whose visits may move.
        """
        free = (*self._pooling.hit, *others)
        hands = {visit: self._week.visits[visit].hands for visit in free}
        elder = {visit: self._week.need_of[visit].id for visit in free}
        moved = Counter[str]()
        for visit in others:
            moved[elder[visit]] += 2 * hands[visit]
        most = sum(hands[visit] for visit in self._pooling.hit) + sum(sorted(moved.values())[-changes:] * bool(changes))
        of_elder, found = Counter(elder.values()), dict[str, Few]()
        for visit in free:
            if of_elder[elder[visit]] == 1:
                able = [who for who in self._pooling.able(visit) if who not in others.get(visit, ())]
                few = self._each(visit, able, most) if hands[visit] == 1 else self._at_once(visit, able, most)
                if few is not None:
                    found[visit] = few
        return found

    def _each(self, visit: str, able: Sequence[str], n: int) -> Few | None:
        """Return the first so many who could make a visit."""
        few = tuple(islice((who for who in able if self._insertion.could_be_made(visit, (who,))), n))
        return Few(few) if len(few) == n else None

    def _at_once(self, visit: str, able: Sequence[str], n: int) -> Few | None:
        """Return so many who could come to a visit of several hands at one minute, if its elder may have any."""
        if self._week.need_of[visit].max_carers is not None:
            return None
        for near in (_NEAR, len(able)):
            meeting = self._insertion.where_most_could(visit, able[:near])
            if meeting is not None and len(meeting.who) >= n:
                return Few(meeting.who[:n], {meeting.day: ((meeting.start, meeting.start + 1),)})
        return None
