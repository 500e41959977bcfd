"""What those who sell read: terms that end, who could use more, who would speak for us.

Belongs here: renewals with their probability, growth, references.
Does not belong here: how the probability comes about (models/marts), the account itself (dashboard/pages/account.py).
"""

from __future__ import annotations

import streamlit as st

from customer_health.dashboard import columns, frame, markup, tables
from customer_health.dashboard.tables import Column
from customer_health.reading import sales, words
from customer_health.reading.published import Row, Snapshot


def show(snapshot: Snapshot, csm_id: str | None) -> None:
    due, grow = sales.renewals(snapshot, csm_id), sales.growth(snapshot, csm_id)
    speak = sales.referenceable(snapshot, csm_id)
    at_risk = sum(row["value_at_risk_usd"] or 0 for row in due)
    signed = [row for row in due if row["has_to_be_signed"]]
    accounts = {row["account_id"] for row in grow}
    st.html(
        markup.tiles(
            [
                markup.tile("Terms ending", f"{len(due):,}", "within the renewal horizon"),
                markup.tile("Revenue due a month", words.usd(sum(row["mrr_due_usd"] or 0 for row in due))),
                markup.tile(
                    "Expected to leave", words.usd(at_risk), "a month, by renewal probability", "bad" if at_risk else ""
                ),
                markup.tile("Have to be signed", f"{len(signed):,}", "do not renew by themselves"),
                markup.tile("Could use more", f"{len(accounts):,}", "healthy, a product is missing"),
                markup.tile("Would speak for us", f"{len(speak):,}", "best grade, and say good things"),
            ]
        )
    )
    grade = columns.grade(snapshot)
    _renewals(due, grade)
    _growth(grow, grade)
    _references(speak, grade)


def _renewals(rows: list[Row], grade: Column) -> None:
    frame.section("Renewals due", "the next first; probability: the share of customers with this grade who stayed")
    shown = [
        columns.ACCOUNT,
        Column("Ends", lambda row: markup.above(row["term_ends_on"], _in_days(row)), "short"),
        grade,
        Column("Probability", _probability, "number"),
        Column("MRR due, USD", tables.number("mrr_due_usd"), "number"),
        Column("How", tables.text("renewal_status"), "minor"),
        Column("What next", tables.text("next_step"), "long"),
        columns.CSM,
    ]
    tables.show(rows, shown, "renewals_due", empty="No term ends within the renewal horizon.", first=15)


def _growth(rows: list[Row], grade: Column) -> None:
    frame.section("Could use more", "accounts of the two best grades without a product that their outcome asks for")
    shown = [
        columns.ACCOUNT,
        grade,
        Column("Product", tables.text("product"), "short"),
        Column("It is", tables.text("importance"), "short"),
        Column("Why", tables.text("rationale"), "long"),
        columns.MRR,
        columns.CSM,
    ]
    tables.show(rows, shown, "growth", empty="Every healthy account has what its outcome asks for.", first=10)


def _references(rows: list[Row], grade: Column) -> None:
    frame.section("Would speak for us", "the best grade; whoever is asked less often comes first to mind")
    shown = [
        columns.ACCOUNT,
        grade,
        Column("Score", tables.number("health_score", "{:.1f}"), "number"),
        Column("Pulse, 1 to 5", tables.number("pulse", "{:g}"), "number"),
        Column("Recommends, 0 to 10", tables.number("nps", "{:.1f}"), "number"),
        Column("Reference calls in a year", tables.number("reference_calls"), "number"),
        Column("Case studies in a year", tables.number("case_studies"), "number"),
        columns.CSM,
    ]
    tables.show(rows, shown, "references", empty="No account has the best grade and says good things.", first=10)


def _in_days(row: Row) -> str:
    days = row["renews_in_days"]
    return f"in {words.counted(days, 'day')}" if days >= 0 else f"{words.counted(-days, 'day')} ago"


def _probability(row: Row) -> str:
    if row["renewal_probability"] is None:
        return "–"
    low, high = (words.share(row[f"renewal_probability_{end}"]) for end in ("low", "high"))
    return markup.above(markup.strong(words.share(row["renewal_probability"])), f"{low} to {high}")
