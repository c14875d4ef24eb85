"""From a published plan and a week that is another one now to a plan again, with the fewest elders changed."""

import copy
import time
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from solver.cost import cost_change
from solver.judge import judge_week
from solver.plan import Cost, Plan, PlannedVisit, Unallocated
from solver.problem import Minutes
from solver.reasons import reason
from solver.repair.choice import Choice, choose
from solver.repair.enough import Enough
from solver.repair.insertion import Insertion
from solver.repair.pool import Pool, Pooling
from solver.repair.standing import Standing, around, what_stands
from solver.week import Week

AT_MOST = 3
"""Elders whom nothing hit and whom a repair may change all the same, when the caller does not say."""

SECONDS = 2.0
"""For the models of one repair, when the caller does not say."""

_TURNS = 3  # times that what found no place is tried before the other visits that were hit
_NEAR = 40  # caregivers tried for a visit that was hit, before all of them are
_AROUND_ONE = 30  # caregivers of whose visits one may make room
_AROUND = 8  # caregivers whose other visits may move for one that found no place
_MEET = 3  # caregivers in whose days several visits may make room for one of two hands
_NEW = (60, 20)  # caregivers tried in turn as new to an elder: with her visits alone, and with another elder's
_ELSEWHERE = 4  # caregivers for each of its hands to whom another visit may move, besides its own and those around


class BrokenRepair(RuntimeError):
    """A repair that breaks a rule which the plan did not break before: a fault of this library."""


@dataclass(frozen=True, slots=True)
class Step:
    """One point of the trade-off: the best that can be had for at most so many elders changed."""

    at_most: int
    elders_changed: int
    unserved_minutes: Minutes
    points: float  # of this plan, against the published one


@dataclass(frozen=True, slots=True)
class Size:
    """How large the neighbourhood was on which the last choice was made."""

    visits: int
    caregivers: int
    options: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A plan after a disruption.

    ``proved_fewest``: no plan of the neighbourhood that changes at most as many other elders as was
    allowed serves more minutes, and none that serves as many changes fewer elders.
    """

    plan: Plan
    hit: tuple[str, ...]  # visits that had to change
    changed: tuple[str, ...]  # other visits whose day, start or caregivers differ
    elders_changed: tuple[str, ...]  # whose those are
    hit_minutes: Minutes
    unserved_minutes: Minutes  # of what was hit and found no place
    beyond_cover_minutes: Minutes  # of these: nobody could go, even if all that may move were out of the way
    proved_fewest: bool
    size: Size
    change: Cost  # points against the published plan, both in the week as it is now
    curve: tuple[Step, ...]


def repair(
    week: Week,
    plan: Plan,
    *,
    frozen: Collection[str] = (),
    notice: Collection[str] = (),
    closed: Collection[str] = (),
    at_most: int = AT_MOST,
    seconds: float = SECONDS,
    among: Collection[str] | None = None,
) -> Repair:
    """Return the plan that covers what a disruption uncovered: most minutes, then fewest elders changed, then cheapest.

    Parameters
    ----------
    week
        The week as it is now, after the sick call, the cancelled visit or whatever happened.
    plan
        The plan that held, of the week before. What it says of visits that are no more is forgotten.
    frozen
        Visits that stay, whatever happens and whatever they break: those that have begun.
    notice
        Visits that stay unless they were hit themselves: within the notice period. Pinned ones likewise.
    closed
        Caregivers who get no visit besides those that they have.
    at_most
        How many elders may be changed whom nothing hit.
    seconds
        After so long no further model is solved: what is found by inserting stays, without its proof.
    among
        The visits that the disruption can have touched, to spare judging all others; None: any.

    Raises
    ------
    BrokenRepair
        If the judge finds a rule broken by it: a fault of this library.
    """
    ends = time.monotonic() + seconds
    standing = replace(what_stands(week, plan, frozen, among), notice=frozenset(notice), closed=frozenset(closed))
    pooling = Pooling(standing)
    steps = _Steps(plan, standing)
    insertion = _inserted(pooling, Insertion(standing), steps)
    if steps.unserved_minutes == 0:
        return steps.repair(0)
    without_meals = Pooling(_without_meals(standing))
    beyond = without_meals.beyond_cover()
    enough = Enough(pooling, without_meals, insertion.again())
    if steps.unserved_minutes > beyond and not enough.is_least(steps.unserved, 0):
        few = enough.few({}, 0)
        reach = {visit: few[visit].who if visit in few else enough.could(visit) for visit in pooling.hit}
        steps.take(0, pooling.pool((), reach, 0, few, ends), ends, beyond)
    unchanged = insertion.copy()
    for changes in range(1, at_most + 1):
        if steps.unserved_minutes <= beyond:
            break
        _make_room(pooling, insertion)
        steps.insert(changes, insertion.placed)
        if steps.unserved_minutes > beyond and changes <= len(_NEW):
            steps.insert(changes, _with_other_carers(pooling, insertion, steps.unserved, changes).placed)
        if steps.unserved_minutes > beyond and changes > 1:
            steps.insert(changes, _where_hands_meet(pooling, unchanged, steps.unserved, changes).placed)
        if steps.unserved_minutes > beyond and not enough.is_least(steps.unserved, changes):
            if time.monotonic() < ends:
                steps.take(changes, _wider(pooling, enough, steps.unserved, changes, ends), ends, beyond)
            else:
                steps.give_up()
    return steps.repair(beyond)


def _inserted(pooling: Pooling, insertion: Insertion, steps: "_Steps") -> Insertion:
    """Put the visits that were hit beside all others', and what found no place again before the rest of them."""
    first: list[str] = []  # what found no place, when its turn came
    for near in (_NEAR, *[len(pooling.standing.week.caregivers)] * _TURNS):
        insertion = insertion.again()
        able = {visit: pooling.able(visit)[:near] for visit in pooling.hit}
        insertion.place_all(first, able)
        insertion.place_all([visit for visit in pooling.hit if visit not in insertion.placed], able)
        steps.insert(0, insertion.placed)
        left = [visit for visit in pooling.hit if visit not in insertion.placed]
        if not left or (near != _NEAR and set(first).issuperset(left)):
            break
        first += [visit for visit in left if visit not in first]
    return insertion


def _without_meals(standing: Standing) -> Standing:
    """Return the same with no meal break asked for: only then does one more visit never make room for another."""
    week = copy.copy(standing.week)
    week.policy = replace(week.policy, meal_minutes=0)
    return replace(standing, week=week)


def _make_room(pooling: Pooling, insertion: Insertion) -> None:
    """Place one more of the visits that were hit by moving one other elder's visit, if that can be done."""
    for visit in pooling.hit:
        if visit not in insertion.placed:
            double = pooling.standing.week.visits[visit].hands > 1
            around = pooling.coming(visit)[: _AROUND if double else _AROUND_ONE]
            others = _of_one_hand(pooling, around)
            if insertion.make_room(visit, around, others, near=partial(_near, pooling)):
                return


def _with_other_carers(pooling: Pooling, insertion: Insertion, unserved: Collection[str], changes: int) -> Insertion:
    """Return the weeks if an elder whose visit found no place gets another caregiver, and other visits of hers move.

    That changes one elder; it helps whoever may have few caregivers, all of them busy. Where two may be
    changed, a visit of the second makes room for one of hers. Of the ways that place most, the one that moves fewest.
    """
    best, hit = insertion, set(pooling.hit)

    def worth(weeks: Insertion) -> tuple[int, int]:
        placed = len(weeks.placed.keys() & hit)
        return placed, placed - len(weeks.placed)

    for visit in [each for each in unserved if each in hit]:
        hers = [visit, *pooling.siblings(visit)]
        rest = {each: pooling.able(each) for each in pooling.hit if each not in hers}
        for carers in pooling.other_carers(visit, _NEW[changes - 1]) if len(hers) > 1 else ():
            weeks = insertion.again()
            missing = weeks.place_together(hers, carers)
            if changes > 1 and len(missing) == 1:
                others = _of_one_hand(pooling, carers).difference(hers)
                if weeks.make_room(missing[0], carers, others, near=partial(_near, pooling)):
                    missing = []
            if not missing:
                weeks.place_all(list(rest), rest | dict.fromkeys(hers, carers))
                best = max(best, weeks, key=worth)
                if worth(best) >= (len(hit), -changes):  # all, for one other visit each: less would not have done
                    return best
    return best


def _where_hands_meet(pooling: Pooling, unchanged: Insertion, unserved: Collection[str], changes: int) -> Insertion:
    """Return the weeks in which several visits make room for one of two hands, or what is unchanged if they can't."""
    for visit in unserved:
        who = pooling.coming(visit)[:_MEET] if visit in pooling.hit else []
        if pooling.standing.week.visits[visit].hands > 1:
            others = _of_one_hand(pooling, who)
            found = unchanged.with_hands(visit, who, others, partial(_near, pooling), changes)
            if found is not None:
                return found
    return unchanged


def _of_one_hand(pooling: Pooling, who: Iterable[str]) -> set[str]:
    """Return which of their visits may be moved by inserting; those of several hands only a model moves."""
    return {stop.visit.id for each in who for stop in pooling.movable(each) if stop.visit.hands == 1}


def _near(pooling: Pooling, visit: str) -> tuple[str, ...]:
    return pooling.able(visit)[:_NEAR]


def _wider(pooling: Pooling, enough: Enough, unserved: Collection[str], changes: int, ends: float) -> Pool:
    """Return the pool in which other visits may move: those that stand in the way, and what stands in their way."""
    around = sorted({who for visit in unserved for who in pooling.coming(visit)[:_AROUND]})
    wanted = {visit: pooling.openings(visit) for visit in pooling.hit}
    others: dict[str, tuple[str, ...]] = {}  # visit -> who makes it
    for visit in unserved:
        others |= pooling.in_its_way(visit) if visit in pooling.hit else {}
    for _ in range(changes):
        found = {
            stop.visit.id: stop.planned.caregivers
            for who in around
            for stop in pooling.movable(who)
            if stop.visit.id not in others and pooling.lets_in(who, stop.need.id, wanted)
        }
        if not found:
            break
        others |= found
        wanted = {visit: pooling.openings(visit) for visit in found}
    few = enough.few(others, changes)
    reach: dict[str, Collection[str]] = {
        visit: few[visit].who if visit in few else {*_near(pooling, visit), *around} & set(pooling.able(visit))
        for visit in pooling.hit
    }
    week = pooling.standing.week
    elders_hit = {week.need_of[visit].id for visit in pooling.hit}
    for visit, makers in others.items():
        able = pooling.able(visit)
        # The others of an elder who was hit may all have to go with hers to somebody new.
        near = _NEAR if week.need_of[visit].id in elders_hit else _ELSEWHERE * week.visits[visit].hands
        elsewhere = few[visit].who if visit in few else {*able[:near], *(each for each in around if each in able)}
        reach[visit] = {*makers, *elsewhere}
    return pooling.pool(others, reach, changes, few, ends)


class _Steps:
    """The best choice so far, and the trade-off as it comes to light."""

    def __init__(self, published: Plan, standing: Standing) -> None:
        self._told = {each.visit: each for each in published.unallocated}
        self._published, self._standing, self._week = published, standing, standing.week
        self.unserved = standing.hit
        self.unserved_minutes = self._minutes(standing.hit)
        self._plan = standing.plan
        self._put: Mapping[str, PlannedVisit] = {}  # of the plan: what was put there, all else stands as it stood
        self._priced: Cost | None = None  # what the plan costs, once it was asked for
        self._proved = True
        self._size = Size(0, 0, 0)
        self._curve: list[Step] = []

    def insert(self, at_most: int, placed: Mapping[str, PlannedVisit]) -> None:
        """Note a way that was found by inserting; keep it if it serves more."""
        left = [visit for visit in self._standing.hit if visit not in placed]
        if not self._curve or self._minutes(left) < self.unserved_minutes:
            self._keep(left, placed, dict(placed))
        if not self._size.options:
            self._size = Size(len(self._standing.hit), len(self._week.caregivers), 0)
        self._note(at_most)

    def give_up(self) -> None:
        """Note that a proof is missing."""
        self._proved = False

    def take(self, at_most: int, pool: Pool, ends: float, beyond: Minutes) -> None:
        """Choose from a pool with at most so many changes; keep the choice if it serves more.

        What serves all but the minutes ``beyond`` cover needs no proof of its own, if fewer changes are proved too few.
        """
        choice = choose(pool, at_most, ends - time.monotonic())
        proved = self._proved and choice is not None and choice.proved
        self._size = Size(len(pool.hit) + len(pool.others), pool.caregivers, len(pool.options))
        if choice is not None:
            pinned = set(self._standing.hit) - set(pool.hit)
            left = [visit for visit in self._standing.hit if visit in pinned or visit in choice.unserved]
            if self._minutes(left) < self.unserved_minutes:
                self._keep(left, *_moves(choice))
                proved |= self._proved and self.unserved_minutes <= beyond and choice.elders_changed == at_most
        self._proved = proved
        self._note(at_most)

    def _keep(self, left: Sequence[str], gone: Container[str], put: Mapping[str, PlannedVisit]) -> None:
        self._plan, self._put, self._priced = _with(self._standing.plan, gone, put), put, None
        self.unserved, self.unserved_minutes = tuple(left), self._minutes(left)

    def _note(self, at_most: int) -> None:
        changed = self._changed()
        step = Step(at_most, len(self._elders(changed)), self.unserved_minutes, self._change(changed).total)
        self._curve = [*(known for known in self._curve if known.at_most != at_most), step]

    def repair(self, beyond: Minutes) -> Repair:
        """Return the best, judged and priced by those who had no part in it."""
        changed = self._changed()
        elders = self._elders(changed)
        only = {*self._standing.hit, *changed}
        before, after = around(self._week, only, self._standing.plan, self._plan)
        known = set(judge_week(self._week, before, only=only, before=after))
        broken = [each for each in judge_week(self._week, after, only=only, before=before) if each not in known]
        if broken:
            raise BrokenRepair("; ".join(violation.message for violation in broken[:5]))
        plan = replace(self._plan, unallocated=tuple(self._explained(each) for each in self._plan.unallocated))
        return Repair(
            plan=plan,
            hit=self._standing.hit,
            changed=changed,
            elders_changed=elders,
            hit_minutes=self._minutes(self._standing.hit),
            unserved_minutes=self.unserved_minutes,
            beyond_cover_minutes=beyond,
            proved_fewest=self._proved or (not elders and self.unserved_minutes <= beyond),
            size=self._size,
            change=self._change(changed),
            curve=tuple(self._curve),
        )

    def _explained(self, left: Unallocated) -> Unallocated:
        """Return why a visit has no place: as it was told before, unless that is another matter now."""
        if left.visit in self.unserved or left.visit in self._week.pins:
            return reason(self._week, self._plan, left.visit)
        return self._told.get(left.visit, left)

    def _changed(self) -> tuple[str, ...]:
        hit = set(self._standing.hit)
        return tuple(visit for visit, put in self._put.items() if visit not in hit and self._differs(put))

    def _differs(self, put: PlannedVisit) -> bool:
        """Tell whether a visit stands elsewhere than it stood."""
        stops = self._standing.roster.stops_of_visit(put.visit)
        return all(_stand(stop.planned) != _stand(put) for stop in stops)

    def _elders(self, changed: Collection[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._week.need_of[visit].id for visit in changed))

    def _change(self, changed: Collection[str]) -> Cost:
        if self._priced is None:
            only = {*self._standing.hit, *changed}
            before, after = around(self._week, only, self._published, self._plan)
            self._priced = cost_change(self._week, before, after, only)
        return self._priced

    def _minutes(self, visits: Collection[str]) -> Minutes:
        return sum(self._week.visits[visit].minutes for visit in visits)


def _stand(each: PlannedVisit) -> tuple[str, int, int, frozenset[str]]:
    return each.visit, each.day, each.start, frozenset(each.caregivers)


def _moves(choice: Choice) -> tuple[Container[str], Mapping[str, PlannedVisit]]:
    """Return the visits that leave their places by a choice, and those that are put somewhere."""
    gone = {visit for option in choice.taken for visit in option.gone}
    put: dict[str, PlannedVisit] = {}
    for option in choice.taken:
        for visit, start in option.new:
            hands = (*put[visit].caregivers, option.caregiver) if visit in put else (option.caregiver,)
            put[visit] = PlannedVisit(visit, option.day, start, hands)
    return gone, put


def _with(plan: Plan, gone: Container[str], put: Mapping[str, PlannedVisit]) -> Plan:
    return replace(
        plan,
        visits=(*(each for each in plan.visits if each.visit not in gone), *put.values()),
        unallocated=tuple(each for each in plan.unallocated if each.visit not in put),
    )
