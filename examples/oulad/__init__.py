"""The Open University Learning Analytics Dataset as an example: real customers in the raw contract.

Belongs here: reading an extract, mapping it to landing files, counting that nothing was lost, its configuration.
Does not belong here: loading, staging, scoring (they know nothing about this data set).
"""

from examples.oulad.mapping import ExtractError, OuladTotals, map_oulad

__all__ = ["ExtractError", "OuladTotals", "map_oulad"]
