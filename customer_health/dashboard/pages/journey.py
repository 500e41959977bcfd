"""How far customers get on their path, and what those who stayed needed.

Belongs here: the funnel of milestones, cohorts, learned norms beside configured days.
Does not belong here: SQL (reading/journeys.py), how the charts look (dashboard/journey_charts.py), the path of one
account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st
from markupsafe import Markup

from customer_health.dashboard import frame, journey_charts, tables, theme
from customer_health.dashboard.choices import pick
from customer_health.dashboard.markup import paragraph
from customer_health.dashboard.tables import Column
from customer_health.reading import journeys, words
from customer_health.reading.published import Row, Snapshot

ALL = "all"
QUARTERS_SHOWN = 8
CLOCKS = {
    "subscription_start": "the start",
    "onboarding_end": "the end of onboarding",
    "previous_milestone": "the milestone before",
    "renewal": "the renewal",
    "plan": "the agreed plan",
}


def show(snapshot: Snapshot) -> None:
    frame.heading("Journey", "How far customers get on their path, and what those who stayed needed")
    known = journeys.outcomes(snapshot)
    if not known:
        frame.nothing("No path is laid out: milestones.csv of the configuration has no rows.")
        return
    by_name = {row["desired_outcome"]: row["outcome_label"] for row in known}
    outcome = pick("outcome", by_name, known[0]["desired_outcome"])
    segments = journeys.segments(snapshot, outcome)
    options = {ALL: "All segments"} | {segment: segment for segment in segments}
    chosen = pick("segment", options, ALL, outcome) if len(segments) > 1 else ALL
    segment = None if chosen == ALL else chosen
    _funnel(snapshot, outcome, segment)
    _norms(snapshot, outcome, [segment] if segment else segments)
    _cohorts(snapshot, outcome, segment)


def _funnel(snapshot: Snapshot, outcome: str, segment: str | None) -> None:
    rows = journeys.funnel(snapshot, outcome, segment)
    frame.section("How far they get", "every path to this outcome, of customers past and present")
    if not rows:
        frame.nothing("Nobody is on this path yet.")
        return
    said = in_words(rows)
    st.html(paragraph(said) + _legend())
    theme.draw(journey_charts.funnel(rows), said)
    with st.expander("The numbers"):
        tables.show(rows, _funnel_columns(), "journey_funnel")


def in_words(rows: Sequence[Row]) -> str:
    """Where most are lost, and where most are late now, in a sentence."""
    lost = max(rows, key=lambda row: row["accounts_missed"] / max(row["accounts_on_path"], 1))
    late = max(rows, key=lambda row: row["accounts_late"])
    parts = [f"{words.counted(max(row['accounts_on_path'] for row in rows), 'path')}."]
    if lost["accounts_missed"]:
        parts.append(
            f"Most often missed before leaving: “{lost['label']}” ({lost['accounts_missed']:,} of "
            f"{lost['accounts_on_path']:,})."
        )
    if late["accounts_late"]:
        parts.append(f"Most often late today: “{late['label']}” ({late['accounts_late']:,}).")
    return " ".join(parts)


def _legend() -> Markup:
    key = Markup('<span class="key"><i style="background:{}"></i>{}</span>')
    return paragraph(Markup(" ").join(key.format(colour, name) for name, colour in _STATES), "subtitle")


_STATES = tuple(journey_charts.STATES.items())


def _funnel_columns() -> list[Column]:
    return [
        Column("Milestone", tables.text("label")),
        Column("On the path", tables.number("accounts_on_path"), "number"),
        Column("Reached", lambda row: words.share((row["reached_pct"] or 0) / 100), "number"),
        Column("In time", tables.number("accounts_on_time"), "number"),
        Column("Reached late", lambda row: f"{row['accounts_reached'] - row['accounts_on_time']:,}", "number"),
        Column("Not due yet", tables.number("accounts_ahead"), "number"),
        Column("Late and open", tables.number("accounts_late"), "number"),
        Column("Missed", tables.number("accounts_missed"), "number"),
    ]


def _norms(snapshot: Snapshot, outcome: str, segments: Sequence[str]) -> None:
    frame.section("What those who stayed needed", "days from each milestone's own clock, beside the days we ask for")
    found = {segment: journeys.norms(snapshot, outcome, segment) for segment in segments}
    found = {segment: rows for segment, rows in found.items() if rows}
    if not found:
        frame.nothing("Too few customers have stayed beyond their first year for anything to be learned.")
        return
    places = st.columns(len(found), gap="large") if len(found) <= 2 else [st.container() for _ in found]
    for place, (segment, rows) in zip(places, found.items(), strict=True):
        with place:
            said = norms_in_words(rows)
            st.html(paragraph(Markup("<b>{}</b> · {}").format(segment, said)))
            theme.draw(journey_charts.norms(rows), f"{segment}: {said}")
            with st.expander("The numbers"):
                tables.show(rows, _norm_columns(), f"milestone_norms_{segment}")
    st.html(
        paragraph(
            "● half had reached it by then, with 95% limits  | four of five  ◇ expected by us  △ late after."
            " A norm only suggests: adopting it is a new version of the milestone.",
            "subtitle legend",
        )
    )


def norms_in_words(rows: Sequence[Row]) -> str:
    """Where the configured day is earlier than half of the good customers manage."""
    early = [row for row in rows if row["median_days"] is not None and row["expected_day"] < row["median_days"]]
    if not early:
        return "Half of those who stayed were there by the expected day of every milestone."
    worst = max(early, key=lambda row: row["median_days"] - row["expected_day"])
    return (
        f"Half of those who stayed were later than we expect at {words.counted(len(early), 'milestone')}; furthest at "
        f"“{worst['label']}”: day {worst['median_days']}, expected {worst['expected_day']}."
    )


def _norm_columns() -> list[Column]:
    return [
        Column("Milestone", tables.text("label")),
        Column("Days from", lambda row: CLOCKS.get(row["clock"], row["clock"])),
        Column("Paths", tables.number("accounts"), "number"),
        Column("Expected", tables.number("expected_day"), "number"),
        Column("Late after", tables.number("late_after_day"), "number"),
        Column("Half by", lambda row: _day(row, "median"), "number"),
        Column("Four of five by", lambda row: _day(row, "p80"), "number"),
    ]


def _day(row: Row, name: str) -> str:
    if row[f"{name}_days"] is None:
        return "never"
    low, high = row[f"{name}_days_low"], row[f"{name}_days_high"]
    upper = "open" if high is None else f"{high:,}"
    return f"{row[f'{name}_days']:,} ({low or 0:,}–{upper})"


def _cohorts(snapshot: Snapshot, outcome: str, segment: str | None) -> None:
    rows = journeys.cohorts(snapshot, outcome, segment)
    if not rows:
        return
    frame.section("By the quarter in which the path began", "share that reached each milestone so far")
    labels = {row["milestone"]: row["label"] for row in journeys.funnel(snapshot, outcome, segment)}
    begun = sorted({row["cohort_starts_on"] for row in rows}, reverse=True)[:QUARTERS_SHOWN]
    cells = {(row["cohort_starts_on"], row["milestone"]): row for row in rows}
    quarters = [{"quarter": day, "cells": {name: cells.get((day, name)) for name in labels}} for day in begun]
    columns = [
        Column("Began", lambda row: f"{row['quarter'].year}-Q{(row['quarter'].month + 2) // 3}", "short"),
        Column("Paths", lambda row: f"{_paths(row['cells'].values()):,}", "number"),
        *(
            Column(label, lambda row, name=name: _tinted(row["cells"][name]), "narrow")
            for name, label in labels.items()
        ),
    ]
    st.html(tables.table(quarters, columns))


def _paths(cells: Iterable[Row | None]) -> int:
    return max(cell["accounts_on_path"] for cell in cells if cell)


def _tinted(cell: Row | None) -> str:
    if cell is None or cell["reached_pct"] is None:
        return "–"
    # the deeper the more; the number says the same
    tint = f"color-mix(in srgb, {theme.BLUE} {cell['reached_pct'] * 0.35:.0f}%, white)"
    shown = words.percent(cell["reached_pct"])
    return Markup('<span class="tint" style="background:{}">{}</span>').format(tint, shown)
