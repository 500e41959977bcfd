"""What a digest is made of, before it has a look: figures, sections, items.

Belongs here: the shapes, and items that both kinds of digest have (a moved score, a renewal, a step to take).
Does not belong here: what is asked (reading/), which sections a reader gets (csm.py, lead.py), HTML or Markdown.

All text is plain: whoever renders it escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from customer_health.reading import words
from customer_health.reading.published import Row

# a page is read in a few minutes; what is not shown is counted
SHOWN = 10


@dataclass(frozen=True)
class Grade:
    """A grade as letter, word and colour (#RRGGBB); nothing known is a letter of –."""

    letter: str
    label: str
    colour: str | None


@dataclass(frozen=True)
class Figure:
    """A number, what it is, and what it means."""

    label: str
    value: str
    note: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Item:
    """One account (or CSM) of a section.

    Attributes:
        about: its name.
        grade: its grade today, if it has a place here.
        amount: one number, such as the money at stake.
        facts: short sentences.
        action: what to do, in one sentence.
    """

    about: str
    grade: Grade | None = None
    amount: str = ""
    facts: tuple[str, ...] = ()
    action: str = ""


@dataclass(frozen=True)
class Section:
    """Items under a heading. `total` counts those that are not shown, too; `empty` is said where there are none."""

    title: str
    note: str
    empty: str
    items: tuple[Item, ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.items)


@dataclass(frozen=True)
class Digest:
    """One page. `stale` says why it does not show the newest scores, and is empty if it does."""

    whose: str
    lead: str
    as_of: date
    published_at: datetime
    publication_id: str
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    stale: str = ""


Grades = Mapping[str, Grade]


def known_grades(rows: Sequence[Row]) -> Grades:
    """Grades by their letter, from reading.book.grades."""
    return {row["grade"]: Grade(row["grade"], row["grade_label"], row["colour"]) for row in rows}


def grade_named(grades: Grades, letter: str | None) -> Grade:
    return grades.get(letter or "", Grade(letter or "–", letter or "No score", None))


def section(title: str, note: str, empty: str, items: Sequence[Item], shown: int = SHOWN) -> Section:
    """A section that shows the first items and counts all."""
    return Section(title, note, empty, tuple(items[:shown]), len(items))


def score_moved(row: Row, grades: Grades, with_csm: bool = False) -> Item:
    """A row of reading.week.moves."""
    before, now = row["grade_before"], row["grade_now"]
    if before and now and before != now:
        head = f"Grade {before} to {now}"
    elif now and not before:
        head = f"Has a score now: {now}"
    elif before and not now:
        head = f"Was {before}, and has no score now"
    else:
        head = f"Still {now}"
    if row["change_points"] is not None:
        moved = words.signed(row["change_points"])
        head += f", {'the score stays at' if moved == '0.0' else f'{moved} points to'} {row['score_now']:.0f}"
    return Item(
        row["account_name"],
        grade_named(grades, row["shown_grade"]),
        words.usd(row["mrr_usd"]),
        _sentences(head, _cause(row, went_down(row, grades)), _whose(row) if with_csm else ""),
        row["next_step"] if went_down(row, grades) else "",
    )


def went_down(row: Row, grades: Grades) -> bool:
    """Whether a moved score is worse than it was: by its grade where that changed, else by its points."""
    before, now = row["grade_before"], row["grade_now"]
    if before == now:
        return (row["change_points"] or 0) < 0
    if not before or not now:
        return not now
    order = list(grades)
    return before in grades and now in grades and order.index(now) > order.index(before)


def early_step(row: Row, grades: Grades, with_csm: bool = False) -> Item:
    """A row of reading.book.early_interventions."""
    late = f"expected on {day(row['expected_on'])}, {words.counted(row['days_late'], 'day')} late"
    facts = (f"{row['milestone_label']}: {late}", _whose(row) if with_csm else "")
    action = f"{row['action']} ({row['hours']:g} h)"
    return Item(
        row["account_name"],
        grade_named(grades, row["grade"]),
        words.usd(row["mrr_at_stake_usd"]),
        _sentences(*facts),
        action,
    )


def renewal(row: Row, grades: Grades, with_csm: bool = False) -> Item:
    """A row of reading.sales.renewals."""
    days = row["renews_in_days"]
    when = f"in {words.counted(days, 'day')}" if days > 0 else "today" if days == 0 else f"{-days} days ago"
    chance = row["renewal_probability"]
    odds = (
        "too few have left so far to say how likely it is"
        if chance is None
        else f"{words.share(chance)} of customers with this grade stayed"
    )
    return Item(
        row["account_name"],
        grade_named(grades, row["shown_grade"]),
        words.usd(row["mrr_due_usd"]),
        _sentences(
            f"{day(row['term_ends_on'])}, {when}: {row['renewal_status']}", odds, _whose(row) if with_csm else ""
        ),
    )


def win(row: Row) -> Item:
    """A row of reading.week.wins."""
    what = {"value": row["label"] or "", "renewed": "renewed", "expanded": "pays more than before"}[row["kind"]]
    return Item(row["account_name"], None, words.usd(row["mrr_usd"]), (f"{what}, {day(row['happened_on'])}",))


def pulse_due(row: Row) -> Item:
    """A row of reading.week.pulses_due."""
    why = (
        f"the last judgement is older than {row['max_age_days']} days"
        if row["value_status"] == "stale"
        else "nobody has judged this relationship yet"
    )
    return Item(row["account_name"], None, words.usd(row["mrr_usd"]), (why,))


def day(value: date) -> str:
    """3 July 2026"""
    return f"{value.day} {value:%B %Y}"


def _cause(row: Row, is_down: bool) -> str:
    if row["cause_effect"] is None:
        return ""
    if row["change_points"] is not None and (row["change_points"] < 0) != is_down:
        # a grade is confirmed by days that hold it, so it may turn when the score has turned back
        return "The grade follows a move of the days before"
    effect = words.EFFECTS.get(row["cause_effect"], row["cause_effect"])
    named = row["cause_label"] or effect
    if row["cause_label"] and row["cause_effect"] != "behaviour":
        named = f"{named} ({effect})"
    return f"Mainly: {named}, {words.signed(row['cause_points'])}"


def _whose(row: Row) -> str:
    return f"With {row['csm_name']}" if row["csm_name"] and row["csm_name"] != "none" else "With nobody"


def _sentences(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in parts if part)
