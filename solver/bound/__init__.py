"""The bound: what no plan of a problem can cost less than, proved by column generation.

A caregiver's routes of her days come from our own labels (`routes`, `weeks`), the prices from OR-Tools'
linear programme (`master`); the bound itself is added up from the prices alone (`generation.bound`).
"""

from solver.bound.proof import Proof
from solver.bound.prove import prove

__all__ = ["Proof", "prove"]
