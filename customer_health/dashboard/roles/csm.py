"""What a customer success manager reads on Monday: the week within the hours, then every account.

Belongs here: tiles, queue and accounts of one CSM, or of all.
Does not belong here: the list of early interventions of everybody (dashboard/pages/early_interventions.py).
"""

from __future__ import annotations

import streamlit as st

from customer_health.dashboard import frame, markup
from customer_health.dashboard.queue import queue
from customer_health.dashboard.roles import pieces
from customer_health.reading import book, words
from customer_health.reading.published import Snapshot


def show(snapshot: Snapshot, csm_id: str | None) -> None:
    rows = book.accounts(snapshot, csm_id)
    totals = book.totals(snapshot, csm_id)
    off_path = {row["account_id"] for row in book.early_interventions(snapshot, csm_id)}
    at_risk, money_at_risk = totals["customers_at_risk"], words.usd(totals["mrr_at_risk_usd"])
    tiles = [
        markup.tile("Accounts", f"{len(rows):,}", f"{totals['scored_customers']:,} with a score"),
        markup.tile("Revenue a month", words.usd(totals["mrr_usd"])),
        markup.tile("At risk", f"{at_risk:,}", f"{money_at_risk} a month", "bad" if at_risk else ""),
        markup.tile("Fell fast", f"{totals['fast_drops']:,}", "scores that dropped within days"),
        markup.tile("Healthy, off the path", f"{len(off_path):,}", "help these early"),
        markup.tile("Renewals due", f"{totals['renewals_due']:,}", f"{totals['renewals_at_risk']:,} at risk"),
    ]
    st.html(markup.tiles(tiles))
    queue(snapshot, csm_id)
    frame.section("Accounts", "the lowest score first")
    pieces.accounts(snapshot, rows, "accounts", "", "No customer belongs to these accounts.")
