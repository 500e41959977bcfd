"""The parts of the account page that are bars of HTML: what a score is made of, what moved it, what people say.

Belongs here: how these are worded, and how long a bar is. Their markup is templates/account_parts.html.j2.
Does not belong here: which rows (reading/accounts.py), charts (charts.py), their order (dashboard/pages/account.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from customer_health.dashboard.markup import macros, paragraph, subtitle
from customer_health.dashboard.tables import Column, table
from customer_health.reading import words
from customer_health.reading.published import Row

# effects beyond these are summed in one line
CHANGES_SHOWN = 8
# a gap between what people do and what they say that is worth a sentence, in points
WIDE_GAP = 20

_PARTS = macros("account_parts.html.j2")


def contributions(rows: Sequence[Row], standing: Row) -> Markup:
    """What a score is made of, as a table whose last line is the sum."""
    widest = max((row["effective_weight"] or 0 for row in rows), default=0) or 1
    columns = [
        Column("Metric", lambda row: row["label"]),
        Column("Value", _value, "number"),
        Column("Points", lambda row: _rounded(row["points"]), "number"),
        Column("Weight", lambda row: words.share(row["effective_weight"] or None), "number minor"),
        Column("Brings and costs", lambda row: _stake(row, widest), "bar"),
        Column("Brings", lambda row: _tenths(row, "contribution"), "number minor"),
        Column("Costs", lambda row: _tenths(row, "loss"), "number minor"),
    ]
    brought = sum(row["contribution"] or 0 for row in rows)
    lost = sum(row["loss"] or 0 for row in rows)
    score, rule = standing["health_score"], standing["rule_in_words"]
    return _PARTS.contributions(table(rows, columns), brought, lost, score, rule)


def changes(rows: Sequence[Row], days_back: int) -> Markup:
    """What moved a score, as bars to both sides; what is small is summed, so that the lines sum to the whole."""
    if not rows:
        return paragraph(f"Nothing moved this score within {days_back} days.", "nothing")
    shown, rest = list(rows[:CHANGES_SHOWN]), rows[CHANGES_SHOWN:]
    if rest:
        small = {"effect": "smaller", "label": f"{len(rest)} smaller effects", "metric": None}
        shown.append({**small, "change_points": sum(row["change_points"] for row in rest)})
    widest = max(abs(row["change_points"]) for row in shown) or 1
    total = words.signed(sum(row["change_points"] for row in rows))
    return _PARTS.changes([_change(row, widest) for row in shown], total, days_back)


def views(rows: Sequence[Row], said: Sequence[Row]) -> Markup:
    """What the customer does, what people say and what the contract shows, in points of 100, and how they differ."""
    sides = view_points(rows)
    known = [(row["label"], _in_words(row)) for row in said if row["points"] is not None]
    return _PARTS.views([(name, sides[key]) for name, key in _VIEWS], gap_in_words(sides), known)


def view_points(rows: Sequence[Row]) -> dict[str, float | None]:
    """The weighted mean points (0 to 100) of behaviour, sentiment and commercial; None where nothing of it is known.

    As validation.rpt_sentiment_gaps: what is neither sentiment nor commercial is behaviour.
    """
    sums: dict[str, list[float]] = {key: [0.0, 0.0] for _, key in _VIEWS}
    for row in rows:
        if row["points"] is not None:
            side = sums[row["domain"] if row["domain"] in ("sentiment", "commercial") else "behaviour"]
            side[0] += row["weight"] * row["points"]
            side[1] += row["weight"]
    return {key: total / weight if weight else None for key, (total, weight) in sums.items()}


def gap_in_words(sides: dict[str, float | None]) -> str:
    """How far what people say is from what they do."""
    behaviour, sentiment = sides["behaviour"], sides["sentiment"]
    if behaviour is None or sentiment is None:
        return f"What people {'do' if behaviour is None else 'say'} is not known, so there is nothing to compare."
    gap = sentiment - behaviour
    if abs(gap) < WIDE_GAP:
        return f"Words and deeds agree: {abs(gap):.0f} points apart."
    if gap > 0:
        return (
            f"They sound better than they act: sentiment is {gap:.0f} points above behaviour. Ask what holds them back."
        )
    return (
        f"They act better than they sound: sentiment is {-gap:.0f} points below behaviour. Ask what is annoying them."
    )


_VIEWS = (("What they do", "behaviour"), ("What they say", "sentiment"), ("What the contract shows", "commercial"))


def _value(row: Row) -> str:
    if row["points"] is None:
        return subtitle(words.MISSING.get(row["value_status"], row["value_status"]))
    return _in_words(row)


def _in_words(row: Row) -> str:
    return words.metric_value(row["value"], row["unit"], row["aggregation"])


def _stake(row: Row, widest: float) -> str:
    if not row["effective_weight"] or row["contribution"] is None:
        return ""
    brings, costs = (100 * row[name] / 100 / widest for name in ("contribution", "loss"))
    return _PARTS.stake(brings, costs)


def _change(row: Row, widest: float) -> dict[str, Any]:
    why = "" if row["effect"] in ("behaviour", "smaller") else words.EFFECTS.get(row["effect"], row["effect"])
    return {
        "label": row["label"] or why[:1].upper() + why[1:],
        "why": why if row["label"] else "",
        "side": "up" if row["change_points"] >= 0 else "down",
        "share": 50 * abs(row["change_points"]) / widest,
        "points": words.signed(row["change_points"]),
    }


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _tenths(row: Row, name: str) -> str:
    is_known = row["points"] is not None and row[name] is not None
    return f"{row[name]:.1f}" if is_known else ""
