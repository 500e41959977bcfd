"""What the record tells beside the verdict: how early, by which metrics, whom it missed, whom there is time for.

Belongs here: the sections below the verdict of the page "Does it work?".
Does not belong here: the verdict (dashboard/pages/does_it_work.py), SQL (reading/evidence.py), how estimates are drawn
(charts.py).
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from markupsafe import Markup

from customer_health.dashboard import frame, markup, tables
from customer_health.dashboard.choices import grade_badges
from customer_health.dashboard.evidence import charts as evidence_charts
from customer_health.dashboard.tables import Column
from customer_health.reading import evidence, words
from customer_health.reading.published import Row, Snapshot

LEAD_TIMES = {(1, 30): "1 to 30", (31, 60): "31 to 60", (61, 90): "61 to 90", (91, 180): "91 to 180"}
_TOO_FEW = "too few departures to tell"
_MARKS = {"tells who leaves": "●", "tells it the wrong way round": "▼", "no better than chance": "○"}


def lead_times(snapshot: Snapshot) -> None:
    """How long before they left it told them from the others, the score first, then each metric."""
    rows = evidence.lead_times(snapshot)
    frame.section("How early it speaks", "chance of the right order, by how many days later somebody left")
    ours = [row for row in rows if row["metric"] == "health_score" and (row["from_days"], row["to_days"]) in LEAD_TIMES]
    if not ours:
        frame.nothing("Too few have left for that.")
        return
    evidence_charts.draw_areas(
        [
            evidence_charts.area_of(row, f"{LEAD_TIMES[row['from_days'], row['to_days']]} days later", is_ours=True)
            for row in ours
        ]
    )
    with st.expander("Metric by metric"):
        by_metric: dict[str, dict[tuple[int, int], Row]] = {}
        for row in rows:
            by_metric.setdefault(row["metric_label"], {})[row["from_days"], row["to_days"]] = row
        lines = [{"metric": label, "spans": spans} for label, spans in by_metric.items()]
        columns = [
            Column("", tables.text("metric")),
            *(
                Column(name, lambda row, span=span: _area(row["spans"].get(span)), "number")
                for span, name in LEAD_TIMES.items()
            ),
        ]
        st.html(tables.table(lines, columns, "Bold: the whole interval lies above luck (0.5)."))


def metrics(snapshot: Snapshot, horizon: int) -> None:
    """How well each metric by itself tells who leaves within so many days."""
    rows = evidence.usefulness(snapshot, horizon)
    if not rows:
        return
    useless = [row for row in rows if row["is_weighted"] and row["verdict"] not in ("tells who leaves", _TOO_FEW)]
    frame.section(
        "Which metrics earn their weight",
        f"{len(useless)} of {sum(row['is_weighted'] for row in rows)} weighted metrics do not tell who leaves",
    )
    tables.show(
        rows,
        [
            Column("Metric", tables.text("metric_label")),
            Column("Verdict", lambda row: _mark(row["verdict"]), "short"),
            Column("Weighed in", _weighed_in, "minor"),
            Column("Claims", tables.text("indicator_type"), "minor"),
            Column("Right order", _area, "number"),
            Column("95% limits", _limits, "number"),
            Column("Who left", tables.number("accounts_with_outcome"), "number"),
        ],
        "metric_accuracy",
        "Weighted metrics first, then shadows, which are only watched. Bold: the whole interval lies above luck (0.5).",
        first=12,
    )


def _weighed_in(row: Row) -> str:
    return (row["weighted_in_scorecards"] or "none").replace(";", ", ")


def _mark(said: str) -> str:
    return f"{_MARKS.get(said, '·')} {said}"


def _area(row: Row | None) -> str:
    if row is None or row["auc"] is None:
        return "–"
    area = f"{row['auc']:.2f}"
    return markup.strong(area) if row["auc_low"] is not None and row["auc_low"] > evidence_charts.LUCK else area


def _limits(row: Row) -> str:
    return "–" if row["auc_low"] is None else f"{row['auc_low']:.2f} to {row['auc_high']:.2f}"


def surprises(snapshot: Snapshot) -> None:
    """Who left while they looked healthy."""
    counts = evidence.surprise_counts(snapshot)
    rows = evidence.surprises(snapshot)
    frame.section(
        "Departures nobody saw coming",
        f"{counts['surprises']:,} of {words.counted(counts['outcomes'], 'departure')}, healthy 60 days before",
    )
    shown = grade_badges(snapshot)
    tables.show(
        rows,
        [
            Column("Account", lambda row: markup.account_link(row["account_id"], row["account_name"])),
            Column("Left on", tables.text("outcome_on"), "short"),
            Column("60 days before", lambda row: _grade(shown, row, "60d"), "short"),
            Column("30 days before", lambda row: _grade(shown, row, "30d"), "short"),
            Column("Moved most", _moved, "long"),
            Column("Evidence", tables.text("evidence"), "long"),
        ],
        "surprises",
        empty="None: every departure was below healthy before it came.",
        first=8,
    )


def _grade(shown: Callable[[str | None], Markup], row: Row, when: str) -> str:
    score = row[f"score_{when}_before"]
    return "–" if score is None else Markup("{} {:.0f}").format(shown(row[f"grade_{when}_before"]), score)


def _moved(row: Row) -> str:
    if row["moved_metric"] is None:
        return "–"
    return f"{row['moved_metric_label']} ({words.signed(row['moved_points'])})"


def capacity(snapshot: Snapshot) -> None:
    """How many of those who left each CSM would have had the time for."""
    rows = evidence.capacity(snapshot)
    if not rows:
        return
    frame.section("Whom there is time for", "had each CSM looked after their lowest scores, as far as their hours go")
    whole = next((row for row in rows if row["scope"] == "all"), None)
    if whole and whole["events_served_share"] is not None:
        st.html(
            markup.paragraph(
                f"{words.share(whole['events_served_share'])} of those who left, with "
                f"{words.share(whole['leaving_mrr_served_share'])} of their revenue, would have been looked after."
            )
        )
    columns = [
        Column("CSM", lambda row: "All together" if row["scope"] == "all" else row["csm_name"] or row["csm_id"]),
        Column("Customers", tables.number("customers_a_month", "{:.0f}"), "number"),
        Column("Served at most", tables.number("served_at_most_a_month", "{:.0f}"), "number"),
        Column("Red", tables.number("red_a_month", "{:.1f}"), "number"),
        Column("Leavers served", lambda row: words.share(row["events_served_share"]), "number"),
        Column("Of those served, left", lambda row: words.share(row["served_precision"]), "number"),
        Column("Of all, left", lambda row: words.share(row["base_rate"]), "number"),
    ]
    tables.show(rows, columns, "red_capacity", "A month, on average.", first=8)


def versions(snapshot: Snapshot, horizon: int) -> None:
    """Each version of a scorecard beside what was known of it when it went live."""
    rows = evidence.versions(snapshot, horizon)
    with st.expander("Each version beside its go-live baseline"):
        columns = [
            Column("Scorecard", lambda row: f"{row['scorecard']} version {row['scorecard_version']}", "short"),
            Column("Live since", _since, "short"),
            Column("Before it", lambda row: _pair(row, "baseline"), "number"),
            Column("Since", lambda row: _pair(row, "since"), "number"),
        ]
        tables.show(rows, columns, "version_accuracy", "Right order, and how many had left.")


def _since(row: Row) -> str:
    went_live = row["went_live_on"]
    return "the beginning" if went_live is None or went_live.year <= 1900 else f"{went_live}"


def _pair(row: Row, when: str) -> str:
    area, left = row[f"auc_{when}"], row[f"accounts_with_outcome_{when}"]
    return "–" if area is None else f"{area:.2f} ({left:,})"
