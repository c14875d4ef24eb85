"""The elders and caregivers of the demo city: every share in this file is an assumption, and made up."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.caregivers.models import Caregiver, Certificate, Leave, WorkingHours
from app.centres.models import Centre, Village
from app.core.identity import identity_index
from app.demo import names
from app.demo.options import STAFFING_RATIO, CityOptions
from app.demo.places import Places, nearby
from app.elders.models import CarePlan, Elder, Stay
from app.entitlements.models import Grant
from app.terms import Skill

_MORNING = (8 * 60, 12 * 60)
_AFTERNOON = (13 * 60, 17 * 60)
_TRAVEL_SHARE = 0.12  # of care minutes, as the whole-city plans come out
_WEEKS_IN_MONTH = 52 / 12


@dataclass(slots=True)
class _Numbers:
    """Identity numbers given so far, so that none is given twice."""

    given: Counter[tuple[date, str]]

    def next(self, birth: date, gender: str) -> str:
        key = (birth, gender)
        self.given[key] += 1
        return names.identity_number(birth, gender, self.given[key])


@dataclass(frozen=True, slots=True)
class People:
    """Who was made."""

    elders: Sequence[Elder]
    plans: Sequence[CarePlan]
    grants: Sequence[Grant]
    caregivers: Sequence[Caregiver]
    skills: Sequence[frozenset[str]]  # of each caregiver, on ``as_of``


def make_people(session: Session, places: Places, options: CityOptions) -> People:
    """Add elders with their plans, grants and stays, and caregivers with certificates, hours and leave."""
    numbers = _Numbers(Counter())
    elders, plans, grants = _make_elders(session, places, options, numbers)
    weekly_care = sum(
        grant.monthly_minutes * plan.hands / _WEEKS_IN_MONTH for grant, plan in zip(grants, plans, strict=True)
    )
    contracted = weekly_care * (1 + _TRAVEL_SHARE) * STAFFING_RATIO[options.staffing]
    caregivers, skills = _make_caregivers(session, places, options, numbers, contracted)
    return People(elders, plans, grants, caregivers, skills)


# --- elders ---------------------------------------------------------------------------------------


def _make_elders(
    session: Session, places: Places, options: CityOptions, numbers: _Numbers
) -> tuple[list[Elder], list[CarePlan], list[Grant]]:
    chance = random.Random(f"elders:{options.seed}")
    weights = [chance.lognormvariate(0, 0.5) for _ in places.villages]
    villages = chance.choices(places.villages, weights, k=options.elders)
    elders = [_elder(chance, n, village, options.as_of, numbers) for n, village in enumerate(villages, 1)]
    session.add_all(elders)
    session.flush()
    plans = []
    grants = []
    for elder in elders:
        minutes = _monthly_minutes(elder)
        plans.append(_care_plan(chance, elder, minutes))
        grants.append(
            Grant(
                elder_id=elder.id,
                valid_from=elder.joined_on,
                monthly_minutes=minutes,
                approved_by="演示审批员",
                approved_on=elder.joined_on,
                reason="演示规则：中度及以上失能、低收入或独居者每月8小时，其余4小时",
            )
        )
    session.add_all(plans)
    session.add_all(grants)
    session.add_all(_stays(chance, elders, options.as_of))
    session.flush()
    return elders, plans, grants


def _elder(chance: random.Random, n: int, village: Village, as_of: date, numbers: _Numbers) -> Elder:
    gender = "female" if chance.random() < 0.66 else "male"
    birth = names.birth_date(chance, as_of - timedelta(days=60), youngest=90, oldest=106, mean_over=2.6)
    identity = numbers.next(birth, gender)
    ninetieth = (
        birth.replace(year=birth.year + 90) if (birth.month, birth.day) != (2, 29) else date(birth.year + 90, 3, 1)
    )
    lives_alone = chance.random() < 0.12
    return Elder(
        number=f"E{n:06d}",
        name=names.elder_name(chance, gender),
        id_number=identity,
        id_number_index=identity_index(identity),
        phone=names.phone(chance) if chance.random() < 0.8 else None,
        address=names.address(chance, village.name),
        way_in=chance.choice([None, None, "（虚构）敲门后请稍等，听力不好", "（虚构）钥匙在邻居家", "（虚构）后门进"]),
        home=nearby(chance, village.latitude, village.longitude, 450.0),
        birth_date=birth,
        gender=gender,
        dialects=chance.choices(
            [["yiwu"], ["yiwu", "mandarin"], ["dongyang"], ["pujiang"], ["mandarin"]], [70, 15, 6, 4, 5]
        )[0],
        disability_grade=chance.choices(["able", "mild", "moderate", "severe", "total"], [48, 36, 9, 5, 2])[0],
        health_note=None,
        lives_alone=lives_alone,
        low_income=chance.random() < 0.05,
        town_id=village.town_id,
        village_id=village.id,
        joined_on=max(ninetieth, as_of.replace(day=1)),  # the service begins on the first of the month
    )


def _monthly_minutes(elder: Elder) -> int:
    more = elder.disability_grade not in ("able", "mild") or elder.low_income or elder.lives_alone
    return 480 if more else 240


def _care_plan(chance: random.Random, elder: Elder, monthly_minutes: int) -> CarePlan:
    lengths, shares = ([60, 120], [3, 1]) if monthly_minutes == 240 else ([60, 120], [3, 2])
    minutes = chance.choices(lengths, shares)[0]
    visits = monthly_minutes // minutes
    bathing = chance.random() < 0.12
    items = chance.sample(["meals", "cleaning", "walking", "comfort", "errands"], 2)
    if bathing:
        items.append("bathing")
    if chance.random() < 0.06:
        items.append("medical")
    return CarePlan(
        elder_id=elder.id,
        valid_from=elder.joined_on,
        visit_minutes=minutes,
        hands=2 if chance.random() < 0.02 else 1,
        min_days_between=2 if visits >= 4 else 3,
        max_carers=2 if chance.random() < 0.25 else None,
        required_gender=elder.gender if bathing and elder.gender == "female" and chance.random() < 0.5 else None,
        wished_gender=elder.gender if chance.random() < 0.15 else None,
        items=items,
        extra_skills=[Skill.DEMENTIA] if chance.random() < 0.04 else [],
        windows=_windows(chance),
        holidays_open=chance.random() < 0.1,
    )


def _windows(chance: random.Random) -> list[dict[str, Any]]:
    """A quarter of the elders take visits in one half of the day only; half wish for one."""
    opens, closes = chance.choice([_MORNING, _AFTERNOON])
    draw = chance.random()
    if draw > 0.75:
        return []
    wished = draw > 0.25
    return [{"weekday": day, "opens": opens, "closes": closes, "wished": wished} for day in range(7)]


def _stays(chance: random.Random, elders: Sequence[Elder], as_of: date) -> list[Stay]:
    stays = []
    for elder in elders:
        draw = chance.random()
        if draw < 0.012:
            begins = as_of + timedelta(days=chance.randint(-12, 5))
            stays.append(
                Stay(
                    elder_id=elder.id,
                    kind="hospital",
                    from_on=begins,
                    to_on=begins + timedelta(days=chance.randint(4, 14)),
                )
            )
        elif draw < 0.016:
            stays.append(
                Stay(elder_id=elder.id, kind="institution", from_on=as_of + timedelta(days=chance.randint(-9, 9)))
            )
    return [stay for stay in stays if stay.from_on >= as_of.replace(day=1)]


# --- caregivers -----------------------------------------------------------------------------------


def _make_caregivers(
    session: Session, places: Places, options: CityOptions, numbers: _Numbers, contracted_minutes: float
) -> tuple[list[Caregiver], list[frozenset[str]]]:
    chance = random.Random(f"caregivers:{options.seed}")
    n_caregivers = options.caregivers
    centres = chance.choices(places.centres, k=n_caregivers)
    full_time = [chance.random() < 0.4 for _ in centres]
    part = contracted_minutes / max(sum(1.0 if full else 0.5 for full in full_time), 0.5)
    caregivers = []
    for n, (centre, full) in enumerate(zip(centres, full_time, strict=True), 1):
        contract = min(max(round((part if full else part / 2) / 30) * 30, 180), 2400)
        caregivers.append(_caregiver(chance, n, centre, contract, options.as_of, numbers))
    session.add_all(caregivers)
    session.flush()
    skills = []
    for caregiver, full in zip(caregivers, full_time, strict=True):
        certificates = _certificates(chance, caregiver, options.as_of)
        session.add_all(certificates)
        session.add_all(_working_hours(chance, caregiver, full))
        skills.append(frozenset(item.skill for item in certificates if item.expires_on >= options.as_of))
    session.add_all(_leaves(chance, caregivers, options.as_of))
    session.flush()
    return caregivers, skills


def _caregiver(
    chance: random.Random, n: int, centre: Centre, contract_minutes: int, as_of: date, numbers: _Numbers
) -> Caregiver:
    gender = "female" if chance.random() < 0.87 else "male"
    birth = as_of - timedelta(days=int(chance.triangular(24, 60, 48) * 365.25))
    identity = numbers.next(birth, gender)
    return Caregiver(
        number=f"N{n:05d}",
        name=names.caregiver_name(chance, gender),
        id_number=identity,
        id_number_index=identity_index(identity),
        phone=names.phone(chance),
        birth_date=birth,
        gender=gender,
        dialects=chance.choices([["yiwu", "mandarin"], ["mandarin"], ["dongyang", "mandarin"]], [75, 20, 5])[0],
        town_id=centre.town_id,
        centre_id=centre.id,
        base=nearby(chance, centre.latitude, centre.longitude, 1500.0),
        mode=chance.choices(["ebike", "bus", "foot"], [86, 8, 6])[0],
        contract_minutes=contract_minutes,
        overtime_allowed=chance.random() < 0.2,
        hired_on=as_of - timedelta(days=chance.randint(120, 1800)),
    )


def _certificates(chance: random.Random, caregiver: Caregiver, as_of: date) -> list[Certificate]:
    held = [Skill.CARE] + [
        skill
        for skill, share in ((Skill.BATHING, 0.6), (Skill.NURSING, 0.3), (Skill.DEMENTIA, 0.3))
        if chance.random() < share
    ]
    # One in fifty runs out within a fortnight (or has just done so), the others in the next three years.
    return [
        Certificate(
            caregiver_id=caregiver.id,
            skill=skill,
            issued_on=date(as_of.year - 3, 1, 1),
            expires_on=as_of
            + timedelta(days=chance.randint(-7, 14) if chance.random() < 0.02 else chance.randint(30, 1095)),
        )
        for skill in held
    ]


def _working_hours(chance: random.Random, caregiver: Caregiver, full_time: bool) -> list[WorkingHours]:
    """Full-timers: five days of the seven; part-timers: three to five mornings, afternoons or short days."""
    first_day = chance.randrange(7)
    if full_time:
        days, starts, ends = 5, chance.choice([450, 480, 510]), chance.choice([1020, 1050, 1080])
    else:
        days = chance.choice([3, 4, 4, 5])
        starts, ends = chance.choice([(450, 750), (480, 780), (780, 1080), (540, 960)])
    # Working days are spread so that each weekday has people, with fewer on Sundays.
    weekdays = sorted({(first_day + step * (7 / days)) % 7 // 1 for step in range(days)})
    return [WorkingHours(caregiver_id=caregiver.id, weekday=int(day), starts=starts, ends=ends) for day in weekdays]


def _leaves(chance: random.Random, caregivers: Sequence[Caregiver], as_of: date) -> list[Leave]:
    leaves = []
    for caregiver in caregivers:
        if chance.random() < 0.05:
            first = as_of + timedelta(days=chance.randint(-4, 20))
            kind = chance.choices(["annual", "sick", "training"], [6, 2, 2])[0]
            leaves.append(
                Leave(
                    caregiver_id=caregiver.id,
                    first_on=first,
                    last_on=first + timedelta(days=chance.randint(0, 4)),
                    kind=kind,
                )
            )
    return leaves
