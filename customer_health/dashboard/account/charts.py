"""The history of a score as a chart.

Belongs here: the line, the grades it crosses, the marks of days on which more than the customer changed.
Does not belong here: which days are marked (reading/accounts.py), the journey (course.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from customer_health.dashboard.theme import BLUE, LINE, MUTED, ORANGE
from customer_health.reading import words
from customer_health.reading.published import Row

HEIGHT = 190
MARKS = {
    "version": "new scorecard version",
    "configuration": "new weights",
    "benchmark": "another benchmark",
    "restated": "restated",
    "publication": "new configuration",
}


def history(days: Sequence[Row], marks: Sequence[Row], grades: Sequence[Row]) -> alt.LayerChart:
    """A score over its days; a day without one is a gap, a dashed line is a mark."""
    form = "%b %Y" if len(days) > 200 else "%-d %b"
    x = alt.X("day:T", axis=alt.Axis(title=None, format=form, tickCount=6, labelOverlap=True))
    y = alt.Y("score:Q", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(title=None, values=[0, 25, 50, 75, 100]))
    shown = [
        {"day": str(row["date_day"]), "score": row["health_score"], "grade": row["grade"] or "no score"} for row in days
    ]
    tooltip = [
        alt.Tooltip("day:T", title="day", format="%Y-%m-%d"),
        alt.Tooltip("score:Q", title="score", format=".1f"),
        alt.Tooltip("grade:N", title="grade"),
    ]
    line = alt.Chart(alt.Data(values=shown)).encode(x=x, y=y, tooltip=tooltip)
    steps = [{"score": row["min_score"], "grade": row["grade"]} for row in grades]
    grade = alt.Chart(alt.Data(values=steps)).encode(y=y)
    marked = [{"day": str(row["date_day"]), "what": mark_in_words(row)} for row in marks]
    mark = alt.Chart(alt.Data(values=marked)).encode(x=x, tooltip=[alt.Tooltip("what:N", title="changed")])
    layers = [
        grade.mark_rule(color=LINE, strokeWidth=0.7),
        grade.mark_text(align="right", baseline="bottom", dx=-3, dy=-1, color=MUTED, fontSize=11).encode(
            x=alt.XValue("width"), text="grade:N"
        ),
        line.mark_line(color=BLUE, strokeWidth=1.8, invalid="break-paths-show-domains"),
    ]
    if marks:
        layers.append(mark.mark_rule(color=ORANGE, strokeDash=[3, 3], strokeWidth=1.3))
    return alt.layer(*layers).properties(height=HEIGHT)


def mark_in_words(mark: Row) -> str:
    """2026-01-01 new weights (+0.8)."""
    moved = "" if mark["change_points"] is None else f" ({words.signed(mark['change_points'])})"
    return f"{mark['date_day']} {MARKS[mark['kind']]}{moved}"
