"""What a product manager reads: where paths break off, which metrics tell who leaves, what cannot be seen.

Belongs here: all customers together, whoever's they are.
Does not belong here: cohorts and learned norms (dashboard/pages/journey.py), lead times (dashboard/evidence/tables.py).
"""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from customer_health.dashboard import frame, markup, tables
from customer_health.dashboard.choices import pick
from customer_health.dashboard.tables import Column
from customer_health.reading import product, words
from customer_health.reading.published import Row, Snapshot


def show(snapshot: Snapshot, csm_id: str | None) -> None:
    del csm_id  # a path or a metric belongs to no CSM
    left, right = st.columns(2, gap="large")
    with left:
        _funnel(snapshot)
    with right:
        _metrics(snapshot)
    _gaps(snapshot)


def _funnel(snapshot: Snapshot) -> None:
    outcomes = {row["desired_outcome"]: row["outcome_label"] for row in product.outcomes(snapshot)}
    frame.section("Milestone funnel", "how many paths reach a milestone, of those that ask for it")
    if not outcomes:
        frame.nothing("No path has begun yet.")
        return
    outcome = pick("outcome", outcomes, next(iter(outcomes)))
    rows = product.funnel(snapshot, outcome)
    columns = [
        Column("Milestone", tables.text("label")),
        Column("Paths", tables.number("accounts_on_path"), "number"),
        Column("Reached", _reached, "bar"),
        Column("", lambda row: words.share(row["reached_share"]), "number"),
        Column("In time", tables.number("accounts_on_time"), "number minor"),
        Column("Late, open", tables.number("accounts_late"), "number"),
    ]
    tables.show(rows, columns, "funnel", empty="Nobody is on this path.")


def _reached(row: Row) -> Markup:
    return Markup('<span class="track"><i style="width:{:.1f}%"></i></span>').format(100 * row["reached_share"])


def _metrics(snapshot: Snapshot) -> None:
    rows = product.metrics_that_matter(snapshot)
    frame.section("Metrics that matter", "how often it ranks who leaves within 90 days below who stays; 50 % is chance")
    columns = [
        Column("Metric", _metric),
        Column("Right", lambda row: words.share(row["auc"]), "number"),
        Column("95 % from, to", _limits, "number minor"),
        Column("Verdict", tables.text("verdict")),
    ]
    tables.show(rows, columns, "metrics", empty="No departure has been decided yet, so nothing can be told.", first=15)


def _metric(row: Row) -> str:
    return row["metric_label"] if row["is_weighted"] else Markup("{} <i>(shadow)</i>").format(row["metric_label"])


def _limits(row: Row) -> str:
    if row["auc_low"] is None:
        return "–"
    return f"{words.share(row['auc_low'])} to {words.share(row['auc_high'])}"


def _gaps(snapshot: Snapshot) -> None:
    rows = product.instrumentation_gaps(snapshot)
    frame.section("Instrumentation gaps", "what cannot be scored today, and what it costs")
    columns = [
        Column("Measure", _measure),
        Column("Why", lambda row: words.MISSING.get(row["value_status"], row["value_status"])),
        Column("Accounts", tables.number("accounts"), "number"),
        Column("Weight not scored", lambda row: words.percent(row["weight_unscored_pct"]), "number"),
        Column("MRR, USD", tables.number("mrr_usd"), "number"),
        Column("What to do", tables.text("what_to_do"), "long"),
    ]
    tables.show(
        rows, columns, "instrumentation_gaps", empty="Everything that scorecards look at is recorded.", first=10
    )


def _measure(row: Row) -> str:
    return markup.above(row["measure"], row["raw_table"]) if row["raw_table"] else row["measure"]
