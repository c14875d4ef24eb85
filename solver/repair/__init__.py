"""Repair: a plan again after a sick call, with the fewest elders changed, proved on the neighbourhood."""

from solver.repair.candidates import Candidate, ranked
from solver.repair.repair import AT_MOST, BrokenRepair, Repair, Size, Step, repair

__all__ = ["AT_MOST", "BrokenRepair", "Candidate", "Repair", "Size", "Step", "ranked", "repair"]
