"""A simulated SaaS company that delivers landing files in the raw contract.

Belongs here: the one function that generates it.
Does not belong here: anything that knows how accounts are scored.
"""

from examples.company.company import generate
from examples.company.config import CompanyConfig, CompanyTotals

__all__ = ["CompanyConfig", "CompanyTotals", "generate"]
