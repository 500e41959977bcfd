"""The journey of an account as the profile of a mountain stage.

Belongs here: where milestones stand along the course, how high it is, where the account rides and where it should.
Does not belong here: what a milestone is and when it is late (models/marts/journey), the page
(dashboard/pages/account.py).

Milestones stand at equal distances, because most of a course lies in its first weeks; their days stand below them.
Height has no unit: each milestone is a climb, and a value moment a summit.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from customer_health.dashboard.theme import BLUE, GREY, INK, LINE, MUTED, ORANGE, PALE_BLUE
from customer_health.reading import words
from customer_health.reading.published import Row

HEIGHT = 300
# pixels from above: the stages' names, the course, what is written below it
TOP, GROUND = 46, 196
STEPS = 24
CLIMB, SUMMIT, DIP = 0.55, 1.7, 0.75
# shape and fill say the same as the colour
SHAPES = {
    "reached_on_time": ("circle", BLUE, BLUE),
    "reached_late": ("circle", ORANGE, ORANGE),
    "late": ("triangle-up", "white", ORANGE),
    "missed": ("cross", ORANGE, ORANGE),
    "due": ("circle", "white", BLUE),
    "upcoming": ("circle", "white", GREY),
    "not_applicable": ("stroke", GREY, GREY),
}


@dataclass(frozen=True)
class Stop:
    """One milestone on the course; days count from the start of the path, and are None where no day is known."""

    place: int
    position: int
    label: str
    stage: str
    status: str
    is_value_moment: bool
    expected_day: int | None
    reached_day: int | None
    days_late: int | None
    times: int

    @property
    def is_reached(self) -> bool:
        return self.status in ("reached_on_time", "reached_late")


@dataclass(frozen=True)
class Course:
    """The stops of a path, the day on which the account rides, and two places along the course (0 is the start)."""

    stops: tuple[Stop, ...]
    today: int
    days_ahead: int
    rides_at: float
    expected_at: float

    @property
    def in_words(self) -> str:
        """Where the account is, in one sentence."""
        reached = sum(stop.is_reached for stop in self.stops)
        asked = sum(stop.status != "not_applicable" for stop in self.stops)
        return f"Day {self.today:,}: {words.ahead(self.days_ahead)}, {reached} of {asked} milestones reached"


def course_of(milestones: list[Row], today: Row, as_of: date) -> Course | None:
    """The course of a path; None where there are no milestones.

    Args:
        milestones: as `accounts.milestones` has them. Of what comes again with each renewal, the newest is shown.
        today: as `accounts.path_today` has it.
    """
    newest = {row["milestone"]: row for row in milestones}
    if not newest:
        return None
    start = min(row["path_starts_on"] for row in newest.values())
    stops = tuple(
        _stop(place, row, start)
        for place, row in enumerate(sorted(newest.values(), key=lambda row: row["position"]), start=1)
    )
    day = (as_of - start).days
    return Course(stops, day, today["days_ahead"], _rides_at(stops, today), _expected_at(stops, day))


def _stop(place: int, row: Row, start: date) -> Stop:
    return Stop(
        place,
        row["position"],
        row["label"],
        row["stage"],
        row["milestone_status"],
        row["is_value_moment"],
        (row["expected_on"] - start).days if row["expected_on"] else None,
        (row["reached_on"] - start).days if row["reached_on"] else None,
        row["days_late"],
        row["instance_number"],
    )


def _rides_at(stops: tuple[Stop, ...], today: Row) -> float:
    """Before the first late milestone, since nobody passes a summit unclimbed; else beyond the furthest reached."""
    late = [stop.place for stop in stops if stop.status == "late"]
    if today["days_ahead"] < 0 and late:
        return late[0] - 0.4
    reached = [stop.place for stop in stops if stop.is_reached]
    furthest = max(reached, default=0)
    return furthest if furthest == len(stops) else furthest + 0.25


def _expected_at(stops: tuple[Stop, ...], today: int) -> float:
    """Where the path expects an account today: between the milestones whose days lie before and after it."""
    place, day = 0.0, 0
    for stop in stops:
        if stop.expected_day is None:
            continue
        if stop.expected_day > today:
            return place + (stop.place - place) * (today - day) / max(stop.expected_day - day, 1)
        place, day = float(stop.place), max(stop.expected_day, day)
    return place


def profile(course: Course) -> alt.LayerChart:
    """The course as a chart over the whole width of a page."""
    heights = _heights(course.stops)
    line = [
        {"at": at, "height": _height(heights, at)}
        for at in [step / STEPS for step in range(0, (len(course.stops) + 1) * STEPS + 1)]
        if at <= len(course.stops) + 0.5
    ]
    x = alt.X("at:Q", scale=alt.Scale(domain=[0, len(course.stops) + 0.5], nice=False), axis=None)
    y = alt.Y("height:Q", scale=alt.Scale(domain=[0, max(heights) + 0.3], range=[GROUND, TOP]), axis=None)
    ridden = [point for point in line if point["at"] <= course.rides_at]
    ground = alt.Chart(alt.Data(values=line)).encode(x=x, y=y)
    done = alt.Chart(alt.Data(values=ridden)).encode(x=x, y=y)
    layers = [
        ground.mark_area(color="#e9edf1", line={"color": GREY, "strokeWidth": 1.2}),
        done.mark_area(color=PALE_BLUE, line={"color": BLUE, "strokeWidth": 2.2}),
        *_stages(course.stops, x),
        *_pace(course, heights, x, y),
        *_milestones(course.stops, heights, x, y),
    ]
    return alt.layer(*layers).properties(height=HEIGHT, padding={"left": 0, "right": 0, "top": 0, "bottom": 0})


def _heights(stops: tuple[Stop, ...]) -> list[float]:
    base = DIP
    heights = [base]
    for stop in stops:
        base += CLIMB
        heights.append(base + (SUMMIT if stop.is_value_moment else 0))
    return heights


def _height(heights: list[float], at: float) -> float:
    """The height of the course: a smooth climb to each milestone, with a dip between two of them."""
    before = min(int(at), len(heights) - 1)
    after = min(before + 1, len(heights) - 1)
    part = at - before
    if before == after:
        return heights[-1] - DIP * part
    smooth = (1 - math.cos(math.pi * part)) / 2
    return heights[before] * (1 - smooth) + heights[after] * smooth - DIP * math.sin(math.pi * part) ** 2


def _stages(stops: tuple[Stop, ...], x: alt.X) -> list[alt.Chart]:
    rows: list[dict[str, Any]] = []
    for stop in stops:
        if not rows or rows[-1]["stage"] != stop.stage:
            rows.append({"stage": stop.stage, "at": stop.place - 0.5 if rows else 0.0})
    chart = alt.Chart(alt.Data(values=[{**row, "name": row["stage"].replace("_", " ").capitalize()} for row in rows]))
    return [
        chart.mark_rule(color=LINE).encode(x=x, y=alt.YValue(0), y2=alt.Y2Value(GROUND)),
        chart.mark_text(align="left", dx=6, color=MUTED, fontSize=12).encode(x=x, y=alt.YValue(8), text="name:N"),
    ]


def _pace(course: Course, heights: list[float], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    expected = alt.Chart(alt.Data(values=[{"at": course.expected_at, "words": "expected today"}]))
    side = "right" if course.expected_at > len(course.stops) * 0.85 else "left"
    rider = {"at": course.rides_at, "height": _height(heights, course.rides_at), "words": _rider_in_words(course)}
    # words above the rider, but never beyond the edges of the chart
    share = course.rides_at / len(course.stops)
    place = "left" if share < 0.1 else "right" if share > 0.9 else "center"
    riding = alt.Chart(alt.Data(values=[rider])).encode(x=x, y=y)
    return [
        expected.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(x=x, y=alt.YValue(22), y2=alt.Y2Value(GROUND)),
        expected.mark_text(color=MUTED, fontSize=11, align=side, dx=5 if side == "left" else -5).encode(
            x=x, y=alt.YValue(27), text="words:N"
        ),
        riding.mark_point(shape="diamond", filled=True, size=260, color=INK, opacity=1, yOffset=-14),
        riding.mark_text(align=place, dy=-34, fontWeight="bold", fontSize=13, color=INK).encode(text="words:N"),
    ]


def _rider_in_words(course: Course) -> str:
    days = course.days_ahead
    if days == 0:
        return "on the path"
    return f"{words.counted(abs(days), 'day')} {'ahead' if days > 0 else 'behind'}"


def _milestones(stops: tuple[Stop, ...], heights: list[float], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    marks = [_mark(stop, heights) for stop in stops]
    points = (
        alt.Chart(alt.Data(values=marks))
        .mark_point(size=110, strokeWidth=2, opacity=1)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("stroke:N", scale=None),
            tooltip=[alt.Tooltip("whole:N", title="milestone"), alt.Tooltip("days:N")],
        )
    )
    below = alt.Chart(alt.Data(values=marks)).encode(x=x)
    name = below.mark_text(baseline="top", lineBreak="\n", fontSize=11.5, lineHeight=14, color=INK)
    days = below.mark_text(baseline="top", lineBreak="\n", fontSize=11.5, lineHeight=14, color=MUTED)
    return [
        points,
        name.encode(y=alt.YValue(GROUND + 8), text="name:N"),
        days.encode(
            y=alt.YValue(GROUND + 54),
            text="days:N",
            color=alt.Color("ink:N", scale=None),
        ),
    ]


def _mark(stop: Stop, heights: list[float]) -> dict[str, Any]:
    shape, fill, stroke = SHAPES[stop.status]
    lines = textwrap.wrap(stop.label, 17, max_lines=3, placeholder=" …")
    return {
        "at": stop.place,
        "height": heights[stop.place],
        "shape": shape,
        "fill": fill,
        "stroke": stroke,
        "whole": stop.label + (" (value moment)" if stop.is_value_moment else ""),
        "name": "\n".join(lines),
        "days": "\n".join(days_in_words(stop)),
        "ink": ORANGE if stop.status in ("late", "missed", "reached_late") else MUTED,
    }


def days_in_words(stop: Stop) -> list[str]:
    """The expected day and what really came, in two short lines."""
    if stop.status == "not_applicable":
        return ["not asked"]
    expected = "after the one before" if stop.expected_day is None else f"expected day {stop.expected_day:,}"
    if stop.reached_day is not None:
        lateness = stop.days_late or 0
        note = f", {lateness:,} late" if stop.status == "reached_late" else ""
        return [expected, f"reached day {max(stop.reached_day, 0):,}{note}"]
    if stop.status == "upcoming" or stop.days_late is None:
        return [expected, words.MILESTONE_STATUSES[stop.status]]
    return [expected, f"{words.MILESTONE_STATUSES[stop.status]}, {stop.days_late:,} past"]
