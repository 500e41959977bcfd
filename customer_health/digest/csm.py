"""A CSM's week: what changed, who is off the path, what to do, what is coming.

Belongs here: which sections a CSM gets, and in which order.
Does not belong here: questions (reading/), the lead's page (lead.py).
"""

from __future__ import annotations

from customer_health.digest import content
from customer_health.digest.content import Digest, Figure, Item, Section
from customer_health.reading import book, sales, week, words
from customer_health.reading.published import Row, Snapshot

RENEWALS_WITHIN_DAYS = 45


def csm_digest(snapshot: Snapshot, csm: Row, stale: str = "") -> Digest:
    """The page of one CSM.

    Args:
        snapshot: as this CSM may see it, so that nobody else's account can be on it.
        csm: a row of reading.book.csms.
        stale: why the newest scores are not shown, if they are not.
    """
    csm_id = csm["csm_id"]
    grades = content.known_grades(book.grades(snapshot))
    totals = book.totals(snapshot, csm_id)
    moves = week.moves(snapshot, csm_id)
    queue = book.work_queue(snapshot, csm_id)
    early = book.early_interventions(snapshot, csm_id)
    down = [row for row in moves if content.went_down(row, grades)]
    up = [row for row in moves if not content.went_down(row, grades)]
    due = sales.renewals(snapshot, csm_id, RENEWALS_WITHIN_DAYS)
    hours = sum(row["hours"] for row in queue)
    lead = (
        f"{words.counted(len(down), 'score')} went down and {len(up)} up; "
        f"{words.counted(len(early), 'healthy account')} off the path; "
        f"{words.counted(len(queue), 'step')} for this week."
    )
    sections = (
        content.section(
            "Went down",
            f"A lower grade, or {week.BIG_MOVE_POINTS:g} points and more within a week",
            "No score fell by much.",
            [content.score_moved(row, grades) for row in down],
        ),
        content.section(
            "Healthy, but off the path",
            "Help these early: nothing hurts yet",
            "All healthy accounts are where they should be.",
            [content.early_step(row, grades) for row in early],
        ),
        _this_week(queue, grades, hours, csm["weekly_hours"]),
        content.section(
            "Renewals",
            f"Within {RENEWALS_WITHIN_DAYS} days, or past and unsigned",
            "None is due.",
            [content.renewal(row, grades) for row in due],
        ),
        content.section(
            "Judge these relationships",
            "Your own judgement counts in the score while it is fresh",
            "All judgements are fresh.",
            [content.pulse_due(row) for row in week.pulses_due(snapshot, csm_id)],
        ),
        content.section("Went up", "", "No score rose by much.", [content.score_moved(row, grades) for row in up]),
        content.section(
            "Reached",
            "Values, renewals and growth of the week",
            "Nothing this week.",
            [content.win(row) for row in week.wins(snapshot, csm_id)],
        ),
    )
    return Digest(
        whose=csm["csm_name"] or csm_id,
        lead=lead,
        as_of=snapshot.as_of,
        published_at=snapshot.published_at,
        publication_id=snapshot.publication_id,
        figures=figures(totals),
        sections=sections,
        stale=stale,
    )


def figures(totals: Row) -> tuple[Figure, ...]:
    """The book in four numbers, from reading.book.totals."""
    at_risk = totals["customers_at_risk"]
    average = totals["average_score"]
    return (
        Figure("Accounts", f"{totals['customers']:,}", f"{totals['scored_customers']:,} with a score"),
        Figure(
            "Revenue a month",
            words.usd(totals["mrr_usd"]),
            f"{words.usd(totals['renewals_due_mrr_usd'])} due for renewal",
        ),
        Figure("At risk", f"{at_risk:,}", f"{words.usd(totals['mrr_at_risk_usd'])} a month", at_risk > 0),
        Figure("Average score", "–" if average is None else f"{average:.0f}", "of 100"),
    )


def _this_week(queue: list[Row], grades: content.Grades, hours: float, weekly_hours: float | None) -> Section:
    available = f" of your {weekly_hours:g}" if weekly_hours else ""
    asked = queue[0]["hours_asked"] if queue else 0
    rest = f"; everything that is due would take {asked:g}" if asked > hours else ""
    items = [
        Item(
            row["account_name"],
            content.grade_named(grades, row["shown_grade"]),
            f"{row['hours']:g} h",
            (f"{row['milestone_label']}: expected on {content.day(row['expected_on'])}",),
            row["action"],
        )
        for row in queue
    ]
    # what fits into the week is the week: nothing of it is left out
    note = f"{hours:g} hours{available}{rest}" if queue else ""
    return content.section("This week", note, "Nothing waits.", items, shown=len(items))
