"""Tools that answer about many accounts.

Belongs here: lists, cut to what an assistant asked for, with their totals.
Does not belong here: the queries (reading/book.py, reading/search.py), the shape of answers (book_answers.py).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from customer_health.assistants.book_answers import (
    AccountLine,
    AccountList,
    Intervention,
    InterventionList,
    Listed,
    Queue,
    QueueEntry,
    Renewal,
    RenewalList,
)
from customer_health.assistants.session import Session, cited
from customer_health.assistants.words import answer, quoted
from customer_health.reading import book, search, words
from customer_health.reading.published import Row, Snapshot

MOST_ROWS = 100
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="At most so many rows; the total is always told")]
Csm = Annotated[str | None, Field(description="Id or name of a CSM; default: all accounts that can be seen")]
Line = TypeVar("Line", bound=BaseModel)
Order = Literal["lowest_score", "highest_score", "largest_mrr", "largest_drop", "name"]


class BookTools:
    """Each public method is a tool; its docstring is what an assistant reads about it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find_accounts(
        self,
        words_of_name: Annotated[str | None, Field(description="Part of a name or an id")] = None,
        csm: Csm = None,
        grade: Annotated[str | None, Field(description="A grade as it is shown, such as D")] = None,
        segment: str | None = None,
        order: Order = "lowest_score",
        limit: Limit = 20,
    ) -> Annotated[CallToolResult, AccountList]:
        """Today's customers that answer a description, with score and grade; without any, the whole book."""
        snapshot = self._session.snapshot()
        rows = search.matching(snapshot, words_of_name, _csm_id(snapshot, csm), grade, segment, order)
        found = AccountList(
            **_counts(rows, limit),
            total_mrr_usd=sum(row["mrr_usd"] or 0 for row in rows),
            accounts=_lines(AccountLine, rows[:limit]),
            source=self._session.source(snapshot, "health.rpt_account_health_current"),
        )
        lines = [f"{words.counted(found.total, 'account')}, {words.usd(found.total_mrr_usd)} a month together."]
        for account in found.accounts:
            lines.append(
                f"- {account.account_id} {quoted(account.account_name)}: "
                f"{_score(account.health_score, account.shown_grade)}, {words.usd(account.mrr_usd)}"
            )
        return _answer(found, lines)

    def early_interventions(self, csm: Csm = None, limit: Limit = 20) -> Annotated[CallToolResult, InterventionList]:
        """Accounts that look healthy but are off their path, the most worth saving first, each with what to do."""
        snapshot = self._session.snapshot()
        rows = book.early_interventions(snapshot, _csm_id(snapshot, csm))
        found = InterventionList(
            **_counts(rows, limit),
            interventions=_lines(Intervention, rows[:limit]),
            source=self._session.source(snapshot, "journey.rpt_early_interventions"),
        )
        lines = [f"{words.counted(found.total, 'healthy account')} off the path."]
        for row in found.interventions:
            lines.append(
                f"- {row.priority}. {row.account_id} {quoted(row.account_name)}: {quoted(row.milestone_label)} is "
                f"{words.counted(row.days_late, 'day')} late, {words.usd(row.mrr_at_stake_usd)} a month at stake; "
                f"{quoted(row.playbook_label)}: {quoted(row.action)}"
            )
        return _answer(found, lines)

    def work_queue(self, csm: Csm = None, limit: Limit = 20) -> Annotated[CallToolResult, Queue]:
        """What each CSM can do this week within their hours: the next value moment of their accounts, in order."""
        snapshot = self._session.snapshot()
        rows = book.work_queue(snapshot, _csm_id(snapshot, csm))
        queue = Queue(
            **_counts(rows, limit),
            entries=_lines(QueueEntry, rows[:limit]),
            source=self._session.source(snapshot, "journey.rpt_work_queue", "health.rpt_account_health_current"),
        )
        lines = [f"{words.counted(queue.total, 'step')} in the queue of this week."]
        for entry in queue.entries:
            lines.append(
                f"- {quoted(entry.csm_name or entry.csm_id)} {entry.queue_position}. {entry.account_id} "
                f"{quoted(entry.account_name)}: {quoted(entry.milestone_label)} ({_status(entry)}, expected on "
                f"{entry.expected_on}); {quoted(entry.playbook_label)}: {quoted(entry.action)}, {entry.hours:g} hours"
            )
        return _answer(queue, lines)

    def renewals_due(
        self,
        csm: Csm = None,
        within_days: Annotated[int | None, Field(ge=0, description="Default: all that the mart holds")] = None,
        limit: Limit = 20,
    ) -> Annotated[CallToolResult, RenewalList]:
        """Contracts whose terms end soon, the nearest first, with the account's score and what costs it most."""
        snapshot = self._session.snapshot()
        rows = book.renewals_due(snapshot, _csm_id(snapshot, csm), within_days)
        found = RenewalList(
            **_counts(rows, limit),
            total_mrr_due_usd=sum(row["mrr_due_usd"] or 0 for row in rows),
            renewals=_lines(Renewal, rows[:limit]),
            source=self._session.source(snapshot, "health.rpt_renewals_due"),
        )
        lines = [f"{words.counted(found.total, 'renewal')} due, {words.usd(found.total_mrr_due_usd)} a month together."]
        for row in found.renewals:
            lines.append(
                f"- {row.account_id} {quoted(row.account_name)}: {row.term_ends_on} ({row.renewal_status}), "
                f"{words.usd(row.mrr_due_usd)}, {_score(row.health_score, row.shown_grade)}"
            )
        return _answer(found, lines)


def _csm_id(snapshot: Snapshot, said: str | None) -> str | None:
    if said is None:
        return None
    csm_id = search.csm_id_of(snapshot, said)
    if csm_id is None:
        known = "; ".join(f"{row['csm_id']} {quoted(row['csm_name'])}" for row in book.csms(snapshot)[:30])
        raise ToolError(f"No CSM that can be seen here answers to {quoted(said)}. There are: {known or 'none'}.")
    return csm_id


def _lines(shape: type[Line], rows: list[Row]) -> list[Line]:
    return [shape.model_validate(row) for row in rows]


def _status(entry: QueueEntry) -> str:
    return words.MILESTONE_STATUSES.get(entry.milestone_status, entry.milestone_status)


def _score(score: float | None, grade: str | None) -> str:
    return "no score" if score is None else f"{score:.1f} of 100, grade {grade or 'none'}"


def _counts(rows: list[Row], limit: int) -> dict[str, int]:
    return {"total": len(rows), "returned": len(rows[:limit])}


def _answer(found: Listed, lines: list[str]) -> CallToolResult:
    left_out = found.total - found.returned
    if left_out:
        lines = [*lines, f"{left_out:,} more are left out; ask with a higher limit or more narrowly."]
    return answer(found, [*lines, cited(found.source)])
