"""The funnel of milestones and the learned norms as charts.

Belongs here: bars, ranges, their colours and order.
Does not belong here: which rows (reading/journeys.py), the words around them (dashboard/pages/journey.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from customer_health.dashboard.theme import BLUE, INK, LINE, MUTED, ORANGE
from customer_health.reading.published import Row

# in the order in which they are stacked: what went well first
STATES = {
    "in time": BLUE,
    "reached late": "#92c0dd",
    "not due yet": "#e3e8ed",
    "late and open": "#f0b27a",
    "missed": ORANGE,
}
ROW_HEIGHT = 30


def funnel(rows: Sequence[Row]) -> alt.LayerChart:
    """One bar per milestone, in the order of the path, as long as the paths that it applies to."""
    order = [row["label"] for row in rows]
    parts = [
        {"milestone": row["label"], "state": state, "place": place, "paths": count, "of": row["accounts_on_path"]}
        for row in rows
        for place, (state, count) in enumerate(zip(STATES, _counts(row), strict=True))
    ]
    y = alt.Y("milestone:N", sort=order, axis=alt.Axis(title=None, labelLimit=260, domain=False, ticks=False))
    x_axis = alt.Axis(
        title="paths; at the end of a bar the share that reached it", tickCount=5, grid=True, domain=False
    )
    # room for the words at the ends
    scale = alt.Scale(domain=[0, 1.15 * max(row["accounts_on_path"] for row in rows)], nice=False)
    bars = (
        alt.Chart(alt.Data(values=parts))
        .mark_bar(height=17, stroke="white", strokeWidth=0.7)
        .encode(
            x=alt.X("paths:Q", stack="zero", axis=x_axis, scale=scale),
            y=y,
            order=alt.Order("place:Q"),
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=list(STATES), range=list(STATES.values())),
                # the page has it, where it can wrap
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("milestone:N"),
                alt.Tooltip("state:N"),
                alt.Tooltip("paths:Q", format=","),
                alt.Tooltip("of:Q", format=",", title="of"),
            ],
        )
    )
    ends = [
        {
            "milestone": row["label"],
            "paths": row["accounts_on_path"],
            "said": f"{row['reached_pct'] or 0:.0f} % reached",
        }
        for row in rows
    ]
    text = (
        alt.Chart(alt.Data(values=ends))
        .mark_text(align="left", dx=6, color=MUTED, fontSize=12)
        .encode(x=alt.X("paths:Q", scale=scale), y=y, text="said:N")
    )
    return alt.layer(bars, text).properties(height=ROW_HEIGHT * len(rows))


def norms(rows: Sequence[Row]) -> alt.LayerChart:
    """Days that those who stayed needed for each milestone, with limits, beside the configured days."""
    order = [row["label"] for row in rows]
    last = max(
        [row[name] for row in rows for name in ("late_after_day", "p80_days") if row[name] is not None], default=0
    )
    values = [
        {
            "milestone": row["label"],
            "median": row["median_days"],
            "low": row["median_days_low"] or 0,
            # an open limit is drawn to the end
            "high": last if row["median_days_high"] is None else row["median_days_high"],
            "p80": row["p80_days"],
            "expected": row["expected_day"],
            "late": row["late_after_day"],
        }
        for row in rows
    ]
    tooltip = [
        alt.Tooltip("milestone:N"),
        alt.Tooltip("median:Q", title="half by day"),
        alt.Tooltip("p80:Q", title="four of five by day"),
        alt.Tooltip("expected:Q", title="expected day"),
        alt.Tooltip("late:Q", title="late after day"),
    ]
    y = alt.Y("milestone:N", sort=order, axis=alt.Axis(title=None, labelLimit=230, domain=False, ticks=False))
    axis = alt.Axis(title="days", grid=True, domain=False, values=[0, 30, 60, 90, 180, 365, 730], labelOverlap=True)
    base = alt.Chart(alt.Data(values=values)).encode(y=y, tooltip=tooltip)

    def at(name: str) -> alt.X:
        return alt.X(f"{name}:Q", axis=axis, scale=alt.Scale(type="symlog", constant=30, nice=False))

    known = base.transform_filter("isValid(datum.median)")
    return alt.layer(
        base.mark_rule(color=LINE, strokeWidth=1.5).encode(x=at("expected"), x2="late:Q"),
        base.mark_point(shape="diamond", color=INK, filled=False, size=75, strokeWidth=1.4).encode(x=at("expected")),
        base.mark_point(shape="triangle-up", color=ORANGE, filled=False, size=60, strokeWidth=1.4).encode(x=at("late")),
        known.mark_rule(color=BLUE, strokeWidth=4, opacity=0.35, strokeCap="round").encode(x=at("low"), x2="high:Q"),
        known.mark_point(shape="circle", color=BLUE, filled=True, opacity=1, size=75).encode(x=at("median")),
        base.transform_filter("isValid(datum.p80)").mark_tick(color=BLUE, thickness=2.5, height=15).encode(x=at("p80")),
    ).properties(height=ROW_HEIGHT * len(rows))


def _counts(row: Row) -> tuple[int, ...]:
    return (
        row["accounts_on_time"],
        row["accounts_reached"] - row["accounts_on_time"],
        row["accounts_ahead"],
        row["accounts_late"],
        row["accounts_missed"],
    )
