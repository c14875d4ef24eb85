"""Minutes that one elder may have in one month, from her dated grants and where she was."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntitlementPolicy:
    """What a bureau decides about hours (docs/decisions/0003-partial-months.md)."""

    make_up_undelivered: bool = True  # what the provider missed stays due until the month's end
    excused_after_hospital_days: int = 14  # a longer hospital stay excuses its days
