"""The shape of answers about many accounts.

Belongs here: fields with their units, as the output schema of a tool shows them.
Does not belong here: where a value comes from (book_tools.py).
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from customer_health.assistants.session import Source
from customer_health.assistants.words import OptionalText, Text


class Listed(BaseModel):
    """A list that may be longer than what is returned of it."""

    total: int = Field(description="How many there are")
    returned: int = Field(description="How many of them are in this answer, from the beginning")
    source: Source


class AccountLine(BaseModel):
    account_id: Text
    account_name: Text
    segment: OptionalText
    csm_name: OptionalText
    mrr_usd: float | None = Field(description="USD a month; null while it is not known")
    scorecard: Text
    health_score: float | None = Field(description="0 to 100; null where too little is known")
    shown_grade: OptionalText = Field(description="A person's override included")
    grade_label: OptionalText
    change_28d_points: float | None
    is_fast_drop: bool | None
    main_cause_28d: OptionalText


class AccountList(Listed):
    total_mrr_usd: float = Field(description="Of all that answer the description, USD a month")
    accounts: list[AccountLine]


class Intervention(BaseModel):
    """A healthy account that is off its path."""

    priority: int
    account_id: Text
    account_name: Text
    csm_name: OptionalText
    outcome_label: Text
    health_score: float | None
    grade: OptionalText
    milestone: Text
    milestone_label: Text
    expected_on: date | None
    days_late: int
    norm_median_days: float | None = Field(description="Days that renewed customers took to it")
    mrr_at_stake_usd: float | None
    playbook_label: OptionalText
    action: OptionalText
    hours: float | None


class InterventionList(Listed):
    interventions: list[Intervention]


class QueueEntry(BaseModel):
    """The next value moment of an account, in the queue of its CSM."""

    csm_id: OptionalText
    csm_name: OptionalText
    queue_position: int
    account_id: Text
    account_name: Text
    mrr_usd: float | None
    shown_grade: OptionalText
    health_score: float | None
    milestone: Text
    milestone_label: Text
    milestone_status: Text
    expected_on: date | None
    days_past_expected: int | None
    playbook_label: OptionalText
    action: OptionalText
    hours: float | None
    hours_so_far: float | None = Field(description="With all entries before it")
    weekly_hours: float | None = Field(description="That this CSM has")


class Queue(Listed):
    entries: list[QueueEntry]


class Renewal(BaseModel):
    account_id: Text
    account_name: Text
    csm_name: OptionalText
    term_ends_on: date
    renews_in_days: int
    renewal_status: Text
    products: OptionalText
    mrr_due_usd: float | None
    health_score: float | None
    shown_grade: OptionalText
    grade_label: OptionalText
    change_28d_points: float | None
    driver_down_1: OptionalText = Field(description="What costs the score most")
    next_step: OptionalText


class RenewalList(Listed):
    total_mrr_due_usd: float = Field(description="Of all that are due, USD a month")
    renewals: list[Renewal]
