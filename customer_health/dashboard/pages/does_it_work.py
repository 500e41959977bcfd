"""Does the score tell who leaves? The answer first, in plain words; then what it rests on.

Belongs here: the verdict, and the score beside what it must beat.
Does not belong here: what else the record tells (dashboard/evidence/tables.py), SQL (reading/accuracy.py), how
estimates are drawn (dashboard/evidence/charts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from markupsafe import Markup

from customer_health.dashboard import frame, markup, theme
from customer_health.dashboard.choices import pick
from customer_health.dashboard.evidence import charts as evidence_charts
from customer_health.dashboard.evidence import tables as evidence_tables
from customer_health.dashboard.evidence.charts import Estimate
from customer_health.reading import accuracy, book, words
from customer_health.reading.published import Row, Snapshot

OUTCOME = "churned"
HORIZON = "90"
PREDICTORS = {
    "scorecard": "Our score",
    "generic": "Generic score: sign-ins, tickets, NPS",
    "usage": "Usage alone",
    "tenure": "Tenure alone",
    "chance": "Drawing lots",
}


@dataclass(frozen=True)
class Verdict:
    """The answer in words; `mood` is good, bad or nothing, and the words say the same."""

    short: str
    long: str
    mood: str


def show(snapshot: Snapshot) -> None:
    frame.heading("Does it work?", "What the score said of customers, beside what became of them")
    known = [row for row in accuracy.judged(snapshot) if row["outcome"] == OUTCOME]
    if not known:
        frame.nothing("Nothing can be said yet: what became of customers is known when the first horizon is over.")
        return
    horizons = {str(row["horizon_days"]): f"within {row['horizon_days']} days" for row in known}
    default = HORIZON if HORIZON in horizons else next(iter(horizons))
    horizon = int(pick("horizon", horizons, default))
    cards = {row["scorecard"]: "Whole book" if row["scorecard"] == "all" else row["scorecard"] for row in known}
    scorecard = pick("scorecard", cards, "all") if len(cards) > 2 else "all"
    found = accuracy.predictors(snapshot, scorecard, OUTCOME, horizon)
    if not found:
        frame.nothing("Nobody was judged under this scorecard over this horizon.")
        return
    _verdict(found[0], horizon)
    left, right = st.columns(2, gap="large")
    with left:
        _predictors(found)
    with right:
        _calibration(snapshot, scorecard, horizon)
    evidence_tables.lead_times(snapshot)
    evidence_tables.metrics(snapshot, horizon)
    evidence_tables.surprises(snapshot)
    evidence_tables.capacity(snapshot)
    evidence_tables.versions(snapshot, horizon)


def _verdict(ours: Row, horizon: int) -> None:
    said = verdict(ours)
    st.html(markup.paragraph(Markup("<b>{}</b> {}").format(said.short, said.long), f"verdict {said.mood}"))
    tiles = [
        markup.tile(
            "Right order, of 100 pairs",
            "–" if ours["auc"] is None else f"{100 * ours['auc']:.0f}",
            "one who left, one who stayed: how often the lower score was theirs. Luck is 50",
        ),
        markup.tile(
            "Leavers among the lowest tenth",
            "–" if ours["lowest_tenth_lift"] is None else f"{ours['lowest_tenth_lift']:.1f} times",
            f"as many as in the whole book, of which {words.share(ours['base_rate'])} left within {horizon} days",
        ),
        markup.tile(
            "Below healthy 60 to 90 days before",
            words.share(ours["warned_share"]),
            "of those who left"
            if ours["events_due_to_warn"] is None
            else f"of {words.counted(ours['events_due_to_warn'], 'departure')}",
        ),
        markup.tile(
            "Red accounts",
            "–" if ours["red_multiple"] is None else f"{ours['red_multiple']:.1f} times",
            f"as likely to leave; {words.share(ours['red_share'])} of the book was red, "
            f"{words.share(ours['healthy_share'])} healthy",
        ),
    ]
    st.html(markup.tiles(tiles))
    st.html(
        markup.paragraph(
            f"{words.counted(ours['accounts'], 'customer')}, judged at each month end from "
            f"{ours['first_month_on']:%b %Y} to {ours['last_month_on']:%b %Y}; "
            f"{ours['accounts_with_outcome']:,} of them left within {horizon} days of one.",
            "subtitle",
        )
    )


def verdict(ours: Row) -> Verdict:
    """What the figures of the score say, in the order in which somebody would ask."""
    low, high = ours["auc_low"], ours["auc_high"]
    if low is None:
        left = words.counted(ours["accounts_with_outcome"], "customer")
        return Verdict("Too early to say.", f"Only {left} left, which is too few to judge by.", "")
    if high < evidence_charts.LUCK:
        return Verdict("It does not.", "Those who left had the higher scores: something is the wrong way round.", "bad")
    if low <= evidence_charts.LUCK:
        return Verdict("It does not, as far as can be seen.", "It tells who leaves no better than luck would.", "bad")
    beyond = {
        True: "It tells who leaves, and better than the generic score that any company has anyway.",
        False: "It tells who leaves; that it does so better than a generic score has not been shown.",
        None: "It tells who leaves; too few left to say whether better than a generic score.",
    }[ours["beats_generic"]]
    return Verdict("It does.", beyond, "good")


def _predictors(found: Sequence[Row]) -> None:
    frame.section("Beside what it must beat", "chance of the right order, with 95% limits")
    evidence_charts.draw_areas(
        [
            evidence_charts.area_of(
                row, PREDICTORS.get(row["predictor"], row["predictor"]), is_ours=row["predictor"] == "scorecard"
            )
            for row in found
        ]
    )
    generic = next((row for row in found if row["predictor"] == "generic"), None)
    difference = found[0]["auc_minus_generic"]
    if generic and difference is not None:
        low, high = found[0]["auc_minus_generic_low"], found[0]["auc_minus_generic_high"]
        limits = "" if low is None else f" (95% from {low:+.2f} to {high:+.2f})"
        told = f"Our score less the generic one, on the same customers: {difference:+.2f}{limits}."
        st.html(markup.paragraph(told, "subtitle"))


def _calibration(snapshot: Snapshot, scorecard: str, horizon: int) -> None:
    rows = accuracy.grade_rates(snapshot, scorecard, OUTCOME, horizon)
    frame.section("How many left, by grade", f"within {horizon} days, with 95% limits")
    labels = {row["grade"]: f"{row['grade']} {row['grade_label']}" for row in book.grades(snapshot)}
    estimates = [
        Estimate(
            labels.get(row["bin"], row["bin"]),
            row["outcome_rate"],
            row["outcome_rate_low"],
            row["outcome_rate_high"],
            True,
            f"{row['events']:,} of {row['observations']:,} month ends",
        )
        for row in rows
    ]
    if not estimates:
        frame.nothing("No grade has been judged yet.")
        return
    theme.draw(
        evidence_charts.rates(estimates), "; ".join(f"{one.name}: {words.share(one.value)} left" for one in estimates)
    )
    rising = [one.value or 0 for one in estimates]
    said = "Each grade below loses more than the one above." if rising == sorted(rising) else "The order has a dent."
    st.html(markup.paragraph(said, "subtitle"))
