"""Who is used to whom in the demo city: near, able, and within each caregiver's hours."""

import math
import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.demo.options import CityOptions
from app.demo.people import People
from app.elders.models import CarePlan, Elder
from app.pairs.models import Pair
from app.terms import SKILLS_OF_ITEM, ServiceItem

_WEEKS_IN_MONTH = 52 / 12
_METRES_PER_DEGREE = 111_320.0
_CANDIDATES = 40
_BLOCKED_SHARE = 0.01


def make_pairs(session: Session, people: People, options: CityOptions) -> None:
    """Give each elder two or three usual caregivers, and one elder in a hundred a blocked one."""
    if not people.caregivers:
        return
    chance = random.Random(f"pairs:{options.seed}")
    left = np.array([caregiver.contract_minutes for caregiver in people.caregivers], dtype=float)
    bases = _plane([caregiver.base or (0.0, 0.0) for caregiver in people.caregivers])
    pairs = []
    for index in chance.sample(range(len(people.elders)), len(people.elders)):
        elder, plan, grant = people.elders[index], people.plans[index], people.grants[index]
        distances = np.hypot(*(bases - _plane([elder.home])[0]).T)
        near = np.argsort(distances, kind="stable")[:_CANDIDATES]
        able = [int(c) for c in near if _able(elder, plan, people, int(c))]
        # The one with the most hours left among the near ones is the first; the demand halves with rank.
        able.sort(
            key=lambda c: (left[c] <= 0, distances[c] / 1000 - 2 * left[c] / people.caregivers[c].contract_minutes)
        )
        minutes = grant.monthly_minutes / _WEEKS_IN_MONTH
        for rank, caregiver in enumerate(able[: chance.choice([2, 3, 3]) + plan.hands - 1]):
            left[caregiver] -= minutes * (0.6, 0.3, 0.1, 0.1)[rank]
            pairs.append(_pair(elder, people, caregiver, "usual", (1.0, 1.0, 0.8, 0.8)[rank]))
        if chance.random() < _BLOCKED_SHARE and len(able) > 6:
            pairs.append(_pair(elder, people, able[chance.randint(4, len(able) - 1)], "blocked", 1.0))
    session.add_all(pairs)
    session.flush()


def _plane(points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Return points in metres east and north, shape (n, 2)."""
    degrees = np.array(points, dtype=float).reshape(-1, 2)
    east = degrees[:, 1] * _METRES_PER_DEGREE * math.cos(math.radians(29.3))
    return np.column_stack([east, degrees[:, 0] * _METRES_PER_DEGREE])


def _able(elder: Elder, plan: CarePlan, people: People, caregiver: int) -> bool:
    needed = {skill for item in plan.items for skill in SKILLS_OF_ITEM[ServiceItem(item)]} | set(plan.extra_skills)
    gender_right = plan.required_gender in (None, people.caregivers[caregiver].gender)
    return gender_right and needed <= people.skills[caregiver]


def _pair(elder: Elder, people: People, caregiver: int, kind: str, weight: float) -> Pair:
    return Pair(
        elder_id=elder.id,
        caregiver_id=people.caregivers[caregiver].id,
        kind=kind,
        weight=weight,
        reason="（演示）双方不合" if kind == "blocked" else None,
    )
