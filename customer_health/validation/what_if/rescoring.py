"""Score all history by another configuration, in memory, from the values that a build file holds.

The models appear under their own names in a database in memory; what an edit cannot change is read of the build file,
attached as `build`. Only what an edit reaches is computed: points of metrics whose benchmark differs,
scores of scorecards whose weights, points, rules or accounts differ. The other scores are those of the build.

Belongs here: which parts an edit reaches, and where rows of the build stand in for a model's own.
Does not belong here: the SQL of the models (formulas.py), their order (in_memory.py), how points are weighed
(sides.py), what is edited (edits.py), the comparison (difference.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from customer_health.core.sql import quote_texts, read_sql
from customer_health.validation.what_if.edits import SCORES as EDITS_OF_SCORES
from customer_health.validation.what_if.edits import Edit
from customer_health.validation.what_if.formulas import Formula
from customer_health.validation.what_if.in_memory import InMemory
from customer_health.validation.what_if.sides import ASSIGNMENTS, POINTS, WEIGHTS, sides_in_place

# models that rows of the build stand in for, as a whole or in part, and those that are asked for by name
RANGE = "int_scoring_range"
BENCHMARKS = "int_benchmarks_in_force"
VALUES = "int_metrics__unioned"
SCORES_BEFORE_RULES = "int_scores"
SCORES = "int_health_scores"
DRIVERS = "int_score_drivers"
OBSERVED = "int_observed_scores"
PREDICTIONS = "int_predictions"
PAIRS = "int_score_outcome_pairs"
ACCURACY = "int_score_accuracy"
# vars by what they decide
BASELINE_VARS = {"baseline_days", "baseline_min_days"}
COVERAGE_VARS = {"min_side_coverage", "scored_min_coverage", "provisional_min_coverage"}
CONFIRMATION_VARS = {"grade_confirm_days"}
# what the questions look at (difference.py, int_predictions), and what shows that a rebuild would say the same
SCORE_COLUMNS = (
    "account_id, date_day, scorecard, scorecard_version, is_primary, health_score, score_status, rule_applied,"
    " raw_grade, grade, override_grade"
)
# what score_accuracy compares every predictor with; here the scores of before take that place
BEFORE = "generic"
# the outcome that a what-if judges by; others are left to the nightly report
JUDGED_BY = "churned"


@dataclass(frozen=True)
class Reached:
    """What was computed anew: metrics whose points, scorecards whose scores."""

    metrics: tuple[str, ...]
    scorecards: tuple[str, ...]


def rescore(
    connection: duckdb.DuckDBPyConnection,
    formulas: Mapping[str, Formula],
    edits: Sequence[Edit],
    everything: bool = False,
) -> Reached:
    """Make after.scores and after.drivers of the tables in `configuration`.

    Args:
        connection: in memory, with the build file attached as `build` and the edited seeds in `configuration`.
        formulas: models by name.
        edits: how they differ from what the build was made of.
        everything: compute all scorecards, whether or not an edit reaches them.
    """
    models = InMemory(connection, formulas)
    models.create_schemas()
    # points are computed for all days, wherever the last build began
    models.place(RANGE, "select date '1900-01-01' as points_from_on, date '1900-01-01' as scores_from_on")
    for name in (ASSIGNMENTS, WEIGHTS, BENCHMARKS):
        models.make(name)
    metrics = _metrics_reached(models, edits)
    versions = _versions_reached(models, edits, metrics, everything)
    scorecards = _scorecards_reached(models, edits, metrics, versions)
    _points(models, metrics)
    _scores(models, metrics, scorecards, versions, everything)
    connection.execute(
        f"create view after.scores as from {models.relation(SCORES)};"
        f" create view after.drivers as from {models.relation(DRIVERS)}"
    )
    return Reached(metrics, scorecards)


def predictions_of_scores(models: InMemory) -> str:
    """A query of what the scores now in memory foretold. What they are compared with is that of the build."""
    models.place(OBSERVED, f"select * from {models.sql(OBSERVED)}")
    return f"select * from {models.sql(PREDICTIONS)} where predictor = 'scorecard'"


def judge(connection: duckdb.DuckDBPyConnection, formulas: Mapping[str, Formula]) -> None:
    """Make after.accuracy of the scores, those in before.predictions beside them under the name BEFORE.

    So before and after are judged by one model in one pass, and its difference between a predictor and the generic one
    becomes the difference that the edit makes, account by account.
    """
    models = InMemory(connection, formulas)
    connection.execute(
        f"create table edited.predictions as {predictions_of_scores(models)}"
        f" union all select * replace ('{BEFORE}' as predictor) from before.predictions"
    )
    models.place(PREDICTIONS, "from edited.predictions")
    models.make(PAIRS, f"where outcome = '{JUDGED_BY}'")
    models.make(ACCURACY)
    connection.execute(f"create view after.accuracy as from {models.relation(ACCURACY)}")


def _metrics_reached(models: InMemory, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Metrics whose points may differ, of those that a score or a rule looks at."""
    turned = [edit.key for edit in edits if (edit.seed, edit.column) == ("metrics", "direction")]
    baselines_edited = any(edit.seed == "vars" and edit.key in BASELINE_VARS for edit in edits)
    found = models.connection.execute(
        read_sql(
            __file__,
            "metrics_reached",
            benchmarks=models.relation(BENCHMARKS),
            weights=models.relation(WEIGHTS),
        ),
        {"turned": turned, "baselines_edited": baselines_edited},
    ).fetchall()
    return tuple(metric for (metric,) in found)


def _versions_reached(
    models: InMemory, edits: Sequence[Edit], metrics: Collection[str], everything: bool
) -> tuple[tuple[str, int], ...]:
    """Versions of scorecards of which a score before rules may differ, those that are gone included."""
    everywhere = everything or any(edit.seed == "vars" and edit.key in COVERAGE_VARS for edit in edits)
    found = models.connection.execute(
        read_sql(
            __file__,
            "versions_reached",
            assignments=models.relation(ASSIGNMENTS),
            weights=models.relation(WEIGHTS),
        ),
        {"metrics": list(metrics), "everywhere": everywhere},
    ).fetchall()
    return tuple((scorecard, version) for scorecard, version in found)


def _scorecards_reached(
    models: InMemory,
    edits: Sequence[Edit],
    metrics: Collection[str],
    versions: Collection[tuple[str, int]],
) -> tuple[str, ...]:
    """Scorecards of which a score or a grade may differ: those of the versions, and those that a rule reaches."""
    everywhere = any(
        edit.seed == "grades" or (edit.seed == "vars" and edit.key in CONFIRMATION_VARS)
        for edit in edits
        if edit.reach == EDITS_OF_SCORES
    )
    found = models.connection.execute(
        read_sql(__file__, "scorecards_reached", assignments=models.relation(ASSIGNMENTS)),
        {
            "metrics": list(metrics),
            "weighed_anew": [scorecard for scorecard, _ in versions],
            "everywhere": everywhere,
        },
    ).fetchall()
    return tuple(scorecard for (scorecard,) in found)


def _points(models: InMemory, metrics: Sequence[str]) -> None:
    """Points of all metrics: those of the build, and the edited ones computed anew from the stored values."""
    stored = f"build.{models.relation(POINTS)}"
    if not metrics:
        models.place(POINTS, f"select * from {stored}")
        return
    edited = quote_texts(metrics)
    models.place(VALUES, f"select * from build.{models.relation(VALUES)} where metric in ({edited})")
    models.make_inputs(POINTS)
    models.connection.execute(f"create table edited.metric_points as {models.formulas[POINTS].sql}")
    models.place(
        POINTS,
        f"select * from {stored} where metric not in ({edited}) union all by name select * from edited.metric_points",
    )


def _scores(
    models: InMemory,
    metrics: Sequence[str],
    scorecards: Sequence[str],
    versions: Sequence[tuple[str, int]],
    everything: bool,
) -> None:
    """Scores: those of the build, and those of the reached scorecards computed anew.

    Points are weighed for the reached versions only (sides.py). What comes after it looks back over the days of other
    versions, so it is computed for the whole of a reached scorecard.
    """
    connection = models.connection
    connection.execute("create table edited.scorecards (scorecard varchar)")
    connection.execute("create table edited.versions (scorecard varchar, scorecard_version integer)")
    if scorecards:
        connection.executemany("insert into edited.scorecards values (?)", [[scorecard] for scorecard in scorecards])
    if versions:
        connection.executemany("insert into edited.versions values (?, ?)", versions)
    with sides_in_place(models, metrics, everything):
        # this is the largest table of a what-if: without what no model after it reads
        connection.execute(
            "create table edited.weighted_scores as select * exclude (desired_outcome, proactive_share, reactive_share)"
            f" from {models.sql(SCORES_BEFORE_RULES)}"
        )
    models.place(
        SCORES_BEFORE_RULES,
        f"select * from build.{models.relation(SCORES_BEFORE_RULES)} where scorecard in (from edited.scorecards)"
        " and (scorecard, scorecard_version) not in (select (scorecard, scorecard_version) from edited.versions)"
        " union all by name select * from edited.weighted_scores",
    )
    models.make(DRIVERS)
    models.make_inputs(SCORES)
    connection.execute(f"create table edited.scores as select {SCORE_COLUMNS} from {models.sql(SCORES)}")
    models.place(
        SCORES,
        f"select {SCORE_COLUMNS} from build.{models.relation(SCORES)} where scorecard not in (from edited.scorecards)"
        f" union all select {SCORE_COLUMNS} from edited.scores",
    )
