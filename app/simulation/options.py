"""Which city is simulated, for how long, and how often a visit is missed or a caregiver absent."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.core.weeks import Month, Week
from app.demo.options import FULL_ELDERS, CityOptions, Staffing


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationOptions:
    """With ``iterations``, and not ``seconds``, the same options give the same figures.

    Raises
    ------
    ValueError
        If a number is out of bounds.
    """

    first_month: Month
    weeks: int = 12
    finish_month: bool = True  # go on until the last month that the weeks touch is over
    replan: bool = True  # in a month's last week, each evening that knows of a missed visit
    missed_share: float = 0.05
    absent_share: float = 0.0  # of the days on which caregivers have visits: they call in sick on the evening before
    cover: bool = True  # the rest of the week is planned again around who is absent; else her visits are missed
    elders: int = FULL_ELDERS
    staffing: Staffing = Staffing.SLACK
    seed: int = 1
    seconds: int | None = None  # of search, a week
    iterations: int | None = None  # of search, a week

    def __post_init__(self) -> None:
        if not 1 <= self.weeks <= 520:
            raise ValueError(f"weeks: expected 1 to 520, not {self.weeks}")
        if not 0.0 <= self.missed_share <= 1.0:
            raise ValueError(f"missed: expected 0 to 1, not {self.missed_share}")
        if not 0.0 <= self.absent_share <= 1.0:
            raise ValueError(f"absent: expected 0 to 1, not {self.absent_share}")
        if self.iterations is None and self.seconds is None:
            raise ValueError("expected seconds or iterations of search a week")

    @property
    def city(self) -> CityOptions:
        """The city as it is on the first day, when the service begins."""
        return CityOptions(as_of=self.first_month.first, elders=self.elders, staffing=self.staffing, seed=self.seed)

    @property
    def planned_weeks(self) -> tuple[Week, ...]:
        """The weeks to plan, from the one that holds the first of the first month."""
        found = [Week.of(self.first_month.first)]
        while len(found) < self.weeks or (self.finish_month and found[-1].end < self._last_month_end(found)):
            found.append(found[-1].next())
        return tuple(found)

    def _last_month_end(self, weeks: list[Week]) -> date:
        return Month.of(weeks[self.weeks - 1].days[-1]).end

    def evenings_to_replan(self, week: Week) -> tuple[date, ...]:
        """Return the days of a week on which a visit missed can be made up only later in this very week."""
        if not self.replan:
            return ()
        last = Month.of(week.monday).last
        return tuple(day for day in week.days if day < last) if last <= week.days[-1] else ()

    def planned_knowing(self, day: date) -> date:
        """Return the first day that was planned knowing what became of a day's visits."""
        week = Week.of(day)
        return day + timedelta(days=1) if day in self.evenings_to_replan(week) else week.end

    @property
    def whole_months(self) -> tuple[Month, ...]:
        """The months all of whose days lie in the weeks."""
        end, month, found = self.planned_weeks[-1].end, self.first_month, []
        while month.end <= end:
            found.append(month)
            month = month.next()
        return tuple(found)
