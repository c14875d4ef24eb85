"""How long a caregiver may work, travel included."""

DAILY_LIMIT_MINUTES = 8 * 60
"""Source: Labour Law of China, article 36."""

WEEKLY_LIMIT_MINUTES = 40 * 60
"""State Council regulation on working hours (1995), article 3."""

OVERTIME_MINUTES = 4 * 60
"""A week, on top of the contract, for those who may work overtime: 44 hours at most (Labour Law, article 36)."""

DAYS_AT_MOST = 6
"""One day of rest a week. Source: Labour Law, article 38."""


def weekly_limit(contract_minutes: int, overtime_allowed: bool) -> int:
    """Return the minutes of care and travel that she may work in one week."""
    return min(contract_minutes, WEEKLY_LIMIT_MINUTES) + (OVERTIME_MINUTES if overtime_allowed else 0)
