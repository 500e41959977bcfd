"""Weights of a scorecard, and what a value is worth, as charts.

Belongs here: bars by side and component, curves of points with the accounts of today beneath.
Does not belong here: which rows (reading/definitions.py, reading/benchmarks.py), the words around them
(dashboard/pages/configuration.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from customer_health.dashboard.theme import BLUE, GREY, LINE, MUTED, ORANGE
from customer_health.reading.benchmarks import breakpoints
from customer_health.reading.published import Row

ROW_HEIGHT = 26
LABEL_WIDTH = 190
CURVE_HEIGHT = 230
SIDES = {"proactive": BLUE, "reactive": ORANGE}


def weights(rows: Sequence[Row], side: str) -> alt.LayerChart:
    """One bar per metric of a side, in the order of the rows, with its component; bars of both sides compare."""
    heaviest = max(float(row["weight"]) for row in rows)
    values = [
        {
            "metric": row["label"] or row["metric"],
            "weight": float(row["weight"]),
            "component": row["component"],
            "said": f"{float(row['weight']):.3g}  {row['component']}",
        }
        for row in rows
        if row["motion"] == side
    ]
    order = [value["metric"] for value in values]
    x = alt.X("weight:Q", axis=None, scale=alt.Scale(domain=[0, heaviest * 1.4], nice=False))
    axis = alt.Axis(title=None, labelLimit=LABEL_WIDTH, minExtent=LABEL_WIDTH, domain=False, ticks=False)
    base = alt.Chart(alt.Data(values=values)).encode(x=x, y=alt.Y("metric:N", sort=order, axis=axis))
    return alt.layer(
        base.mark_bar(color=SIDES[side], height=13).encode(tooltip=["metric:N", "component:N", "weight:Q"]),
        base.mark_text(align="left", dx=6, color=MUTED, fontSize=12).encode(text="said:N"),
    ).properties(height=ROW_HEIGHT * len(values))


def points(benchmarks: Sequence[Row], standing: Sequence[Row]) -> alt.LayerChart:
    """Points over values, one line per segment and tenure band, the most general one strongest; beneath, how many
    accounts have each value today."""
    lines = [
        {"value": value, "points": earned, "scope": scope, "general": scope == "all accounts"}
        for row in benchmarks
        for scope in [_scope(row)]
        for value, earned in breakpoints(row)
    ]
    low, high = _reach(lines, standing)
    lines += [
        {**edge, "value": end}
        for scope in {line["scope"] for line in lines}
        for edge, end in _edges([line for line in lines if line["scope"] == scope], low, high)
    ]
    x = alt.X(
        "value:Q",
        axis=alt.Axis(title="value", tickCount=6),
        scale=alt.Scale(domain=[low, high], nice=False, clamp=True),
    )
    y = alt.Y("points:Q", axis=alt.Axis(title="points", values=[0, 25, 50, 75, 100]), scale=alt.Scale(domain=[0, 100]))
    most = max((row["accounts"] for row in standing), default=1)
    there = [
        {"value": row["value"], "height": 26 * row["accounts"] / most, "accounts": row["accounts"], "floor": 0}
        for row in standing
    ]
    curve = (
        alt.Chart(alt.Data(values=lines))
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=y,
            detail="scope:N",
            color=alt.condition("datum.general", alt.value(BLUE), alt.value(GREY)),
            strokeDash=alt.condition("datum.general", alt.value([1, 0]), alt.value([4, 3])),
            tooltip=[
                alt.Tooltip("scope:N"),
                alt.Tooltip("value:Q", format=",.4~g"),
                alt.Tooltip("points:Q", format=".0f"),
            ],
        )
    )
    accounts = (
        alt.Chart(alt.Data(values=there))
        .mark_bar(color=LINE, width=4)
        .encode(
            x=x,
            y=alt.Y("floor:Q", scale=alt.Scale(domain=[0, 100])),
            y2="height:Q",
            tooltip=[alt.Tooltip("value:Q", format=",.4~g"), alt.Tooltip("accounts:Q", format=",")],
        )
    )
    return alt.layer(accounts, curve).properties(height=CURVE_HEIGHT)


def _scope(row: Row) -> str:
    return ", ".join(filter(None, [row["segment"], row["tenure_band"]])) or "all accounts"


def _reach(lines: Sequence[Row], standing: Sequence[Row]) -> tuple[float, float]:
    """The values to show: all breakpoints, and what accounts have, a few far ones left out."""
    values = sorted([line["value"] for line in lines])
    held = sorted(row["value"] for row in standing for _ in range(int(row["accounts"])))
    if held:
        values += [held[int(0.02 * (len(held) - 1))], held[int(0.98 * (len(held) - 1))]]
    low, high = min(values), max(values)
    margin = (high - low or 1) * 0.06
    return low - margin if low < 0 else max(0.0, low - margin), high + margin


def _edges(lines: Sequence[Row], low: float, high: float) -> list[tuple[Row, float]]:
    """A curve goes on level before its first and after its last breakpoint."""
    first = min(lines, key=lambda line: line["value"])
    last = max(lines, key=lambda line: line["value"])
    return [(first, low), (last, high)]
