"""Does what the score and the path say come true? Statistics that need more than SQL.

Belongs here: small, tested functions over arrays of observations.
Does not belong here: reading a warehouse, deciding what an observation is (the callers, and models/marts).
"""
