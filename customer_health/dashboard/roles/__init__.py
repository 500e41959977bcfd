"""The portfolio as each role reads it: one module per role, each with one function `show(snapshot, csm_id)`.

Belongs here: what a role is shown first, and in which order.
Does not belong here: which role is chosen (dashboard/pages/portfolio.py), SQL (reading/), pieces that roles share
(pieces.py).
"""
