"""Score all history by another configuration, in memory, from the values that a build file holds.

The tables of the models appear under their own names in a database in memory; what an edit cannot change is a view of
the build file, attached as `build`. Only what an edit reaches is computed: points of metrics whose benchmark differs,
scores of scorecards whose weights, points, rules or accounts differ. The other scores are those of the build.

Belongs here: which parts an edit reaches, and the order in which the models run.
Does not belong here: their SQL (formulas.py), how points are weighed (sides.py), what is edited (edits.py), the
comparison (difference.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from customer_health.validation.what_if.edits import SCORES, Edit
from customer_health.validation.what_if.sides import make_sides

FROM_BUILD = (
    "intermediate.int_account_changes",
    "intermediate.int_challenger_predictions",
    "intermediate.int_month_end_points",
    "intermediate.int_outcome_observations",
    "intermediate.int_override_periods",
)
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
    models: Mapping[str, str],
    edits: Sequence[Edit],
    everything: bool = False,
) -> Reached:
    """Make health.fct_health_scores and health.fct_score_drivers of the tables in `configuration`.

    Args:
        connection: in memory, with the build file attached as `build` and the edited seeds in `configuration`.
        models: SQL by model.
        edits: how they differ from what the build was made of.
        everything: compute all scorecards, whether or not an edit reaches them.
    """
    run = _Models(connection, models)
    connection.execute(
        "create schema intermediate; create schema health; create schema validation; create schema edited"
    )
    for name in FROM_BUILD:
        connection.execute(f"create view {name} as select * from build.{name}")
    # points are computed for all days, wherever the last build began
    connection.execute(
        "create table intermediate.int_scoring_range as select"
        " date '1900-01-01' as points_from_on, date '1900-01-01' as scores_from_on"
    )
    run.table("intermediate.int_scorecard_assignments")
    run.table("intermediate.int_scorecard_weights")
    run.table("intermediate.int_benchmark_curves")
    run.table("intermediate.int_benchmarks_in_force")
    metrics = _metrics_reached(connection, edits)
    versions = _versions_reached(connection, edits, metrics, everything)
    scorecards = _scorecards_reached(connection, edits, metrics, versions)
    _points(run, metrics)
    _scores(run, metrics, scorecards, versions, everything)
    return Reached(metrics, scorecards)


def judge(connection: duckdb.DuckDBPyConnection, models: Mapping[str, str]) -> None:
    """Make validation.rpt_score_accuracy of the scores, those in before.predictions beside them under the name BEFORE.

    So before and after are judged by one model in one pass, and its difference between a predictor and the generic one
    becomes the difference that the edit makes, account by account.
    """
    run = _Models(connection, models)
    connection.execute(
        "create table intermediate.int_predictions as"
        f" select * from ({models['int_predictions']}) where predictor = 'scorecard'"
        f" union all select * replace ('{BEFORE}' as predictor) from before.predictions"
    )
    run.table("validation.fct_score_outcome_pairs", f"where outcome = '{JUDGED_BY}'")
    run.table("intermediate.int_grade_rates")
    run.table("intermediate.int_predictor_areas")
    run.table("intermediate.int_predictor_counts")
    run.table("validation.rpt_score_accuracy")


class _Models:
    """Runs models by name."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, str]) -> None:
        self.connection = connection
        self.models = models

    def table(self, name: str, where: str = "") -> None:
        self._create("table", name, where)

    def view(self, name: str) -> None:
        self._create("view", name, "")

    def _create(self, kind: str, name: str, where: str) -> None:
        sql = self.models[name.split(".")[1]]
        self.connection.execute(f"create {kind} {name} as select * from ({sql}) {where}")


def _metrics_reached(connection: duckdb.DuckDBPyConnection, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Metrics whose points may differ, of those that a score or a rule looks at."""
    ranked = "select metric from configuration.benchmarks where method = 'peer_percentile'"
    own_past = "select metric from configuration.benchmarks where method = 'own_baseline'"
    turned = [edit.key for edit in edits if (edit.seed, edit.column) == ("metrics", "direction")]
    baselines_edited = any(edit.seed == "vars" and edit.key in BASELINE_VARS for edit in edits)
    found = connection.execute(
        f"""
        with differing as (
            (from intermediate.int_benchmarks_in_force except from build.intermediate.int_benchmarks_in_force)
            union all
            (from build.intermediate.int_benchmarks_in_force except from intermediate.int_benchmarks_in_force)
        ),
        reached as (
            select metric from differing
            union
            select metric from ({ranked}) where metric in (select unnest($turned))
            union
            select metric from ({own_past}) where $baselines_edited
        )
        select metric from reached
        where metric in (select metric from intermediate.int_scorecard_weights)
            or metric in (select metric from configuration.score_rules)
        order by 1
        """,
        {"turned": turned, "baselines_edited": baselines_edited},
    ).fetchall()
    return tuple(metric for (metric,) in found)


def _versions_reached(
    connection: duckdb.DuckDBPyConnection, edits: Sequence[Edit], metrics: Collection[str], everything: bool
) -> tuple[tuple[str, int], ...]:
    """Versions of scorecards of which a score before rules may differ, those that are gone included."""
    everywhere = everything or any(edit.seed == "vars" and edit.key in COVERAGE_VARS for edit in edits)
    found = connection.execute(
        """
        with weights as (
            (from intermediate.int_scorecard_weights except from build.intermediate.int_scorecard_weights)
            union all
            (from build.intermediate.int_scorecard_weights except from intermediate.int_scorecard_weights)
            union all
            from intermediate.int_scorecard_weights where metric in (select unnest($metrics))
        ),
        assignments as (
            (from intermediate.int_scorecard_assignments except from build.intermediate.int_scorecard_assignments)
            union all
            (from build.intermediate.int_scorecard_assignments except from intermediate.int_scorecard_assignments)
        ),
        scoring as (
            select scorecard, scorecard_version from intermediate.int_scorecard_assignments
            union
            select scorecard, scorecard_version from build.intermediate.int_scorecard_assignments
        )
        from scoring
        where $everywhere
            or (scorecard, scorecard_version) in (select (scorecard, scorecard_version) from weights)
            or scorecard in (select scorecard from assignments)
        order by all
        """,
        {"metrics": list(metrics), "everywhere": everywhere},
    ).fetchall()
    return tuple((scorecard, version) for scorecard, version in found)


def _scorecards_reached(
    connection: duckdb.DuckDBPyConnection,
    edits: Sequence[Edit],
    metrics: Collection[str],
    versions: Collection[tuple[str, int]],
) -> tuple[str, ...]:
    """Scorecards of which a score or a grade may differ: those of the versions, and those that a rule reaches."""
    everywhere = any(
        edit.seed == "grades" or (edit.seed == "vars" and edit.key in CONFIRMATION_VARS)
        for edit in edits
        if edit.reach == SCORES
    )
    found = connection.execute(
        """
        with rules as (
            (from configuration.score_rules except from build.configuration.score_rules)
            union all
            (from build.configuration.score_rules except from configuration.score_rules)
            union all
            from configuration.score_rules where metric in (select unnest($metrics))
        ),
        scoring as (
            select scorecard from intermediate.int_scorecard_assignments
            union
            select scorecard from build.intermediate.int_scorecard_assignments
        )
        select scorecard from scoring
        where $everywhere
            or scorecard in (select unnest($weighed_anew))
            or scorecard in (select scorecard from rules)
            or 'all' in (select scorecard from rules)
        order by 1
        """,
        {
            "metrics": list(metrics),
            "weighed_anew": [scorecard for scorecard, _ in versions],
            "everywhere": everywhere,
        },
    ).fetchall()
    return tuple(scorecard for (scorecard,) in found)


def _points(run: _Models, metrics: Sequence[str]) -> None:
    """health.fct_metric_points: those of the build, and the edited ones computed anew from the stored values."""
    if not metrics:
        run.connection.execute("create view health.fct_metric_points as select * from build.health.fct_metric_points")
        return
    edited = ", ".join("'" + metric.replace("'", "''") + "'" for metric in metrics)
    run.connection.execute(
        "create view intermediate.int_metrics__unioned as"
        f" select * from build.intermediate.int_metrics where metric in ({edited})"
        f" union all select * from build.intermediate.int_journey_metrics where metric in ({edited})"
    )
    for name in (
        "int_metric_benchmarks",
        "int_points__fixed",
        "int_points__baseline",
        "int_peer_groups",
        "int_points__peers",
    ):
        run.view(f"intermediate.{name}")
    run.connection.execute(f"create table edited.metric_points as {run.models['fct_metric_points']}")
    run.connection.execute(
        "create view health.fct_metric_points as"
        f" select * from build.health.fct_metric_points where metric not in ({edited})"
        " union all by name select * from edited.metric_points"
    )


def _scores(
    run: _Models,
    metrics: Sequence[str],
    scorecards: Sequence[str],
    versions: Sequence[tuple[str, int]],
    everything: bool,
) -> None:
    """health.fct_health_scores: those of the build, and those of the reached scorecards computed anew.

    Points are weighed for the reached versions only (sides.py). What comes after it looks back over the days of other
    versions, so it is computed for the whole of a reached scorecard.
    """
    connection = run.connection
    connection.execute("create table edited.scorecards (scorecard varchar)")
    connection.execute("create table edited.versions (scorecard varchar, scorecard_version integer)")
    if scorecards:
        connection.executemany("insert into edited.scorecards values (?)", [[scorecard] for scorecard in scorecards])
    if versions:
        connection.executemany("insert into edited.versions values (?, ?)", versions)
    make_sides(connection, run.models, metrics, everything)
    # this is the largest table of a what-if: without what no model after it reads
    connection.execute(
        "create table edited.weighted_scores as select * exclude (desired_outcome, proactive_share, reactive_share)"
        f" from ({run.models['int_scores']})"
    )
    connection.execute(
        "create view intermediate.int_scores as"
        " select * from build.intermediate.int_scores where scorecard in (from edited.scorecards)"
        " and (scorecard, scorecard_version) not in (select (scorecard, scorecard_version) from edited.versions)"
        " union all by name select * from edited.weighted_scores"
    )
    run.view("intermediate.int_score_rule_hits")
    run.view("intermediate.int_ruled_scores")
    run.view("intermediate.int_grade_periods")
    run.table("intermediate.int_confirmed_grades")
    run.view("health.fct_score_drivers")
    connection.execute(f"create table edited.scores as select {SCORE_COLUMNS} from ({run.models['fct_health_scores']})")
    connection.execute(
        f"create view health.fct_health_scores as select {SCORE_COLUMNS} from build.health.fct_health_scores"
        " where scorecard not in (from edited.scorecards)"
        f" union all select {SCORE_COLUMNS} from edited.scores"
    )
