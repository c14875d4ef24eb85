"""The master: OR-Tools chooses the final plan among the caregiver-days that the search met."""

from solver.master.choice import choose

__all__ = ["choose"]
