"""The shape of answers about what names mean, whether the score works, and what is published.

Belongs here: fields with their units, as the output schema of a tool shows them.
Does not belong here: where a value comes from (definition_tools.py).
"""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field

from customer_health.assistants.session import Source
from customer_health.assistants.words import OptionalText, Text


class Predictor(BaseModel):
    """How well something told who would leave."""

    predictor: Text = Field(description="scorecard, or what it must beat: generic (logins, tickets, NPS), usage, …")
    observations: int
    events: int
    accounts_with_outcome: int
    base_rate: float = Field(description="Share of observations with the outcome")
    auc: float | None = Field(description="0.5 is chance, 1 is perfect")
    auc_low: float | None = Field(description="Lower end of the 95 % interval, clustered by account")
    auc_high: float | None
    lowest_tenth_lift: float | None = Field(description="How much denser the outcome is in the lowest tenth of scores")
    red_precision: float | None = Field(description="Share of red accounts that met the outcome")
    red_multiple: float | None
    warned_share: float | None = Field(
        description="Share of those who left that were below healthy 60 to 90 days before"
    )
    auc_minus_generic: float | None
    auc_minus_generic_low: float | None
    auc_minus_generic_high: float | None
    beats_generic: bool | None


class GradeRate(BaseModel):
    grade: Text
    observations: int
    events: int
    outcome_rate: float
    outcome_rate_low: float | None = Field(description="Lower end of the 95 % interval")
    outcome_rate_high: float | None


class Accuracy(BaseModel):
    """What the score said, beside what came."""

    scorecard: Text = Field(description="all: the headline scores of the whole book")
    outcome: Text
    horizon_days: int
    first_month_on: date | None
    last_month_on: date | None
    predictors: list[Predictor] = Field(description="The score first, then what it must beat, on the same days")
    grades: list[GradeRate] = Field(description="How often the outcome followed on each grade, the best grade first")
    source: Source


class Weight(BaseModel):
    scorecard: Text
    scorecard_version: int
    component: Text
    weight: float = Field(description="Of 100")


class MetricAccuracy(BaseModel):
    horizon_days: int
    events: int
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    verdict: OptionalText


class MetricDefinition(BaseModel):
    metric: Text
    label: Text
    domain: Text
    indicator_type: Text = Field(description="leading or lagging: a claim that validation tests")
    motion: Text
    direction: Text
    unit: OptionalText
    measure: Text
    denominator_measure: OptionalText
    aggregation: Text
    window_days: int | None
    min_history_days: int | None
    max_age_days: int | None
    source: OptionalText = Field(description="System that the facts come from; of the metric, not of this answer")
    is_shadow: bool = Field(description="Computed and watched, but in no score")
    rationale: OptionalText


class DefinedMetric(BaseModel):
    definition: MetricDefinition
    weights: list[Weight] = Field(description="In the scorecards in force")
    accuracy: list[MetricAccuracy] = Field(description="How well it alone told who would leave, by horizon")
    source: Source


class ScorecardVersion(BaseModel):
    scorecard: Text
    scorecard_version: int
    desired_outcome: Text
    outcome_label: OptionalText
    segment: OptionalText
    status: Text
    effective_from: date
    effective_to: date | None
    is_in_force: bool
    leading_share: float | None
    next_review_on: date | None
    is_review_overdue: bool | None
    rationale: OptionalText


class WeightedMetric(BaseModel):
    metric: Text
    label: OptionalText
    component: Text
    motion: Text
    weight: float = Field(description="Of 100; shadow metrics are not listed")


class DefinedScorecard(BaseModel):
    version: ScorecardVersion
    metrics: list[WeightedMetric] = Field(description="The heaviest first")
    other_versions: list[ScorecardVersion]
    source: Source


class Grade(BaseModel):
    grade: Text
    grade_label: Text
    min_score: float
    meaning: Text
    playbook: OptionalText


class NamedMetric(BaseModel):
    metric: Text
    label: Text
    domain: Text
    is_shadow: bool


class Definitions(BaseModel):
    """Everything that has a definition, by name."""

    grades: list[Grade] = Field(description="The best first")
    scorecards: list[ScorecardVersion] = Field(description="In force today")
    metrics: list[NamedMetric]
    source: Source


class Publication(BaseModel):
    publication_id: Text
    status: Text = Field(description="published, held (readers kept the one before) or rolled_back")
    published_at: datetime
    as_of_date: date
    reason: OptionalText
    gate_checks: int | None
    gate_failures: int | None
    gate_warnings: int | None
    restated_scores: int | None = Field(description="Scores of earlier days that were said differently from then on")


class State(BaseModel):
    """What is published, and whether it is the newest that should be."""

    last_publications: list[Publication] = Field(description="The newest first")
    total_publications: int
    sees: Text = Field(description="everything, the accounts of a team, or the accounts of a CSM")
    accounts: int = Field(description="Accounts that can be seen, customers and others")
    customers: int
    source: Source
