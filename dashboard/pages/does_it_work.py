"""Does the score tell who leaves? The answer first, in plain words; then what it rests on.

Belongs here: the verdict, its evidence, what surprised us, which metrics earn their weight, whom there is time for.
Does not belong here: SQL (reading/accuracy.py, reading/evidence.py), how estimates are drawn (evidence_charts.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import evidence_charts, frame, markup, tables, theme
from dashboard.choices import grade_badges, pick
from dashboard.evidence_charts import Estimate
from dashboard.markup import escaped
from dashboard.tables import Column
from reading import accuracy, book, evidence, words
from reading.published import Row, Snapshot

OUTCOME = "churned"
HORIZON = "90"
PREDICTORS = {
    "scorecard": "Our score",
    "generic": "Generic score: sign-ins, tickets, NPS",
    "usage": "Usage alone",
    "tenure": "Tenure alone",
    "chance": "Drawing lots",
}
LEAD_TIMES = {(1, 30): "1 to 30", (31, 60): "31 to 60", (61, 90): "61 to 90", (91, 180): "91 to 180"}


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
    _lead_times(snapshot)
    _metrics(snapshot, horizon)
    _surprises(snapshot)
    _capacity(snapshot)
    _versions(snapshot, horizon)


def _verdict(ours: Row, horizon: int) -> None:
    said = verdict(ours)
    st.html(f'<p class="verdict {said.mood}"><b>{escaped(said.short)}</b> {escaped(said.long)}</p>')
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
        f'<p class="subtitle">{words.counted(ours["accounts"], "customer")}, judged at each month end from '
        f"{ours['first_month_on']:%b %Y} to {ours['last_month_on']:%b %Y}; "
        f"{ours['accounts_with_outcome']:,} of them left within {horizon} days of one.</p>"
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
    estimates = [
        Estimate(
            PREDICTORS.get(row["predictor"], row["predictor"]),
            row["auc"],
            row["auc_low"],
            row["auc_high"],
            row["predictor"] == "scorecard",
            words.counted(row["accounts_with_outcome"], "departure"),
        )
        for row in found
    ]
    theme.draw(
        evidence_charts.areas(estimates),
        "; ".join(f"{one.name} {one.value:.2f}" for one in estimates if one.value is not None),
    )
    generic = next((row for row in found if row["predictor"] == "generic"), None)
    difference = found[0]["auc_minus_generic"]
    if generic and difference is not None:
        low, high = found[0]["auc_minus_generic_low"], found[0]["auc_minus_generic_high"]
        limits = "" if low is None else f" (95% from {low:+.2f} to {high:+.2f})"
        st.html(
            f'<p class="subtitle">Our score less the generic one, on the same customers: {difference:+.2f}{limits}.</p>'
        )


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
    st.html(f'<p class="subtitle">{said}</p>')


def _lead_times(snapshot: Snapshot) -> None:
    rows = evidence.lead_times(snapshot)
    frame.section("How early it speaks", "chance of the right order, by how many days later somebody left")
    ours = [row for row in rows if row["metric"] == "health_score" and (row["from_days"], row["to_days"]) in LEAD_TIMES]
    if not ours:
        frame.nothing("Too few have left for that.")
        return
    estimates = [
        Estimate(
            f"{LEAD_TIMES[row['from_days'], row['to_days']]} days later",
            row["auc"],
            row["auc_low"],
            row["auc_high"],
            True,
            words.counted(row["accounts_with_outcome"], "departure"),
        )
        for row in ours
    ]
    theme.draw(
        evidence_charts.areas(estimates), "; ".join(f"{one.name} {one.value:.2f}" for one in estimates if one.value)
    )
    with st.expander("Metric by metric"):
        by_metric: dict[str, dict[tuple[int, int], Row]] = {}
        for row in rows:
            by_metric.setdefault(row["metric_label"], {})[row["from_days"], row["to_days"]] = row
        lines = [{"metric": label, "spans": spans} for label, spans in by_metric.items()]
        columns = [
            Column("", lambda row: escaped(row["metric"])),
            *(
                Column(name, lambda row, span=span: _area(row["spans"].get(span)), "number")
                for span, name in LEAD_TIMES.items()
            ),
        ]
        st.html(tables.table(lines, columns, "Bold: the whole interval lies above luck (0.5)."))


def _metrics(snapshot: Snapshot, horizon: int) -> None:
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


_TOO_FEW = "too few departures to tell"
_MARKS = {"tells who leaves": "●", "tells it the wrong way round": "▼", "no better than chance": "○"}


def _weighed_in(row: Row) -> str:
    return escaped((row["weighted_in_scorecards"] or "none").replace(";", ", "))


def _mark(said: str) -> str:
    return f"{_MARKS.get(said, '·')} {escaped(said)}"


def _area(row: Row | None) -> str:
    if row is None or row["auc"] is None:
        return "–"
    area = f"{row['auc']:.2f}"
    return f"<b>{area}</b>" if row["auc_low"] is not None and row["auc_low"] > evidence_charts.LUCK else area


def _limits(row: Row) -> str:
    return "–" if row["auc_low"] is None else f"{row['auc_low']:.2f} to {row['auc_high']:.2f}"


def _surprises(snapshot: Snapshot) -> None:
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
            Column("Moved most", lambda row: _moved(row), "long"),
            Column("Evidence", tables.text("evidence"), "long"),
        ],
        "surprises",
        empty="None: every departure was below healthy before it came.",
        first=8,
    )


def _grade(shown: Callable[[str | None], str], row: Row, when: str) -> str:
    score = row[f"score_{when}_before"]
    return "–" if score is None else f"{shown(row[f'grade_{when}_before'])} {score:.0f}"


def _moved(row: Row) -> str:
    if row["moved_metric"] is None:
        return "–"
    return f"{escaped(row['moved_metric_label'])} ({words.signed(row['moved_points'])})"


def _capacity(snapshot: Snapshot) -> None:
    rows = evidence.capacity(snapshot)
    if not rows:
        return
    frame.section("Whom there is time for", "had each CSM looked after their lowest scores, as far as their hours go")
    whole = next((row for row in rows if row["scope"] == "all"), None)
    if whole and whole["events_served_share"] is not None:
        st.html(
            f"<p>{words.share(whole['events_served_share'])} of those who left, with "
            f"{words.share(whole['leaving_mrr_served_share'])} of their revenue, would have been looked after.</p>"
        )
    columns = [
        Column(
            "CSM", lambda row: escaped("All together" if row["scope"] == "all" else row["csm_name"] or row["csm_id"])
        ),
        Column("Customers", tables.number("customers_a_month", "{:.0f}"), "number"),
        Column("Served at most", tables.number("served_at_most_a_month", "{:.0f}"), "number"),
        Column("Red", tables.number("red_a_month", "{:.1f}"), "number"),
        Column("Leavers served", lambda row: words.share(row["events_served_share"]), "number"),
        Column("Of those served, left", lambda row: words.share(row["served_precision"]), "number"),
        Column("Of all, left", lambda row: words.share(row["base_rate"]), "number"),
    ]
    tables.show(rows, columns, "red_capacity", "A month, on average.", first=8)


def _versions(snapshot: Snapshot, horizon: int) -> None:
    rows = evidence.versions(snapshot, horizon)
    with st.expander("Each version beside its go-live baseline"):
        columns = [
            Column("Scorecard", lambda row: escaped(f"{row['scorecard']} version {row['scorecard_version']}"), "short"),
            Column("Live since", lambda row: _since(row), "short"),
            Column("Before it", lambda row: _pair(row, "baseline"), "number"),
            Column("Since", lambda row: _pair(row, "since"), "number"),
        ]
        tables.show(rows, columns, "version_accuracy", "Right order, and how many had left.")


def _since(row: Row) -> str:
    went_live = row["went_live_on"]
    return "the beginning" if went_live is None or went_live.year <= 1900 else escaped(went_live)


def _pair(row: Row, when: str) -> str:
    area, left = row[f"auc_{when}"], row[f"accounts_with_outcome_{when}"]
    return "–" if area is None else f"{area:.2f} ({left:,})"
