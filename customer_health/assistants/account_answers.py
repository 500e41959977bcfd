"""The shape of answers about one account.

Belongs here: fields with their units, as the output schema of a tool shows them.
Does not belong here: where a value comes from (account_tools.py).
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from customer_health.assistants.session import Source
from customer_health.assistants.words import OptionalText, Text


class Account(BaseModel):
    account_id: Text
    account_name: Text
    segment: OptionalText
    csm_id: OptionalText
    csm_name: OptionalText
    is_customer: bool
    last_customer_on: date | None = Field(description="Where it is no customer any more")
    tenure_days: int | None
    mrr_usd: float | None = Field(description="USD a month; null while it is not known")


class Driver(BaseModel):
    """One weighted metric's part in a score."""

    metric: Text
    label: Text
    component: Text
    motion: Text = Field(description="proactive or reactive: each side is half of a score")
    value: float | None
    in_words: Text = Field(description="The value with its unit, or why it is not known")
    value_status: Text
    points: float | None = Field(description="0 to 100")
    effective_weight: float | None = Field(description="Share of the score, 0 to 1")
    contribution: float | None = Field(description="Points that it brings; they sum to the score before rules")
    loss: float | None = Field(description="Points that it costs")


class Standing(BaseModel):
    """How an account stands on one scorecard."""

    scorecard: Text
    scorecard_version: int
    outcome: Text = Field(description="What the customer bought it for")
    is_primary: bool
    health_score: float | None = Field(description="0 to 100, one decimal; null where too little is known")
    score_status: Text
    grade: OptionalText = Field(description="The grade that is shown, a person's override included")
    grade_label: OptionalText
    grade_meaning: OptionalText
    grade_note: OptionalText
    override: OptionalText = Field(description="Who set another grade, why and until when")
    rule: OptionalText = Field(description="The rule that capped or lifted the score")
    score_coverage: float | None = Field(description="Share of the score's weights that is known, 0 to 1")
    confidence: OptionalText
    not_known: OptionalText
    change_28d_points: float | None
    main_cause_28d: OptionalText
    renewal_probability: float | None = Field(description="Share of accounts with this grade that stayed, 0 to 1")
    renewal_probability_low: float | None = Field(description="Lower end of its 95 % interval")
    renewal_probability_high: float | None
    next_step: OptionalText


class Explanation(BaseModel):
    """Why an account has its score."""

    account: Account
    standing: Standing | None = Field(description="Null for who is no customer today")
    health_score_before_rules: float | None
    drivers: list[Driver] = Field(description="All weighted metrics, the largest loss first, then what is not known")
    other_scorecards: list[Standing]
    source: Source


class Effect(BaseModel):
    """One part of a change."""

    effect: Text = Field(description="behaviour, peers, benchmark, coverage, configuration, rule, score_appeared, …")
    effect_in_words: Text
    metric: OptionalText
    label: OptionalText
    change_points: float


class Change(BaseModel):
    """What moved a score, split exactly."""

    account: Account
    scorecard: Text
    days_back: int
    from_day: date
    to_day: date
    score_then: float | None
    score_now: float | None
    change_points: float = Field(description="The sum of all effects, small ones included")
    effects: list[Effect] = Field(description="All that moved the score at all, the largest first")
    source: Source


class Milestone(BaseModel):
    milestone: Text
    label: Text
    stage: Text
    position: int
    is_value_moment: bool
    status: Text = Field(description="reached_on_time, reached_late, upcoming, due, late, missed, not_applicable")
    expected_on: date | None
    is_planned: bool = Field(description="The day was agreed with the customer")
    reached_on: date | None
    days_late: int | None = Field(description="Negative: early")
    evidence: Text = Field(description="What decides whether it is reached")
    evidence_value: float | None
    playbook: OptionalText


class Journey(BaseModel):
    """Where an account is on its path."""

    account: Account
    desired_outcome: Text
    stage: OptionalText
    days_ahead: int | None = Field(description="Negative: behind its path")
    milestones_reached: int | None
    milestones_due: int | None
    next_milestone: OptionalText
    next_expected_on: date | None
    milestones: list[Milestone] = Field(description="In the order of the path")
    total_milestones: int
    action: OptionalText = Field(description="What this week's work queue asks for, if the account is in it")
    other_outcomes: list[Text]
    source: Source
