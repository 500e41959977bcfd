"""How scores come about: scorecards, versions, weights, what turns values into points; and what an edit would change.

Belongs here: what is configured, drawn; the place for an edited configuration.
Does not belong here: SQL (reading/definitions.py, reading/benchmarks.py), curves as charts
(dashboard/benchmark_charts.py), the what-if itself (dashboard/what_if.py, validation/what_if).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from customer_health.dashboard import benchmark_charts, frame, markup, tables, theme, what_if
from customer_health.dashboard.choices import grade_badges, pick, pick_from_list
from customer_health.dashboard.tables import Column
from customer_health.reading import benchmarks, book, definitions, words
from customer_health.reading.published import Row, Snapshot

STATUSES = {"champion": "scores", "challenger": "is tried beside", "retired": "retired"}


def show(snapshot: Snapshot) -> None:
    frame.heading("Configuration", "How scores come about, and what an edit would change")
    cards = definitions.scorecards(snapshot)
    if not cards:
        frame.nothing("No scorecard is configured.")
        return
    card = _choose(cards)
    _card(card)
    weights = definitions.weights(snapshot, card["scorecard"], card["scorecard_version"])
    left, right = st.columns([7, 5], gap="large")
    with left:
        _weights(weights)
    with right:
        _points(snapshot, weights)
    _versions(cards)
    _grades(snapshot)
    what_if.show(snapshot)


def _choose(cards: Sequence[Row]) -> Row:
    names = list(dict.fromkeys(row["scorecard"] for row in cards))
    in_force = next((row["scorecard"] for row in cards if row["is_in_force"]), names[0])
    name = pick("scorecard", {name: name for name in names}, in_force)
    versions = {str(row["scorecard_version"]): row for row in cards if row["scorecard"] == name}
    current = next((key for key, row in versions.items() if row["is_in_force"]), next(iter(versions)))
    if len(versions) == 1:
        return versions[current]
    options = {key: f"Version {key}" + (" (in force)" if row["is_in_force"] else "") for key, row in versions.items()}
    return versions[pick("version", options, current, name)]


def _card(card: Row) -> None:
    until = f" to {card['effective_to']}" if card["effective_to"] else ""
    since = "from the beginning" if card["effective_from"].year <= 1900 else f"from {card['effective_from']}"
    facts = [
        card["outcome_label"],
        f"segment {card['segment']}" if card["segment"] else "all segments",
        f"{STATUSES.get(card['status'], card['status'])} {since}{until}",
        f"{words.share(card['leading_share'])} of the weight leads" if card["leading_share"] is not None else None,
        f"sealed {card['released_on']}" if card["released_on"] else "not sealed",
        f"review {'overdue since' if card['is_review_overdue'] else 'due'} {card['next_review_on']}",
    ]
    st.html(markup.paragraph(" · ".join(filter(None, facts)), "subtitle") + markup.paragraph(card["rationale"]))


def _weights(weights: Sequence[Row]) -> None:
    frame.section("Weights", "of 100; either side holds 50")
    if not weights:
        frame.nothing("This version weighs nothing.")
        return
    for side in benchmark_charts.SIDES:
        of_side = [row for row in weights if row["motion"] == side]
        if of_side:
            st.html(markup.paragraph(f"{side.capitalize()} side", "subtitle"))
            said = "; ".join(f"{row['label']} {row['weight']:.0f}" for row in of_side)
            theme.draw(benchmark_charts.weights(weights, side), said)


def _points(snapshot: Snapshot, weights: Sequence[Row]) -> None:
    frame.section("What a value is worth", "points of 100, with where accounts stand today")
    labels = {row["metric"]: row["label"] for row in definitions.metrics(snapshot)}
    first = [row["metric"] for row in weights]
    others = sorted((metric for metric in labels if metric not in first), key=lambda metric: labels[metric])
    options = {metric: labels.get(metric, metric) for metric in [*first, *others]}
    metric = pick_from_list("metric", "Metric", options)
    rows = benchmarks.in_force(snapshot, metric)
    if not rows:
        frame.nothing("Nothing turns this metric into points.")
        return
    said = "; ".join(in_words(row) for row in rows)
    drawn = [row for row in rows if row["benchmark_method"] in ("linear", "curve")]
    if drawn:
        standing = benchmarks.standing(snapshot, metric)
        theme.draw(benchmark_charts.points(drawn, standing), f"{options[metric]}: {said}")
    st.html(
        markup.bullets(
            Markup("<b>{}</b>: {}. {}").format(_scope(row), in_words(row), markup.subtitle(row["rationale"]))
            for row in rows
        )
    )


def _scope(row: Row) -> str:
    return ", ".join(filter(None, [row["segment"], (row["tenure_band"] or "").replace("_", " ")])) or "all accounts"


def in_words(row: Row) -> str:
    """What earns how many points, in a line."""
    if row["benchmark_method"] == "linear":
        return f"0 points at {row['floor']:g}, 100 at {row['target']:g}"
    if row["benchmark_method"] == "curve":
        return ", ".join(f"{value:g}: {points:g} points" for value, points in benchmarks.breakpoints(row))
    if row["benchmark_method"] == "own_baseline":
        return f"0 points at {row['floor']:g} times its own mean, 100 at {row['target']:g} times"
    return f"ranked among peers of the same segment and tenure, at least {row['min_peers']}"


def _versions(cards: Sequence[Row]) -> None:
    with st.expander(f"All {words.counted(len(cards), 'version')} of all scorecards"):
        columns = [
            Column("Scorecard", lambda row: _link(row), "short"),
            Column("Outcome", tables.text("outcome_label")),
            Column("Status", lambda row: "● in force" if row["is_in_force"] else row["status"], "short"),
            Column("From", lambda row: _from(row), "short"),
            Column("To", tables.text("effective_to", "open"), "short"),
            Column("Weighed", tables.number("weighted_metrics"), "number"),
            Column("Shadows", tables.number("shadow_metrics"), "number"),
            Column("Rationale", tables.text("rationale"), "long"),
        ]
        tables.show(cards, columns, "scorecards")


def _link(row: Row) -> Markup:
    version = row["scorecard_version"]
    return markup.link(f"{row['scorecard']} {version}", "configuration", scorecard=row["scorecard"], version=version)


def _from(row: Row) -> str:
    return "the beginning" if row["effective_from"].year <= 1900 else f"{row['effective_from']}"


def _grades(snapshot: Snapshot) -> None:
    with st.expander("Grades: from which score, what they mean, what to do"):
        shown = grade_badges(snapshot)
        columns = [
            Column("Grade", lambda row: shown(row["grade"]), "short"),
            Column("From", tables.number("min_score", "{:g}"), "number"),
            Column("Meaning", tables.text("meaning"), "long"),
            Column("What to do", tables.text("playbook"), "long"),
        ]
        st.html(tables.table(book.grades(snapshot), columns))
