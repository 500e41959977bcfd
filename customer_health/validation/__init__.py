"""Does what the score and the path say come true, and would other weights say it better?

Belongs here: small, tested statistics over arrays of observations; proposals of weights and what-if, which read the
publication or the build and change nothing.
Does not belong here: deciding what an observation is (models/marts/validation), or what weights are in force (people).
"""
