"""The lead's week: the book, each CSM's part of it, what moved most, where money is in doubt.

Belongs here: which sections the lead gets, and in which order.
Does not belong here: questions (reading/), a CSM's page (csm.py).
"""

from __future__ import annotations

from customer_health.digest import content
from customer_health.digest.content import Digest, Item
from customer_health.digest.csm import figures
from customer_health.reading import book, sales, week, words
from customer_health.reading.published import Row, Snapshot


def lead_digest(snapshot: Snapshot, stale: str = "") -> Digest:
    """The page of whoever leads all CSMs.

    Args:
        snapshot: as somebody may see it who sees everything.
        stale: why the newest scores are not shown, if they are not.
    """
    grades = content.known_grades(book.grades(snapshot))
    totals = book.totals(snapshot)
    moves = week.moves(snapshot)
    down = [row for row in moves if content.went_down(row, grades)]
    up = [row for row in moves if not content.went_down(row, grades)]
    early = book.early_interventions(snapshot)
    renewals = sales.renewals(snapshot)
    # the most money in doubt first; what cannot be judged comes after that, by its size
    doubtful = sorted(renewals, key=lambda row: (-(row["value_at_risk_usd"] or 0), -(row["mrr_due_usd"] or 0)))
    in_doubt = sum(row["value_at_risk_usd"] or 0 for row in renewals)
    lead = (
        f"{words.counted(len(down), 'score')} went down and {len(up)} up; "
        f"{words.counted(totals['customers_at_risk'], 'customer')} at risk; "
        f"{words.counted(len(early), 'healthy account')} off the path."
    )
    sections = (
        content.section(
            "Went down",
            f"A lower grade, or {week.BIG_MOVE_POINTS:g} points and more within a week; the most money first",
            "No score fell by much.",
            [content.score_moved(row, grades, with_csm=True) for row in down],
        ),
        content.section(
            "Healthy, but off the path",
            "The most worth saving first",
            "All healthy accounts are where they should be.",
            [content.early_step(row, grades, with_csm=True) for row in early],
        ),
        content.section(
            "Each book",
            "The most money at risk first",
            "Nobody has an account.",
            _books(snapshot),
            shown=50,
        ),
        content.section(
            "Renewals",
            f"{words.usd(sum(row['mrr_due_usd'] or 0 for row in renewals))} a month is due, of which "
            f"{words.usd(in_doubt)} may be expected to go; the most in doubt first",
            "None is due.",
            [content.renewal(row, grades, with_csm=True) for row in doubtful],
        ),
        content.section(
            "Went up",
            "The most money first",
            "No score rose by much.",
            [content.score_moved(row, grades, with_csm=True) for row in up],
            shown=5,
        ),
        content.section(
            "Reached",
            "Values, renewals and growth of the week",
            "Nothing this week.",
            [content.win(row) for row in week.wins(snapshot)],
        ),
    )
    return Digest(
        whose="all accounts",
        lead=lead,
        as_of=snapshot.as_of,
        published_at=snapshot.published_at,
        publication_id=snapshot.publication_id,
        figures=figures(totals),
        sections=sections,
        stale=stale,
    )


def _books(snapshot: Snapshot) -> list[Item]:
    queue = book.work_queue(snapshot)
    pulses = week.pulses_due(snapshot)
    return [_book(row, queue, pulses) for row in book.csm_portfolios(snapshot) if row["customers"]]


def _book(row: Row, queue: list[Row], pulses: list[Row]) -> Item:
    steps = [step for step in queue if step["csm_id"] == row["csm_id"]]
    judgements = sum(pulse["csm_id"] == row["csm_id"] for pulse in pulses)
    money = (
        f"{words.counted(row['customers'], 'account')} with {words.usd(row['mrr_usd'])} a month: "
        f"{row['customers_at_risk']} at risk, {words.counted(row['fast_drops'], 'fast drop')}, "
        f"{row['renewals_at_risk']} of {words.counted(row['renewals_due'], 'renewal')} at risk"
    )
    hours = sum(step["hours"] for step in steps)
    work = ""
    if steps:
        work = (
            f"{words.counted(len(steps), 'step')} this week, {hours:g} of {steps[0]['hours_asked']:g} hours asked for"
        )
    judge = f"{words.counted(judgements, 'relationship')} to be judged" if judgements else ""
    facts = [money, "; ".join(part for part in (work, judge) if part)]
    name = row["csm_name"] if row["csm_id"] else "Without a CSM"
    return Item(name, None, f"{words.usd(row['mrr_at_risk_usd'])} at risk", tuple(fact for fact in facts if fact))
