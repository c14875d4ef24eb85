"""Three months, one visit in twenty missed, 3 % absent: every elder exact or named; and the month's model.

The peer is each elder's even rhythm, which knows of no other elder and no town: the same visits over the same weeks.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.core.weeks import Month, Week
from app.demo.options import FULL_ELDERS, Staffing
from app.entitlements.allowance import EntitlementPolicy, weeks_of
from app.entitlements.capacity import of_all_towns
from app.entitlements.demand import own_months
from app.entitlements.facts import ElderFacts, Surroundings
from app.entitlements.ledger import policy_of
from app.entitlements.loading import read_facts
from app.entitlements.spreading import OwnMonth, month_laid
from app.months.feasibility import state_month
from app.months.reading import read_month
from app.simulation.options import SimulationOptions
from app.simulation.run import simulate
from bench.installation import Installation, empty_installation, fill
from bench.measure import ratio, timed

FIRST = Month(2026, 9)  # its second month begins with the longest public holiday of the year


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how large the city is and how much goes wrong; without ``--elders`` it is a tenth of the city."""
    parser.add_argument("--elders", type=int, default=FULL_ELDERS // 10)
    parser.add_argument("--staffing", type=Staffing, default=Staffing.SLACK)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--missed", type=float, default=0.05)
    parser.add_argument("--absent", type=float, default=0.03)
    parser.add_argument("--iterations", type=int, default=2000, help="of search, a week")
    parser.add_argument("--model-elders", type=int, default=FULL_ELDERS, help="of the city whose month is laid out")


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Simulate for each seed; then lay out and judge a month of one city."""
    return {
        "elders": chosen.elders,
        "staffing": str(chosen.staffing),
        "simulations": [simulated(chosen, seed) for seed in chosen.seeds],
        "model": laid_out(chosen.model_elders, chosen.staffing, chosen.seeds[0]),
    }


def simulated(chosen: argparse.Namespace, seed: int) -> dict[str, Any]:
    """Return what three months came to, in counts of elders' months."""
    options = SimulationOptions(
        first_month=FIRST,
        weeks=chosen.weeks,
        missed_share=chosen.missed,
        absent_share=chosen.absent,
        elders=chosen.elders,
        staffing=chosen.staffing,
        seed=seed,
        iterations=chosen.iterations,
    )
    figures = simulate(options)
    kept = (
        "elder_months",
        "exact",
        "listed",
        "unexplained",
        "listed_by_reason",
        "short_twice_running",
        "visits_placed",
    )
    more = ("visits_missed", "absent_days", "absent_visits", "replans", "visits_changed", "seconds")
    return {"seed": seed, **{name: figures[name] for name in (*kept, *more)}}


def laid_out(elders: int, staffing: Staffing, seed: int) -> dict[str, Any]:
    """Return how even the weeks of two months are, by the model and by the peer, and what judging them takes."""
    with empty_installation() as here:
        fill(here, elders=elders, staffing=staffing, seed=seed)
        with here.database.read() as session:
            months = [month_of(session, here, month) for month in (FIRST.next(), FIRST.next().next())]
    return {"elders": elders, "months": months}


def month_of(session: Session, here: Installation, month: Month) -> dict[str, Any]:
    """Return the figures of a month of which nothing is booked, as seen from its first day."""
    policy = policy_of(here.settings)
    facts, around = read_facts(session, month.previous().first, month.next().next().first, today=month.first)
    with timed() as read:
        roster = read_month(session, month, policy, month.first)
    with timed() as judged:
        statement = state_month(roster)
    return {
        "month": str(month),
        "as_the_roster_is": compared(facts, around, month, policy),
        "with_leave": compared(facts, with_leave(around, month), month, policy),
        "feasibility": {
            "read_seconds": round(read.seconds, 2),
            "judge_seconds": round(judged.seconds, 2),
            "out_of_reach": sum(each.proved for each in statement.out_of_reach),
            "likely_short": sum(not each.proved for each in statement.out_of_reach),
            "contests": len(statement.contests),
        },
    }


def with_leave(around: Surroundings, month: Month) -> Surroundings:
    """Return the surroundings when, in one whole week of each town, two in five of its caregivers are on leave."""
    whole = [days for _, days in weeks_of(month) if len(days) == 7]
    by_town = {}
    for n, (town, capacity) in enumerate(sorted(around.town_capacity.items())):
        away = frozenset(whole[n % len(whole)])
        by_town[town] = {day: minutes * (0.6 if day in away else 1.0) for day, minutes in capacity.items()}
    return replace(around, town_capacity=by_town, capacity=of_all_towns(by_town))


def compared(
    facts: Sequence[ElderFacts], around: Surroundings, month: Month, policy: EntitlementPolicy
) -> dict[str, Any]:
    """Return how even the model and the peer lay a month."""
    week, today = Week.of(month.first), month.first
    owed: defaultdict[int, list[OwnMonth]] = defaultdict(list)
    for own in own_months(facts, week, month, around, policy, today):
        if own.remaining is not None:
            owed[own.town_id].append(own)
    with timed() as took:
        laid = {town: month_laid(months, around, week, today) for town, months in owed.items()}
    rhythm = {town: {own.elder_id: _wished(own) for own in months} for town, months in owed.items()}
    capacity = {town: [around.town_load(town, days) for _, days in weeks_of(month)] for town in owed}
    ours, peers = unevenness(owed, laid, capacity), unevenness(owed, rhythm, capacity)
    pairs = [(laid[town][elder], visits) for town, found in rhythm.items() for elder, visits in found.items()]
    return {
        "model_seconds": round(took.seconds, 3),
        "visits": sum(sum(visits) for visits, _ in pairs),
        "moved_visits": sum(max(0, a - b) for one, other in pairs for a, b in zip(one, other, strict=True)),
        "unevenness": ours,
        "peer": {"what": "each elder's even rhythm", "unevenness": peers},
        "unevenness_to_peer": ratio(ours["mean"], peers["mean"]),
    }


def _wished(own: OwnMonth) -> tuple[int, ...]:
    assert own.remaining is not None
    return own.remaining.wished


def unevenness(
    owed: Mapping[int, list[OwnMonth]],
    laid: Mapping[int, Mapping[int, tuple[int, ...]]],
    capacity: Mapping[int, list[float]],
) -> dict[str, float]:
    """Return by how much the towns' weeks differ from fair loads (|load - fair| over all loads), and the worst.

    The worst is that of the highest load over fair load; parts of weeks at the month's ends are left out.
    """
    off = total = 0.0
    worst = 0.0
    for town, months in owed.items():
        load = {own.elder_id: own.load for own in months}
        sums = [0.0] * len(capacity[town])
        for elder, visits in laid[town].items():
            for week, count in enumerate(visits):
                sums[week] += count * load[elder]
        for actual, minutes in zip(sums, capacity[town], strict=True):
            fair = sum(sums) * minutes / sum(capacity[town])
            off += abs(actual - fair)
            if minutes > 0.5 * max(capacity[town]):
                worst = max(worst, actual / fair)
        total += sum(sums)
    return {"mean": round(off / total, 4), "worst_week": round(worst, 3)}
