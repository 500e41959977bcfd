"""Can the numbers be trusted today? What came in, what was found, what is missing, what was published.

Belongs here: publication and gate, findings, conservation of rows, gaps, the registry of metrics, restatements.
Does not belong here: SQL (reading/quality.py), the banner of a stale publication (dashboard/frame.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from customer_health.dashboard import frame, markup, tables
from customer_health.dashboard.choices import pick
from customer_health.dashboard.tables import Column
from customer_health.reading import quality, words
from customer_health.reading.published import Row, Snapshot

ALL = "all"
# a sign beside the word: colour is never the only one
SEVERITIES = {"error": "▲ error", "warn": "● warning", "info": "○ note"}
STATUSES = {"published": "● published", "held": "▲ held back", "rolled_back": "◆ shown again"}


def show(snapshot: Snapshot) -> None:
    frame.heading("Data quality", "What came in, what was found, what is missing, and what was published")
    findings = quality.findings(snapshot)
    conserved = quality.conservation(snapshot)
    publications = quality.publications(snapshot)
    _summary(findings, conserved, publications)
    _findings(findings)
    _gaps(snapshot)
    _conservation(conserved)
    _registry(snapshot)
    _publications(snapshot, publications)


def _summary(findings: Sequence[Row], conserved: Sequence[Row], publications: Sequence[Row]) -> None:
    found = Counter(row["severity"] for row in findings)
    raw = sum(row["raw_rows"] for row in conserved)
    quarantined = sum(row["quarantined_rows"] for row in conserved)
    lost = [row["raw_table"] for row in conserved if not row["is_conserved"]]
    newest = publications[0] if publications else None
    tiles = [
        markup.tile(
            "Findings",
            f"{len(findings):,}",
            f"{words.counted(found['error'], 'error')}, {words.counted(found['warn'], 'warning')}",
            "bad" if found["error"] else "good",
        ),
        markup.tile(
            "Raw rows with a known fate",
            f"{raw:,}",
            f"rows lost in {', '.join(lost)}" if lost else "none is lost",
            "bad" if lost else "good",
        ),
        markup.tile("In quarantine", f"{quarantined:,}", "cannot be used; tried again on each build"),
    ]
    if newest:
        passed = newest["gate_checks"] - newest["gate_failures"]
        gate = f"{passed:,} of {newest['gate_checks']:,} checks of the gate passed"
        warned = f", {words.counted(newest['gate_warnings'], 'warning')}" if newest["gate_warnings"] else ""
        tiles.append(
            markup.tile(
                "Newest publication",
                newest["status"].replace("_", " "),
                gate + warned,
                "good" if newest["gate_passed"] else "bad",
            )
        )
    st.html(markup.tiles(tiles))


def _findings(findings: Sequence[Row]) -> None:
    frame.section("Findings", "errors first")
    if not findings:
        frame.nothing("Nothing was found. Either all is well, or quality_exceptions.csv excuses it.")
        return
    there = Counter(row["severity"] for row in findings)
    options = {ALL: f"All ({len(findings):,})"} | {
        name: f"{title} ({there[name]:,})" for name, title in SEVERITIES.items() if there[name]
    }
    chosen = pick("severity", options, ALL)
    rows = [row for row in findings if chosen in (ALL, row["severity"])]
    columns = [
        Column("", lambda row: SEVERITIES.get(row["severity"], row["severity"]), "short"),
        Column("What", _what),
        Column("Detail", tables.text("detail"), "long"),
        Column("What to do", tables.text("what_to_do"), "long"),
        Column("Found on", tables.text("found_on"), "short"),
    ]
    tables.show(rows, columns, "findings", first=12)


def _what(row: Row) -> Markup:
    return Markup("<b>{}</b><br>{}").format(row["finding"].replace("_", " "), row["entity"] or "")


def _gaps(snapshot: Snapshot) -> None:
    rows = quality.gaps(snapshot)
    frame.section("What is not known, and what it costs", "weight that earned no points on the last day")
    columns = [
        Column("Measure", lambda row: row["measure"].replace("_", " ")),
        Column("Why", lambda row: words.MISSING.get(row["value_status"], row["value_status"])),
        Column("Of all weight", lambda row: _small_percent(row["weight_unscored_pct"]), "number"),
        Column("Accounts", tables.number("accounts"), "number"),
        Column("Their MRR, USD", tables.number("mrr_usd"), "number"),
        Column("Comes from", tables.text("raw_table"), "minor"),
        Column("What to do", tables.text("what_to_do"), "long"),
    ]
    tables.show(rows, columns, "instrumentation_gaps", empty="Every weighted metric earned points everywhere.", first=8)


def _small_percent(percent: float) -> str:
    return "under 0.1 %" if 0 < percent < 0.1 else words.percent(percent)


def _conservation(conserved: Sequence[Row]) -> None:
    frame.section("Where every raw row went", "loaded = used + exact copies + quarantined")
    columns = [
        Column("Table", lambda row: row["raw_table"].replace("_", " ")),
        Column("Loaded", tables.number("raw_rows"), "number"),
        Column("Used", tables.number("staged_rows"), "number"),
        Column("Copies", tables.number("superseded_rows"), "number"),
        Column("Quarantined", tables.number("quarantined_rows"), "number"),
        Column("", lambda row: "● adds up" if row["is_conserved"] else Markup("▲ <b>rows are lost</b>"), "short"),
    ]
    tables.show(conserved, columns, "row_conservation", empty="No table was loaded.")


def _registry(snapshot: Snapshot) -> None:
    rows = quality.registry(snapshot)
    odd = [row for row in rows if row["verdict"] != "declared and observed"]
    constant = [row for row in rows if row["is_constant"]]
    undeclared = quality.undeclared_measures(snapshot)
    frame.section("Metrics as declared and as observed", "over all accounts and the last 28 days")
    said = [
        f"{len(rows) - len(odd):,} of {words.counted(len(rows), 'metric')} are observed.",
        f"{words.counted(len(constant), 'metric')} tell no account apart today." if constant else "",
        f"{words.counted(len(undeclared), 'measure')} disagree with measures.csv." if undeclared else "",
    ]
    st.html(markup.paragraph(" ".join(filter(None, said))))
    with st.expander("Metric by metric"):
        columns = [
            Column("Metric", tables.text("metric")),
            Column("Verdict", lambda row: _verdict(row)),
            Column("Highest weight", tables.number("highest_weight", "{:.0f}"), "number"),
            Column("Accounts known", lambda row: words.share(row["accounts_observed_share"]), "number"),
            Column("Measured", lambda row: words.share(row["observed_share"]), "number"),
            Column("Nothing happened", lambda row: words.share(row["zero_share"]), "number"),
            Column("Too old", lambda row: words.share(row["stale_share"]), "number"),
            Column("Too early", lambda row: words.share(row["too_early_share"]), "number"),
            Column("Not recorded", lambda row: words.share(row["not_instrumented_share"]), "number"),
        ]
        tables.show(rows, columns, "metric_registry", "What disagrees first, then the heaviest.")


def _verdict(row: Row) -> str:
    if row["verdict"] != "declared and observed":
        return f"▲ {row['verdict']}"
    return "○ the same for all" if row["is_constant"] else "● observed"


def _publications(snapshot: Snapshot, publications: Sequence[Row]) -> None:
    frame.section("Publications", "the newest first")
    columns = [
        Column("At, UTC", lambda row: f"{row['published_at']:%Y-%m-%d %H:%M}", "short"),
        Column("", lambda row: STATUSES.get(row["status"], row["status"]), "short"),
        Column("As of", tables.text("as_of_date"), "short"),
        Column("Gate", lambda row: _gate(row), "short"),
        Column("Rows", tables.number("published_rows"), "number"),
        Column("Scores restated", tables.number("restated_scores"), "number"),
        Column("Reason", tables.text("reason"), "long"),
    ]
    tables.show(publications, columns, "publications", first=8)
    restated = quality.restatements(snapshot)
    if not restated:
        frame.nothing("No score of an earlier day has been said differently later.")
        return
    frame.section("Restatements", "scores of earlier days that were said differently later")
    columns = [
        Column("At, UTC", lambda row: f"{row['restated_at']:%Y-%m-%d %H:%M}", "short"),
        Column("Scores", tables.number("scores"), "number"),
        Column("Accounts", tables.number("accounts"), "number"),
        Column("Other grade", tables.number("grades"), "number"),
        Column("Mean change", tables.number("mean_change", "{:.1f}"), "number"),
        Column("Days", lambda row: f"{row['first_day']} to {row['last_day']}", "short"),
        Column("Reason", tables.text("reason"), "long"),
    ]
    tables.show(restated, columns, "restatements", first=8)


def _gate(row: Row) -> str:
    if row["gate_checks"] is None:
        return "–"
    sign = "●" if row["gate_passed"] else "▲"
    return f"{sign} {row['gate_checks'] - row['gate_failures']:,} of {row['gate_checks']:,}"
