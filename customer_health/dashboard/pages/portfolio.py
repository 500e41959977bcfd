"""The book, as the role reads it that somebody has.

Belongs here: which role, and whose accounts; both stand in the address.
Does not belong here: what a role is shown (roles/).
"""

from __future__ import annotations

import streamlit as st

from customer_health.dashboard import frame
from customer_health.dashboard.choices import pick, pick_csm
from customer_health.dashboard.roles import csm, executive, product, sales
from customer_health.reading.published import Snapshot

ROLES = {
    "csm": ("Customer success", csm.show),
    "executive": ("Executive", executive.show),
    "product": ("Product", product.show),
    "sales": ("Sales", sales.show),
}


def show(snapshot: Snapshot) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        frame.heading("Portfolio", f"All customers on {snapshot.as_of}, as your role reads them")
        role = pick("role", {name: label for name, (label, _) in ROLES.items()}, "executive")
    with right:
        csm_id = None if role == "product" else pick_csm(snapshot)
    _, draw = ROLES[role]
    draw(snapshot, csm_id)
