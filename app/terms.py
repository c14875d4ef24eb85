"""The words of care that are codes in the API and the database, with their names on the screen.

Service items: GB/T 43153-2023 (home care service for older people). Disability grades: GB/T 42195-2022.
"""

from enum import StrEnum


class Gender(StrEnum):
    """As on the identity card."""

    FEMALE = "female"
    MALE = "male"


class Dialect(StrEnum):
    """What she speaks best; Yiwu's own dialect, its neighbours' and Mandarin."""

    YIWU = "yiwu"
    DONGYANG = "dongyang"
    PUJIANG = "pujiang"
    WENZHOU = "wenzhou"
    MANDARIN = "mandarin"


class DisabilityGrade(StrEnum):
    """Ability grade of the elder."""

    ABLE = "able"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    TOTAL = "total"


class ServiceItem(StrEnum):
    """What is done during a visit."""

    MEALS = "meals"
    CLEANING = "cleaning"
    BATHING = "bathing"
    WALKING = "walking"
    MEDICAL = "medical"
    EMERGENCY = "emergency"
    ERRANDS = "errands"
    COMFORT = "comfort"


class Skill(StrEnum):
    """What a certificate allows a caregiver to do."""

    CARE = "care"
    BATHING = "bathing"
    NURSING = "nursing"
    DEMENTIA = "dementia"


class TravelMode(StrEnum):
    """How a caregiver gets from home to home."""

    EBIKE = "ebike"
    BUS = "bus"
    FOOT = "foot"


class StayKind(StrEnum):
    """Where an elder is when she is not at home."""

    INSTITUTION = "institution"
    HOSPITAL = "hospital"


class EndReason(StrEnum):
    """Why a person left the roster."""

    DIED = "died"
    MOVED_TO_INSTITUTION = "moved_to_institution"
    MOVED_AWAY = "moved_away"
    DECLINED = "declined"
    LEFT_WORK = "left_work"
    CLOSED = "closed"
    OTHER = "other"


# What the certificate must say before a service item may be done.
SKILLS_OF_ITEM: dict[ServiceItem, frozenset[Skill]] = {
    ServiceItem.MEALS: frozenset({Skill.CARE}),
    ServiceItem.CLEANING: frozenset(),
    ServiceItem.BATHING: frozenset({Skill.CARE, Skill.BATHING}),
    ServiceItem.WALKING: frozenset({Skill.CARE}),
    ServiceItem.MEDICAL: frozenset({Skill.CARE, Skill.NURSING}),
    ServiceItem.EMERGENCY: frozenset({Skill.CARE}),
    ServiceItem.ERRANDS: frozenset(),
    ServiceItem.COMFORT: frozenset(),
}

# code -> (Chinese, English), for the screen, the CSV and the templates
LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "gender": {"female": ("女", "female"), "male": ("男", "male")},
    "dialect": {
        "yiwu": ("义乌话", "Yiwu"),
        "dongyang": ("东阳话", "Dongyang"),
        "pujiang": ("浦江话", "Pujiang"),
        "wenzhou": ("温州话", "Wenzhou"),
        "mandarin": ("普通话", "Mandarin"),
    },
    "disability_grade": {
        "able": ("能力完好", "able"),
        "mild": ("轻度失能", "mild"),
        "moderate": ("中度失能", "moderate"),
        "severe": ("重度失能", "severe"),
        "total": ("完全失能", "total"),
    },
    "service_item": {
        "meals": ("助餐", "meals"),
        "cleaning": ("助洁", "cleaning"),
        "bathing": ("助浴", "bathing"),
        "walking": ("助行", "walking"),
        "medical": ("助医", "medical help"),
        "emergency": ("助急", "emergency help"),
        "errands": ("代办", "errands"),
        "comfort": ("精神慰藉", "comfort"),
    },
    "skill": {
        "care": ("养老护理", "care"),
        "bathing": ("助浴", "bathing"),
        "nursing": ("护理医疗", "nursing"),
        "dementia": ("认知症照护", "dementia care"),
    },
    "mode": {"ebike": ("电动自行车", "e-bike"), "bus": ("公交", "bus"), "foot": ("步行", "on foot")},
    "stay": {"institution": ("养老机构", "institution"), "hospital": ("住院", "hospital")},
}
