"""A problem with everything looked up by id: built once, then asked by the judge, the cost and the reasons."""

from solver.problem import Caregiver, Day, Minutes, Need, Pin, Problem, Published, Shift, Visit
from solver.travel import Travel


class Week:
    """The index of one problem.

    Keep it while a week is edited by hand: building it takes tens of milliseconds for a city, while
    judging one move with it takes a few.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.policy = problem.policy
        self.travel = Travel(problem)
        self.caregivers: dict[str, Caregiver] = {caregiver.id: caregiver for caregiver in problem.caregivers}
        self.needs: dict[str, Need] = {need.id: need for need in problem.needs}
        self.visits: dict[str, Visit] = {visit.id: visit for need in problem.needs for visit in need.visits}
        self.need_of: dict[str, Need] = {visit.id: need for need in problem.needs for visit in need.visits}
        self.pins: dict[str, Pin] = {pin.visit: pin for pin in problem.pins}
        self.published: dict[str, Published] = {published.visit: published for published in problem.published}
        self.shifts: dict[tuple[str, Day], Shift] = {
            (caregiver.id, shift.day): shift for caregiver in problem.caregivers for shift in caregiver.shifts
        }

    def trip(self, caregiver: Caregiver, p: str, q: str) -> Minutes:
        """Return her minutes from place ``p`` to place ``q``."""
        return self.travel.minutes(caregiver.mode, p, q)
