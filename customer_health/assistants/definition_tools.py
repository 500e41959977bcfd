"""Tools that answer what names mean, whether the score works, and what is published.

Belongs here: definitions, accuracy and the state of the publication, in an answer and in sentences.
Does not belong here: the queries (reading/), the shape of answers (definition_answers.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated

from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult
from pydantic import Field

from customer_health.assistants.definition_answers import (
    Accuracy,
    DefinedMetric,
    DefinedScorecard,
    Definitions,
    Grade,
    GradeRate,
    MetricAccuracy,
    MetricDefinition,
    NamedMetric,
    Predictor,
    Publication,
    ScorecardVersion,
    State,
    Weight,
    WeightedMetric,
)
from customer_health.assistants.session import Session, cited
from customer_health.assistants.words import answer, quoted
from customer_health.reading import accuracy, book, definitions, words
from customer_health.reading.published import Row, Snapshot

MOST_PUBLICATIONS = 10


class DefinitionTools:
    """Each public method is a tool; its docstring is what an assistant reads about it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def accuracy(
        self,
        scorecard: Annotated[str, Field(description="Name of a scorecard, or all")] = "all",
        outcome: Annotated[str, Field(description="churned or contracted")] = "churned",
        horizon_days: Annotated[int, Field(description="30, 60, 90 or 180 days ahead")] = 90,
    ) -> Annotated[CallToolResult, Accuracy]:
        """Does the score work? How well it told who would leave, beside a generic score and chance on the same accounts
        and days, and how often the outcome followed on each grade."""
        snapshot = self._session.snapshot()
        rows = accuracy.predictors(snapshot, scorecard, outcome, horizon_days)
        if not rows:
            raise ToolError(_not_judged(snapshot, scorecard, outcome, horizon_days))
        found = Accuracy(
            scorecard=scorecard,
            outcome=outcome,
            horizon_days=horizon_days,
            first_month_on=rows[0]["first_month_on"],
            last_month_on=rows[0]["last_month_on"],
            predictors=[Predictor.model_validate(row) for row in rows],
            grades=[
                GradeRate.model_validate({**row, "grade": row["bin"]})
                for row in accuracy.grade_rates(snapshot, scorecard, outcome, horizon_days)
            ],
            source=self._session.source(snapshot, "validation.rpt_score_accuracy", "validation.rpt_score_calibration"),
        )
        return answer(found, [*_accuracy_lines(found), cited(found.source)])

    def define_metric(
        self, metric: Annotated[str, Field(description="Name or label of a metric; list_definitions has them")]
    ) -> Annotated[CallToolResult, DefinedMetric]:
        """What a metric is: facts, window, unit, why it is there, where it is weighed, how well it predicts alone."""
        snapshot = self._session.snapshot()
        rows = definitions.metrics(snapshot)
        row = _named("metric", metric, rows, ("metric", "label"))
        name = row["metric"]
        found = DefinedMetric(
            definition=MetricDefinition.model_validate(row),
            weights=[Weight.model_validate(weight) for weight in definitions.weighing(snapshot, name)],
            accuracy=[MetricAccuracy.model_validate(judged) for judged in accuracy.metric_accuracy(snapshot, name)],
            source=self._session.source(
                snapshot, "health.dim_metrics", "health.int_scorecard_weights", "validation.rpt_metric_accuracy"
            ),
        )
        return answer(found, [*_metric_lines(found), cited(found.source)])

    def define_scorecard(
        self,
        scorecard: Annotated[str, Field(description="Name of a scorecard")],
        version: Annotated[int | None, Field(description="Default: the one in force")] = None,
    ) -> Annotated[CallToolResult, DefinedScorecard]:
        """What a scorecard is for, what it weighs and why, since when, and when it is reviewed next."""
        snapshot = self._session.snapshot()
        rows = definitions.scorecards(snapshot)
        name = _named("scorecard", scorecard, rows, ("scorecard",))["scorecard"]
        versions = [row for row in rows if row["scorecard"] == name]
        chosen = [
            row for row in versions if row["scorecard_version"] == version or (not version and row["is_in_force"])
        ]
        if not chosen and version:
            offered = ", ".join(str(row["scorecard_version"]) for row in versions)
            raise ToolError(f"The scorecard {name} has no version {version}; it has {offered}.")
        row = next(iter(chosen), versions[0])
        found = DefinedScorecard(
            version=ScorecardVersion.model_validate(row),
            metrics=[
                WeightedMetric.model_validate(weight)
                for weight in definitions.weights(snapshot, name, row["scorecard_version"])
                if weight["weight"]
            ],
            other_versions=[ScorecardVersion.model_validate(other) for other in versions if other is not row],
            source=self._session.source(snapshot, "health.dim_scorecards", "health.int_scorecard_weights"),
        )
        return answer(found, [*_scorecard_lines(found), cited(found.source)])

    def list_definitions(self) -> Annotated[CallToolResult, Definitions]:
        """All grades with their meaning, all scorecards in force, and the names of all metrics."""
        snapshot = self._session.snapshot()
        found = Definitions(
            grades=[Grade.model_validate(row) for row in book.grades(snapshot)],
            scorecards=[
                ScorecardVersion.model_validate(row) for row in definitions.scorecards(snapshot) if row["is_in_force"]
            ],
            metrics=[NamedMetric.model_validate(row) for row in definitions.metrics(snapshot)],
            source=self._session.source(snapshot, "health.dim_grades", "health.dim_scorecards", "health.dim_metrics"),
        )
        lines = ["Grades:"]
        lines += [
            f"- {grade.grade} {quoted(grade.grade_label)} from {grade.min_score:g} points: {quoted(grade.meaning)}"
            for grade in found.grades
        ]
        lines += ["Scorecards in force:"]
        lines += [f"- {card.scorecard}: {quoted(card.outcome_label)}" for card in found.scorecards]
        lines += ["Metrics:", *(f"- {metric.metric}: {quoted(metric.label)}" for metric in found.metrics)]
        return answer(found, [*lines, cited(found.source)])

    def publication_state(self) -> Annotated[CallToolResult, State]:
        """What is published: as of which day, whether it is stale and why, what came before, how much can be seen."""
        snapshot = self._session.snapshot()
        rows = snapshot.rows("select * from quality.fct_publications order by published_at desc")
        counts = snapshot.row(
            "select count(*) as accounts, count(*) filter (where is_customer) as customers from health.dim_accounts"
        )
        whose = {"team": "the accounts of the team of ", "accounts": "the accounts of "}
        state = State(
            last_publications=[Publication.model_validate(row) for row in rows[:MOST_PUBLICATIONS]],
            total_publications=len(rows),
            sees=f"{whose[snapshot.reader.sees]}{snapshot.reader.csm_id}"
            if snapshot.reader.is_restricted
            else "everything",
            **(counts or {}),
            source=self._session.source(snapshot, "quality.fct_publications", "health.dim_accounts"),
        )
        return answer(state, [*_state_lines(state), cited(state.source)])


def _named(kind: str, said: str, rows: list[Row], columns: Iterable[str]) -> Row:
    names = {row[column].lower(): row for column in reversed(list(columns)) for row in reversed(rows)}
    row = names.get(said.strip().lower())
    if row is None:
        near = get_close_matches(said.strip().lower(), names, n=5)
        hint = (
            f" Near names: {', '.join(quoted(name) for name in near)}." if near else " list_definitions has them all."
        )
        raise ToolError(f"No {kind} is called {quoted(said)}.{hint}")
    return row


def _not_judged(snapshot: Snapshot, scorecard: str, outcome: str, horizon_days: int) -> str:
    judged = accuracy.judged(snapshot)
    if not judged:
        return "Nothing has been judged yet: there is no month end whose outcome is known by now."
    offered = "; ".join(f"{row['scorecard']} {row['outcome']} {row['horizon_days']}" for row in judged[:40])
    asked = f"{scorecard} {outcome} {horizon_days}"
    return f"Nothing has been judged for {quoted(asked)}. There is (scorecard, outcome, days ahead): {offered}."


def _accuracy_lines(found: Accuracy) -> list[str]:
    score = found.predictors[0]
    lines = [
        f"Scorecard {found.scorecard}, outcome {found.outcome} within {found.horizon_days} days, judged at month ends "
        f"from {found.first_month_on} to {found.last_month_on}: {words.counted(score.observations, 'observation')}, "
        f"{words.counted(score.accounts_with_outcome, 'account')} met the outcome.",
    ]
    for predictor in found.predictors:
        auc = "too little to tell" if predictor.auc is None else f"AUC {predictor.auc:.3f}"
        if predictor.auc_low is not None:
            auc += f" (95 % interval {predictor.auc_low:.3f} to {predictor.auc_high:.3f})"
        lines.append(f"- {predictor.predictor}: {auc}")
    if score.auc_minus_generic is not None:
        verdict = "beats" if score.beats_generic else "does not clearly beat"
        interval = (
            f" (95 % interval {score.auc_minus_generic_low:+.3f} to {score.auc_minus_generic_high:+.3f})"
            if score.auc_minus_generic_low is not None
            else ""
        )
        lines.append(f"The score {verdict} the generic one: {score.auc_minus_generic:+.3f}{interval}.")
    if score.warned_share is not None:
        lines.append(f"Of those who left, {words.share(score.warned_share)} were below healthy 60 to 90 days before.")
    lines += [
        f"- grade {row.grade}: {words.share(row.outcome_rate)} met the outcome ({row.events} of {row.observations})"
        for row in found.grades
    ]
    return lines


def _metric_lines(found: DefinedMetric) -> list[str]:
    metric = found.definition
    window = f" over {metric.window_days} days" if metric.window_days else ""
    per = f" per {metric.denominator_measure}" if metric.denominator_measure else ""
    lines = [
        f"{metric.metric} {quoted(metric.label)}: {metric.aggregation} of {metric.measure}{per}{window}; "
        f"{metric.indicator_type}, {metric.motion}, {metric.direction}.",
        f"Why: {quoted(metric.rationale)}.",
        *(f"- weighs {weight.weight:g} of 100 in {weight.scorecard}" for weight in found.weights),
    ]
    if not found.weights:
        lines.append("No scorecard in force weighs it (a shadow metric).")
    for judged in found.accuracy:
        auc = "too little to tell" if judged.auc is None else f"AUC {judged.auc:.3f}"
        lines.append(f"- alone, {judged.horizon_days} days ahead: {auc}, {judged.verdict or 'no verdict'}")
    return lines


def _scorecard_lines(found: DefinedScorecard) -> list[str]:
    version = found.version
    until = f" until {version.effective_to}" if version.effective_to else ""
    return [
        f"{version.scorecard}, version {version.scorecard_version}, for {quoted(version.outcome_label)}: "
        f"{version.status}, in force from {version.effective_from}{until}; next review on {version.next_review_on}.",
        f"Why: {quoted(version.rationale)}.",
        *(f"- {metric.weight:g} of 100: {quoted(metric.label)} ({metric.motion})" for metric in found.metrics),
    ]


def _state_lines(state: State) -> list[str]:
    source = state.source
    stale = (
        f"It is stale: {quoted(source.stale_because)}." if source.is_stale else "It is the newest that should be here."
    )
    return [
        f"Published on {source.published_at:%Y-%m-%d %H:%M} UTC, as of {source.as_of}. {stale}",
        f"You see {state.sees}: {words.counted(state.accounts, 'account')}, {state.customers:,} of them customers.",
        *(
            f"- {row.published_at:%Y-%m-%d %H:%M} as of {row.as_of_date}: {row.status}"
            + (f" ({quoted(row.reason)})" if row.reason else "")
            for row in state.last_publications
        ),
    ]
