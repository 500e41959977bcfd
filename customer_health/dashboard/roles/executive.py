"""What whoever leads reads: the book by grade, money at risk, the trend, and whether the score can be believed.

Belongs here: the company as a whole, and CSMs beside each other.
Does not belong here: calibration and accuracy in depth (dashboard/pages/does_it_work.py).
"""

from __future__ import annotations

import altair as alt
import streamlit as st
from markupsafe import Markup

from customer_health.dashboard import frame, markup, tables, theme
from customer_health.dashboard.roles import pieces
from customer_health.dashboard.tables import Column
from customer_health.reading import accuracy, book, words
from customer_health.reading.published import Row, Snapshot


def show(snapshot: Snapshot, csm_id: str | None) -> None:
    totals = book.totals(snapshot, csm_id)
    st.html(markup.tiles(_tiles(totals, accuracy.predictors(snapshot, "all", "churned", 90))))
    left, right = st.columns([5, 7], gap="large")
    with left:
        frame.section("Book by grade", "accounts, and revenue a month")
        st.html(pieces.grade_bars(snapshot, csm_id))
    with right:
        _trend(snapshot, csm_id)
    frame.section("Accounts with the most revenue at risk")
    pieces.accounts(snapshot, book.at_risk(snapshot, csm_id), "accounts_at_risk", "", "No account is at risk.", 10)
    _portfolios(snapshot, csm_id)


def _tiles(totals: Row, predictors: list[Row]) -> list[Markup]:
    share = float(totals["mrr_at_risk_usd"]) / float(totals["mrr_usd"]) if totals["mrr_usd"] else 0
    average = "–" if totals["average_score"] is None else f"{totals['average_score']:.1f}"
    return [
        markup.tile("Customers", f"{totals['customers']:,}", f"{totals['scored_customers']:,} with a score"),
        markup.tile("Revenue a month", words.usd(totals["mrr_usd"])),
        markup.tile("Average score", average, "of 100"),
        markup.tile(
            "Revenue at risk",
            words.usd(totals["mrr_at_risk_usd"]),
            f"{words.share(share)} of the book, {totals['customers_at_risk']:,} accounts",
            "bad" if totals["mrr_at_risk_usd"] else "",
        ),
        markup.tile("Renewals due", f"{totals['renewals_due']:,}", f"{totals['renewals_at_risk']:,} at risk"),
        _accuracy(predictors),
    ]


def _accuracy(predictors: list[Row]) -> Markup:
    """How often the score ranks somebody who leaves below somebody who stays."""
    found = {row["predictor"]: row for row in predictors}
    ours, generic = found.get("scorecard"), found.get("generic")
    if ours is None or ours["auc"] is None:
        return markup.tile("Right about who leaves", "not known", "too few departures so far")
    beside = f"; a generic score {words.share(generic['auc'])}" if generic and generic["auc"] is not None else ""
    return markup.tile("Right about who leaves", words.share(ours["auc"]), f"of pairs, 90 days ahead{beside}")


def _trend(snapshot: Snapshot, csm_id: str | None) -> None:
    frame.section("Trend", "share of accounts by grade at the end of each month")
    rows = book.grades_by_month(snapshot, csm_id)
    if not rows:
        frame.nothing("There is no history yet.")
        return
    grades = {row["grade"]: row for row in book.grades(snapshot)}
    colours = {grade: theme.sound_colour(row["colour"]) for grade, row in grades.items()}
    parts = _parts(rows, colours)
    last = [part for part in parts if part["month"] == parts[-1]["month"]]
    said = ", ".join(f"{part['grade']} {words.share(part['share'])}" for part in last)
    scale = alt.Scale(domain=[*colours, "none"], range=[*colours.values(), theme.LINE])
    month = alt.X("month:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True))
    height = alt.Scale(domain=[0, 1])
    bars = alt.Chart(alt.Data(values=parts)).mark_bar(stroke="white", strokeWidth=1)
    bars = bars.encode(
        x=month,
        y=alt.Y("low:Q", axis=None, scale=height),
        y2="high:Q",
        color=alt.Color("grade:N", scale=scale, legend=None),
        tooltip=[alt.Tooltip("month:O"), alt.Tooltip("grade:N"), alt.Tooltip("accounts:Q")],
    )
    wide = [part for part in parts if part["share"] > 0.06]
    letters = alt.Chart(alt.Data(values=wide)).mark_text(fontSize=11)
    letters = letters.encode(
        x=month,
        y=alt.Y("middle:Q", axis=None, scale=height),
        text="grade:N",
        color=alt.Color("ink:N", scale=None),
    )
    theme.draw((bars + letters).properties(height=210), f"Shares by grade in {parts[-1]['month']}: {said}")


def _parts(rows: list[Row], colours: dict[str, str]) -> list[Row]:
    """The segments of each month's bar, the best grade on top."""
    parts = []
    for day in sorted({row["date_day"] for row in rows}):
        counts = {row["grade"]: row["accounts"] for row in rows if row["date_day"] == day}
        low = 0.0
        for grade in [None, *reversed(colours)]:
            share = counts.get(grade, 0) / sum(counts.values())
            if share:
                named = {"month": f"{day:%Y-%m}", "grade": grade or "none", "accounts": counts[grade], "share": share}
                ink = theme.legible_on(colours.get(grade, theme.LINE))
                parts.append({**named, "low": low, "high": low + share, "middle": low + share / 2, "ink": ink})
            low += share
    return parts


def _portfolios(snapshot: Snapshot, csm_id: str | None) -> None:
    rows = [row for row in book.csm_portfolios(snapshot) if csm_id in (None, row["csm_id"])]
    frame.section("CSMs beside each other", "the most revenue at risk first")
    columns = [
        Column("CSM", lambda row: markup.link(row["csm_name"], "", role="csm", csm=row["csm_id"])),
        Column("Team", tables.text("team"), "short"),
        Column("Customers", tables.number("customers"), "number"),
        Column("MRR, USD", tables.number("mrr_usd"), "number"),
        Column("Average score", tables.number("average_score", "{:.1f}"), "number"),
        Column("At risk", tables.number("customers_at_risk"), "number"),
        Column("MRR at risk, USD", tables.number("mrr_at_risk_usd"), "number"),
        Column("Fell fast", tables.number("fast_drops"), "number minor"),
        Column("Renewals due", tables.number("renewals_due"), "number minor"),
    ]
    tables.show(rows, columns, "portfolios", empty="No CSM has customers.")
