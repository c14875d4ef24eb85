"""From `Problem` to `Arrays`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from solver.problem import DAYS_IN_WEEK, Caregiver, Need, Policy, Problem, Published, Visit, Window
from solver.search.arrays import (
    CANDIDATE,
    CAP,
    CAREGIVER,
    ELDER,
    FAR,
    MODE,
    PLACE,
    SHIFT,
    SPAN,
    VISIT,
    VISIT_DAY,
    Arrays,
    Ints,
    Names,
    Roads,
    Rows,
)

NEAREST_CAREGIVERS = 45  # of each elder, with the skills of each of her visits
NEAREST_ELDERS = 60
_NO_LIMIT = 1 << 20
_BLOCK = 512

Interval = tuple[int, int]  # first and last start


def build(problem: Problem, names: Names, also: Iterable[tuple[str, str]] = ()) -> Arrays:
    """Lay a problem out in arrays.

    Parameters
    ----------
    also
        Pairs of visit and caregiver that must be candidates for each other however far apart
        (pins, the published plan, the plan to start from).
    """
    place_number = {place.id: i for i, place in enumerate(problem.places)}
    roads = _roads(problem)
    skill_sets = sorted({visit.skills for need in problem.needs for visit in need.visits}, key=sorted)
    caregivers, shifts = _caregivers(problem, place_number)
    can_on = _can_on(problem.caregivers, skill_sets) & _at_work_on(shifts)
    visits, visit_days, spans = _visits(problem, names, skill_sets, place_number)
    elders, caps, patterns = _elders(problem, place_number)
    at_work = np.asarray((shifts["starts"].reshape(-1, DAYS_IN_WEEK) >= 0).any(axis=1))
    bound = _bound(names, visits, also)
    candidates = _candidates(problem, names, roads, caregivers, can_on, visits, elders, at_work, bound)
    policy = problem.policy
    return Arrays(
        roads=roads,
        visits=visits,
        visit_days=visit_days,
        spans=spans,
        elders=elders,
        caps=caps,
        patterns=patterns,
        near=_near(roads, elders["home"]),
        candidates=candidates,
        caregivers=caregivers,
        shifts=shifts,
        can_on=can_on,
        travel_minute=float(policy.travel_minute),
        load_minute=float(policy.load_minute),
        overload_minute=float(policy.overload_minute),
        changed=float(policy.changed_visit),
        meal=int(policy.meal_minutes),
        meal_opens=int(policy.meal_opens),
        # Without a meal no day spans the meal hours.
        meal_closes=int(policy.meal_closes) if policy.meal_minutes else FAR,
    )


def _roads(problem: Problem) -> Roads:
    given = [mode.id for mode in problem.modes if mode.id in problem.travel]
    n = len(problem.places) if given else 1
    matrices = np.zeros((max(1, len(given)), n, n), dtype=np.int32)
    for i, mode in enumerate(given):
        matrices[i] = np.minimum(problem.travel[mode], FAR)
    modes = [
        (mode.access_minutes, given.index(mode.id) if mode.id in given else -1, mode.detour, mode.metres_per_minute)
        for mode in problem.modes
    ]
    places = [(float(place.east_metres), float(place.north_metres)) for place in problem.places]
    return Roads(np.array(places, dtype=PLACE), np.array(modes, dtype=MODE), matrices)


def trips(roads: Roads, mode: int, p: Ints, q: Ints) -> Ints:
    """Return the minutes of many trips in one mode, as the kernel `timing.trip` does of one."""
    way = roads.modes[mode]
    if way["matrix"] >= 0:
        return np.asarray(roads.matrices[way["matrix"], p, q], dtype=np.int32)
    here, there = roads.places[p], roads.places[q]
    straight = np.sqrt((here["east"] - there["east"]) ** 2 + (here["north"] - there["north"]) ** 2)
    minutes = np.ceil(way["detour"] * straight / way["speed"])
    minutes = np.minimum(minutes, FAR).astype(np.int32) + way["access"]
    return np.where(p == q, np.int32(0), minutes).astype(np.int32)


def _caregivers(problem: Problem, place_number: dict[str, int]) -> tuple[Rows, Rows]:
    policy = problem.policy
    mode_number = {mode.id: i for i, mode in enumerate(problem.modes)}
    n = len(problem.caregivers)
    shifts = np.full(n * DAYS_IN_WEEK, -1, dtype=SHIFT)
    caregivers = np.zeros(n, dtype=CAREGIVER)
    for c, caregiver in enumerate(problem.caregivers):
        for shift in caregiver.shifts:
            shifts[c * DAYS_IN_WEEK + shift.day] = (shift.starts, shift.ends)
        caregivers[c] = (
            place_number[caregiver.base],
            mode_number[caregiver.mode],
            min(_NO_LIMIT, caregiver.weekly_limit_minutes),
            min(_NO_LIMIT, caregiver.daily_limit_minutes),
            caregiver.max_days,
            policy.load_from * caregiver.contract_minutes,
            policy.overload_from * caregiver.contract_minutes,
        )
    return caregivers, shifts


def _can_on(caregivers: Sequence[Caregiver], skill_sets: Sequence[frozenset[str]]) -> NDArray[np.uint8]:
    can = np.zeros((max(1, len(skill_sets)), len(caregivers)), dtype=np.uint8)
    for k, skills in enumerate(skill_sets):
        for c, caregiver in enumerate(caregivers):
            last = min((caregiver.skills.get(skill, -1) for skill in skills), default=DAYS_IN_WEEK - 1)
            can[k, c] = (1 << (min(last, DAYS_IN_WEEK - 1) + 1)) - 1 if last >= 0 else 0
    return can


def _at_work_on(shifts: Rows) -> NDArray[np.uint8]:
    """Return the mask of each caregiver's days with a shift."""
    works = shifts["starts"].reshape(-1, DAYS_IN_WEEK) >= 0
    return np.asarray(np.packbits(works, axis=1, bitorder="little")[:, 0])


def _merged(windows: Iterable[Window], day: int) -> list[Interval]:
    merged: list[Interval] = []
    for opens, last in sorted((w.opens, w.closes - 1) for w in windows if w.day == day and w.closes > w.opens):
        if merged and opens <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((opens, last))
    return merged


def _meet(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    met = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return sorted((first, last) for first, last in met if first <= last)


def _days_left(need: Need) -> int:
    mask = 0
    for day in need.eligible_days:
        if all(abs(day - other) >= need.min_days_between for other in need.occupied_days):
            mask |= 1 << day
    return mask


def _unserved(policy: Policy, need: Need, visit: Visit) -> float:
    behind = 1 + policy.behind_factor * min(2.0, need.minutes_behind / 240)
    return policy.unserved_hour * visit.minutes / 60 * (behind + policy.short_before_factor * need.short_before)


class _VisitRows:
    """Writes the rows of one visit after the other."""

    def __init__(self, policy: Policy, names: Names, n: int) -> None:
        self.visits = np.zeros(n, dtype=VISIT)
        self.days = np.zeros(n * DAYS_IN_WEEK, dtype=VISIT_DAY)
        self.spans: list[Interval] = []
        self._policy = policy
        self._names = names

    def write(self, v: int, need: Need, visit: Visit, days_left: int) -> None:
        """Write what does not depend on the published plan."""
        policy, row = self._policy, self.visits[v]
        row["minutes"], row["hands"] = visit.minutes, visit.hands
        row["together"] = visit.hands > 1 or (need.min_days_between == 0 and len(need.visits) > 1)
        row["absent_cost"] = _unserved(policy, need, visit)
        # A wish that costs nothing is none: a start outside it must be as good as one inside.
        wishes = visit.wished if policy.outside_wished_time > 0 else ()
        row["wish"] = policy.outside_wished_time if wishes else 0.0
        row["timed"] = row["wish"] > 0
        row["published_day"] = row["published_start"] = -1
        row["published_by"] = -1
        for day in range(DAYS_IN_WEEK):
            windows = _merged(visit.windows, day)
            wished = _meet(windows, _merged(wishes, day))
            if days_left >> day & 1 and windows:
                row["days"] |= 1 << day
            on = self.days[v * DAYS_IN_WEEK + day]
            on["window_low"], on["window_high"] = self._add(windows)
            on["wished_low"], on["wished_high"] = self._add(wished) if wished else (on["window_low"], on["window_high"])
            on["no_wish"] = bool(wishes) and not wished
            on["cost"] = policy.outside_wished_time if on["no_wish"] and not row["together"] else 0.0

    def publish(self, v: int, visit: Visit, before: Published) -> None:
        """Write where a visit stands in the published plan, and what leaving that place costs."""
        changed, row = self._policy.changed_visit, self.visits[v]
        row["published"] = row["timed"] = 1
        row["absent_cost"] += changed
        days = self.days[v * DAYS_IN_WEEK : (v + 1) * DAYS_IN_WEEK]
        if not row["together"]:
            days["cost"] += changed
        on = days[before.day]
        by = sorted(self._names.caregiver_number[name] for name in before.caregivers)
        if len(by) != visit.hands or not self._holds(on["window_low"], on["window_high"], before.start):
            return
        row["published_day"], row["published_start"] = before.day, before.start
        row["published_by"][: len(by)] = by
        row["published_wished"] = self._holds(on["wished_low"], on["wished_high"], before.start)
        if not row["together"]:
            on["cost"] -= changed

    def _add(self, intervals: Sequence[Interval]) -> Interval:
        low = len(self.spans)
        self.spans.extend(intervals)
        return low, len(self.spans)

    def _holds(self, low: int, high: int, start: int) -> bool:
        return any(first <= start <= last for first, last in self.spans[low:high])


def _visits(
    problem: Problem, names: Names, skill_sets: Sequence[frozenset[str]], place_number: dict[str, int]
) -> tuple[Rows, Rows, Rows]:
    rows = _VisitRows(problem.policy, names, len(names.visits))
    number_of = {skills: k for k, skills in enumerate(skill_sets)}
    published = {one.visit: one for one in problem.published}
    pinned = {pin.visit for pin in problem.pins}
    v = 0
    for e, need in enumerate(problem.needs):
        days_left = _days_left(need)
        for visit in need.visits:
            rows.write(v, need, visit, days_left)
            row = rows.visits[v]
            row["elder"], row["place"] = e, place_number[need.place]
            row["skill"], row["pinned"] = number_of[visit.skills], visit.id in pinned
            if visit.id in published:
                rows.publish(v, visit, published[visit.id])
            v += 1
    return rows.visits, rows.days, np.array(rows.spans, dtype=SPAN)


def _elders(problem: Problem, place_number: dict[str, int]) -> tuple[Rows, Rows, Ints]:
    elders = np.zeros(len(problem.needs), dtype=ELDER)
    caps: list[tuple[int, int, int]] = []
    patterns: list[int] = []
    first = 0
    for row, need in zip(elders, problem.needs, strict=True):
        row["first"], row["after"] = first, first + len(need.visits)
        first += len(need.visits)
        row["gap"], row["home"] = need.min_days_between, place_number[need.place]
        row["max_carers"] = _NO_LIMIT if need.max_carers is None else need.max_carers
        row["cap_low"], row["pattern_low"] = len(caps), len(patterns)
        caps.extend((cap.first_day, cap.last_day, min(_NO_LIMIT, cap.minutes)) for cap in need.caps)
        for pattern in need.day_patterns:
            patterns.extend(pattern)
        row["cap_high"], row["pattern_high"] = len(caps), len(patterns)
    return elders, np.array(caps, dtype=CAP), np.array(patterns, dtype=np.int32)


def _bound(names: Names, visits: Rows, also: Iterable[tuple[str, str]]) -> dict[int, set[int]]:
    """Return the caregivers whom each elder must have among her candidates."""
    bound: dict[int, set[int]] = defaultdict(set)
    for visit, caregiver in also:
        if visit in names.visit_number and caregiver in names.caregiver_number:
            bound[int(visits["elder"][names.visit_number[visit]])].add(names.caregiver_number[caregiver])
    return bound


def _candidates(
    problem: Problem,
    names: Names,
    roads: Roads,
    caregivers: Rows,
    can_on: NDArray[np.uint8],
    visits: Rows,
    elders: Rows,
    at_work: NDArray[np.bool_],
    bound: dict[int, set[int]],
) -> Rows:
    """Return the candidates of all elders end to end, and write to ``elders`` where each one's stand."""
    points = _PairPoints(problem, names)
    parts = []
    low = 0
    outs, backs = _bases_to_homes(roads, caregivers, elders["home"][:_BLOCK])
    for e, need in enumerate(problem.needs):
        if e and e % _BLOCK == 0:
            outs, backs = _bases_to_homes(roads, caregivers, elders["home"][e : e + _BLOCK])
        out, back = outs[e % _BLOCK], backs[e % _BLOCK]
        may = points.may(need) & at_work
        far = out + back
        take = np.zeros(len(problem.caregivers), dtype=np.bool_)
        for skill in np.unique(visits["skill"][elders["first"][e] : elders["after"][e]]):
            able = np.flatnonzero(may & (can_on[skill] > 0))
            if len(able) > NEAREST_CAREGIVERS:
                # Ties go to the earlier caregiver, on every machine.
                key = far[able].astype(np.int64) * len(may) + able
                able = able[np.argpartition(key, NEAREST_CAREGIVERS - 1)[:NEAREST_CAREGIVERS]]
            take[able] = True
        usual = np.zeros_like(take)
        usual[[names.caregiver_number[name] for name in need.usual]] = True
        take |= usual
        take[sorted(bound.get(e, ()))] = True
        able = np.flatnonzero(take & may)
        pair = points.of(need)
        able = able[np.argsort(pair[able] + 0.5 * far[able], kind="stable")]
        part = np.zeros(len(able), dtype=CANDIDATE)
        part["caregiver"], part["out"], part["back"] = able, out[able], back[able]
        part["cost"], part["usual"] = pair[able], usual[able]
        parts.append(part)
        elders[e]["candidate_low"], elders[e]["candidate_high"] = low, low + len(able)
        low += len(able)
    return np.concatenate(parts) if parts else np.zeros(0, dtype=CANDIDATE)


def _bases_to_homes(roads: Roads, caregivers: Rows, home: Ints) -> tuple[Ints, Ints]:
    """Return the minutes (elders, caregivers) from and to every caregiver's base, in her mode."""
    base, mode = caregivers["base"], caregivers["mode"]
    out = np.zeros((len(home), len(base)), dtype=np.int32)
    back = np.zeros_like(out)
    for m in np.unique(mode):
        who = np.flatnonzero(mode == m)
        out[:, who] = trips(roads, int(m), base[who][None, :], home[:, None])
        there_and_back = roads.modes["matrix"][m] < 0  # by the formula, a trip takes as long there as back
        back[:, who] = out[:, who] if there_and_back else trips(roads, int(m), home[:, None], base[who][None, :])
    return out, back


class _PairPoints:
    """Who may go to an elder, and the points a visit by each caregiver costs."""

    def __init__(self, problem: Problem, names: Names) -> None:
        self._policy = problem.policy
        self._number = names.caregiver_number
        # Words as numbers: comparing an array of numbers is many times as fast.
        self._word: dict[str | None, int] = defaultdict(lambda: len(self._word))
        self._gender = np.array([self._word[caregiver.gender] for caregiver in problem.caregivers], dtype=np.int64)
        self._town = np.array([self._word[caregiver.town] for caregiver in problem.caregivers], dtype=np.int64)
        spoken = sorted({dialect for need in problem.needs for dialect in need.dialects})
        self._speaks = {
            dialect: np.array([dialect in caregiver.dialects for caregiver in problem.caregivers], dtype=np.bool_)
            for dialect in spoken
        }
        self._n = len(problem.caregivers)

    def may(self, need: Need) -> NDArray[np.bool_]:
        may = np.ones(self._n, dtype=np.bool_)
        if need.required_gender is not None:
            may &= self._gender == self._word[need.required_gender]
        for name in need.blocked:
            if name in self._number:
                may[self._number[name]] = False
        return may

    def of(self, need: Need) -> NDArray[np.float64]:
        policy = self._policy
        points = np.zeros(self._n, dtype=np.float64)
        if need.usual:
            points += policy.not_usual
            for name, weight in need.usual.items():
                if name in self._number:
                    points[self._number[name]] = policy.not_usual * (1 - weight)
        if need.wished_gender is not None:
            points += policy.not_wished_gender * (self._gender != self._word[need.wished_gender])
        if need.dialects:
            understood = np.any([self._speaks[dialect] for dialect in sorted(need.dialects)], axis=0)
            points += policy.not_wished_dialect * ~understood
        points += policy.lent_visit * (self._town != self._word[need.town])
        return points


def _near(roads: Roads, home: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the nearest elders of each, herself first."""
    n = len(home)
    width = max(1, min(n, NEAREST_ELDERS))
    near = np.full((n, width), -1, dtype=np.int32)
    # Along the curve of the city's longer side only a band is looked at, so that ten cities stay quick.
    at = roads.places[home]
    along = at["east"] if n and np.ptp(at["east"]) >= np.ptp(at["north"]) else at["north"]
    order = np.argsort(along, kind="stable").astype(np.int32)
    reach = 1200
    for low in range(0, n, _BLOCK):
        rows = order[low : low + _BLOCK]
        band = order[max(0, low - reach) : low + _BLOCK + reach]
        far = _apart(roads, home[rows], home[band])
        far[np.arange(len(rows)), np.arange(len(rows)) + (low - max(0, low - reach))] = -1.0
        # Ties go to the earlier elder of the band, on every machine.
        far = far * len(band) + np.arange(len(band))
        if len(band) > width:
            few = np.argpartition(far, width - 1, axis=1)[:, :width]
            best = np.take_along_axis(few, np.argsort(np.take_along_axis(far, few, axis=1), axis=1), axis=1)
        else:
            best = np.argsort(far, axis=1)
        near[rows, : best.shape[1]] = band[best]
    return near


def _apart(roads: Roads, p: Ints, q: Ints) -> NDArray[np.float64]:
    if (roads.modes["matrix"] >= 0).any():
        return np.asarray(roads.matrices[0][np.ix_(p, q)], dtype=np.float64)
    here, there = roads.places[p][:, None], roads.places[q][None, :]
    east, north = here["east"] - there["east"], here["north"] - there["north"]
    return np.asarray(east * east + north * north, dtype=np.float64)
