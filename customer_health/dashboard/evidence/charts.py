"""Areas, rates and lead times with their intervals as charts: a point, and a line for what it may be.

Belongs here: how an estimate with limits is drawn, the line of luck.
Does not belong here: which estimates (reading/accuracy.py, reading/evidence.py), the words around them
(dashboard/pages/does_it_work.py, tables.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from customer_health.dashboard import theme
from customer_health.dashboard.theme import BLUE, GREY, MUTED
from customer_health.reading import words
from customer_health.reading.published import Row

ROW_HEIGHT = 28
LUCK = 0.5


@dataclass(frozen=True)
class Estimate:
    """A value with its 95% limits, which are empty where it rests on too little; `is_ours` is drawn in colour."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    is_ours: bool = True
    note: str = ""


def area_of(row: Row, name: str, is_ours: bool) -> Estimate:
    """The area of a row of validation.rpt_score_accuracy or rpt_metric_lead_times, with its departures."""
    departures = words.counted(row["accounts_with_outcome"], "departure")
    return Estimate(name, row["auc"], row["auc_low"], row["auc_high"], is_ours, departures)


def draw_areas(given: Sequence[Estimate]) -> None:
    """Draw areas, and say them to whoever does not see the chart."""
    theme.draw(areas(given), "; ".join(f"{one.name} {one.value:.2f}" for one in given if one.value is not None))


def areas(given: Sequence[Estimate]) -> alt.LayerChart:
    """Areas under the curve, from guessing everything wrong to knowing everything, the line of luck between."""
    scale = alt.Scale(domain=[_lowest(given), 1], zero=False, nice=False)
    luck = alt.Chart(alt.Data(values=[{"x": LUCK, "words": "luck"}])).encode(x=alt.X("x:Q", scale=scale))
    return alt.layer(
        luck.mark_rule(color=GREY, strokeDash=[4, 4]),
        luck.mark_text(color=MUTED, align="left", dx=5, baseline="top", fontSize=11).encode(
            y=alt.value(0), text="words:N"
        ),
        *_points(given, "area", scale, ".2f"),
    ).properties(height=ROW_HEIGHT * len(given) + 12)


def rates(given: Sequence[Estimate]) -> alt.LayerChart:
    """Shares from nothing on."""
    highest = max([one.high or one.value or 0 for one in given], default=1)
    return alt.layer(*_points(given, "rate", alt.Scale(domain=[0, highest * 1.2], nice=False), ".1%")).properties(
        height=ROW_HEIGHT * len(given)
    )


def _points(given: Sequence[Estimate], what: str, scale: alt.Scale, form: str) -> list[alt.Chart]:
    order = [one.name for one in given]
    values = [
        {"name": one.name, what: one.value, "low": one.low, "high": one.high, "ours": one.is_ours, "note": one.note}
        for one in given
    ]
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("name:N", sort=order, axis=alt.Axis(title=None, labelLimit=260, domain=False, ticks=False)),
        color=alt.condition("datum.ours", alt.value(BLUE), alt.value(GREY)),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip(f"{what}:Q", format=form),
            alt.Tooltip("low:Q", format=form, title="from"),
            alt.Tooltip("high:Q", format=form, title="to"),
            alt.Tooltip("note:N", title="rests on"),
        ],
    )
    axis = alt.Axis(title=None, grid=True, domain=False, format=form.replace(".1%", ".0%"), tickCount=6)
    known = base.transform_filter(f"isValid(datum.{what})")
    return [
        known.mark_rule(strokeWidth=4, opacity=0.35, strokeCap="round").encode(
            x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"
        ),
        known.mark_point(filled=True, size=80, opacity=1).encode(x=alt.X(f"{what}:Q", scale=scale, axis=axis)),
        known.transform_calculate(end=f"isValid(datum.high) ? datum.high : datum.{what}")
        .mark_text(dx=9, align="left", fontSize=12)
        .encode(x=alt.X("end:Q", scale=scale, axis=axis), text=alt.Text(f"{what}:Q", format=form)),
    ]


def _lowest(given: Sequence[Estimate]) -> float:
    lows = [value for one in given for value in (one.low, one.value) if value is not None]
    return max(0.0, min([0.42, *lows]) - 0.02)
