"""Place: the visit fits as everything stands, and the plan left it out all the same."""

from collections.abc import Iterator

from solver.fixes.placing import Terms, placements
from solver.fixes.situation import Offer, Situation
from solver.plan import Reason
from solver.reasons.days import openings
from solver.reasons.funnel import Funnel


def offers(situation: Situation, visit_id: str) -> Iterator[Offer]:
    """Yield ways to place the visit, cheapest first."""
    need, visit = situation.week.need_of[visit_id], situation.week.visits[visit_id]
    open_days = openings(need, visit, situation.roster.stops_of_need(need.id))
    if isinstance(open_days, Reason):
        return
    funnel = situation.funnel(need, visit, open_days)
    left = Funnel.at_work(funnel, situation.may_come(funnel))
    for placement in placements(funnel, left, Terms(funnel, situation.prices.moved_visit)):
        yield Offer(placement.points, None, placement.stands, 0.0)
