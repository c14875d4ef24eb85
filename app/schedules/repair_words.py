"""What a repair does to one visit, in words."""

from app.schedules.repair_schemas import Place


def change_in_words(before: Place | None, after: Place | None, lang: str) -> str:
    """Return one sentence without names, in Chinese or English."""
    chinese = lang == "zh"
    if after is None:
        return "暂无法安排" if chinese else "without a place for now"
    if before is None:
        return "新安排的服务" if chinese else "newly placed"
    told = []
    if before.day != after.day:
        told.append("改日期" if chinese else "on another day")
    if before.start_minute != after.start_minute:
        clock = f"{after.start_minute // 60}:{after.start_minute % 60:02}"
        told.append(f"改到 {clock}" if chinese else f"at {clock} instead")
    if set(before.caregiver_ids) != set(after.caregiver_ids):
        told.append("换护理员" if chinese else "by another caregiver")
    return ("、" if chinese else ", ").join(told) or ("时长变更" if chinese else "of another length")
