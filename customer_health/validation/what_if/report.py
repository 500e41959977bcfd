"""What an answer says, as a page for people: on a terminal, or in a pull request.

Belongs here: wording, what stands first.
Does not belong here: what is compared (difference.py), layout (validation/page.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from customer_health.validation.page import Page
from customer_health.validation.what_if.answer import Answer
from customer_health.validation.what_if.difference import Accuracy, GradeShare, Move, ScorecardChange

ACCOUNTS_NAMED = 50
EDITS_NAMED = 40
NONE = "–"
AREA_AND_LIFT = (
    "The area is the chance that somebody who left had the lower score (0.5 is luck); the lift is how many times more"
    " of the lowest tenth left than of all. A difference without limits rests on too few who left, or on other"
    " days."
)


def page(answer: Answer) -> Page:
    """The conclusion first, then what it rests on."""
    found = Page(f"What if: {answer.config}")
    for sentence in conclusion(answer):
        found.say(sentence)
    if answer.warnings:
        found.heading("To think about")
        found.list(answer.warnings)
    found.heading("Edits")
    found.list(edits(answer))
    if answer.is_same:
        return found
    found.heading("Scorecards")
    found.table(*scorecard_table(answer.scorecards))
    found.heading(f"Grades on {answer.as_of}")
    found.table(*grade_table(answer.grades))
    found.heading("Accounts changing grade")
    if len(answer.moves) > ACCOUNTS_NAMED:
        found.say(f"The {ACCOUNTS_NAMED} with the most MRR, of {len(answer.moves):,}.")
    if answer.moves:
        found.table(*move_table(answer.moves[:ACCOUNTS_NAMED]))
    else:
        found.say("None on the last day.")
    found.heading("Does it tell better who leaves?")
    found.say(AREA_AND_LIFT if answer.accuracies else "Nothing has been observed yet that could tell.")
    if answer.accuracies:
        found.table(*accuracy_table(answer.accuracies))
    return found


def conclusion(answer: Answer) -> list[str]:
    """The answer in two or three sentences."""
    asked = f"Compared with {answer.against}, as of {answer.as_of}."
    if answer.is_same:
        return [asked, "No score and no grade changes on any day."]
    changed = [change.scorecard for change in answer.scorecards if change.days_changed or change.days_regraded]
    accounts = sum(share.accounts_before for share in answer.grades)
    mrr = sum(move.mrr_usd for move in answer.moves)
    scorecards = "1 scorecard" if len(changed) == 1 else f"{len(changed)} scorecards"
    return [
        asked,
        f"{scorecards} would score or grade differently: {', '.join(changed)}."
        f" {len(answer.moves):,} of {accounts:,} accounts would have another grade today, with {mrr:,.0f} USD of MRR.",
    ]


def edits(answer: Answer) -> list[str]:
    """Each difference between the two configurations, in a line."""
    if not answer.edits:
        return ["None: files and vars are equal."]
    said = [str(edit) for edit in answer.edits[:EDITS_NAMED]]
    more = len(answer.edits) - len(said)
    return [*said, f"and {more} more"] if more else said


def scorecard_table(changes: Sequence[ScorecardChange]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: how much of each scorecard's history changes."""
    head = ["scorecard", "scored days", "with another score", "with another grade", "from", "mean change", "today"]
    return head, [
        [
            change.scorecard,
            f"{change.days:,}",
            f"{change.days_changed:,}",
            f"{change.days_regraded:,}",
            str(change.first_changed_on or NONE),
            _number(change.mean_change, 2),
            _number(change.mean_change_today, 2),
        ]
        for change in changes
    ]


def grade_table(shares: Sequence[GradeShare]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: the book by grade, before and after."""
    head = ["grade", "accounts before", "after", "MRR before, USD", "after, USD", "moved, USD"]
    return head, [
        [
            share.grade,
            f"{share.accounts_before:,}",
            f"{share.accounts_after:,}",
            f"{share.mrr_before_usd:,.0f}",
            f"{share.mrr_after_usd:,.0f}",
            f"{share.mrr_after_usd - share.mrr_before_usd:+,.0f}",
        ]
        for share in shares
    ]


def move_table(moves: Sequence[Move]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: accounts by name, from which grade to which, and why."""
    head = ["account", "CSM", "MRR, USD", "grade", "score", "why"]
    return head, [
        [
            f"{move.account_name} ({move.account_id})",
            move.csm_name,
            f"{move.mrr_usd:,.0f}",
            f"{move.grade_before or 'none'} → {move.grade_after or 'none'}",
            f"from {_number(move.score_before, 1)} to {_number(move.score_after, 1)}",
            move.why,
        ]
        for move in moves
    ]


def accuracy_table(accuracies: Sequence[Accuracy]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: how well those who left were told, before and after."""
    head = ["scorecard", "within days", "who left", "area before", "after", "difference (95%)", "lift before", "after"]
    return head, [
        [
            one.scorecard,
            str(one.horizon_days),
            str(one.departures),
            _number(one.area_before, 3),
            _number(one.area_after, 3),
            _difference(one),
            _number(one.lift_before, 2),
            _number(one.lift_after, 2),
        ]
        for one in accuracies
    ]


def _difference(one: Accuracy) -> str:
    if one.difference is None:
        return NONE
    limits = "" if one.difference_low is None else f" ({_signed(one.difference_low)} to {_signed(one.difference_high)})"
    return f"{_signed(one.difference)}{limits}"


def _signed(difference: float) -> str:
    """What is nothing but the order of a sum has no sign."""
    return f"{round(difference, 3) + 0.0:+.3f}"


def _number(value: float | None, decimals: int) -> str:
    return NONE if value is None else f"{value:.{decimals}f}"
