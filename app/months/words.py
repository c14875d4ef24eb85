"""Why hours can't be given, and what would help, in Chinese and English."""

from collections.abc import Mapping, Sequence

from app.months.feasibility import Cause, Contest, OutOfReach

Words = tuple[str, str]
"""Chinese, English."""

CAUSES: Mapping[Cause, Words] = {
    Cause.NO_CARE_PLAN: ("没有服务方案", "there is no care plan to plan by"),
    Cause.NOT_MADE_UP: ("漏服务按规定不补", "visits were missed, and by policy are not made up"),
    Cause.OWN_DAYS: (
        "本月剩余的可服务天数放不下所欠的服务",
        "the days of hers that are left this month do not hold the visits due",
    ),
    Cause.NO_CAREGIVER: (
        "可服务的日子里没有符合条件的护理员上班",
        "on her days nobody who may visit her is at work",
    ),
    Cause.HOURS_SHORT: (
        "与其他老人共同需要的护理员工时多于现有工时",
        "she and others need more of the same caregivers' hours than there are",
    ),
    Cause.HOURS_LIKELY_SHORT: (
        "扣除路程后护理员工时预计不够",
        "after travel the caregivers' hours will probably not suffice",
    ),
}

_SKILLS = {"care": "护理", "bathing": "助浴", "nursing": "医护", "dementia": "认知症照护"}
_GENDERS = {"female": ("女", "female "), "male": ("男", "male ")}


def statement_words(n_elders: int, causes: Sequence[tuple[Cause, int]]) -> Words:
    """Return one sentence: how many can't reach their hours, and for which causes."""
    if not n_elders:
        return "所有老人都能达到核定工时。", "Everybody can reach her hours."
    chinese = "；".join(f"{CAUSES[cause][0]}：{n} 人" for cause, n in causes)
    english = "; ".join(f"{CAUSES[cause][1]}: {n}" for cause, n in causes)
    who = "1 elder cannot reach her" if n_elders == 1 else f"{n_elders} elders cannot reach their"
    return f"{n_elders} 位老人达不到核定工时（{chinese}）。", f"{who} hours ({english})."


def help_words(cause: Cause, elder: OutOfReach) -> Words:
    """Return what would help one elder."""
    if cause is Cause.NO_CARE_PLAN:
        return "制定服务方案。", "Write a care plan."
    if cause is Cause.NOT_MADE_UP:
        return "由主管部门决定是否补足。", "The bureau may decide to make them up."
    if cause is Cause.OWN_DAYS:
        return (
            "放宽服务时段或间隔、开放节假日，或延长每次服务。",
            "More days or shorter spacing in her care plan, open holidays, or longer visits.",
        )
    chinese, english = caregivers_words(elder.skills, elder.gender)
    if cause is Cause.NO_CAREGIVER:
        chinese_n, english_n = ("", "") if elder.hands == 1 else ("两名", "two ")
        return f"在她的可服务时段安排{chinese_n}{chinese}上班。", f"Put {english_n}{english} on duty in her windows."
    return f"增加{chinese}的工时。", f"More hours of {english}."


def contest_words(contest: Contest) -> Words:
    """Return what is contested, and how much is missing."""
    chinese, english = caregivers_words(contest.skills, contest.gender)
    weeks = ", ".join(str(week) for week in contest.weeks)
    n, needed, there, more = len(contest.elder_ids), *map(_hours, (contest.needed, contest.possible, contest.missing))
    return (
        f"{n} 位老人需要{chinese}共 {needed} 小时，{weeks} 最多有 {there} 小时，缺 {more} 小时。",
        f"{n} elder(s) need {needed} h of {english}, who have at most {there} h ({weeks}); {more} h are missing.",
    )


def caregivers_words(skills: Sequence[str], gender: str | None) -> Words:
    """Return which caregivers: of a gender, with certificates."""
    chinese_gender, english_gender = _GENDERS.get(gender or "", ("", ""))
    if not skills:
        return f"{chinese_gender}护理员", f"{english_gender}caregivers"
    names = "、".join(_SKILLS.get(skill, skill) for skill in skills)
    return f"有{names}证书的{chinese_gender}护理员", f"{english_gender}caregivers certified for {', '.join(skills)}"


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")
