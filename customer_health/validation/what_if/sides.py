"""What the two sides of a score sum up to under another configuration: weighed anew, or by what differs.

Weighing all points of all history is most of a what-if. But a sum is linear in weights and in points: where few metrics
of a version are touched, the sums of the build, less what these metrics brought there, plus what they bring now, are
the new sums, and nothing else has to be read.

Belongs here: which versions are summed in which way, and what the model is given to read for it.
Does not belong here: the sums (models/intermediate/scores/int_score_sides.sql), the scores made of them (rescoring.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import duckdb

MODEL = "int_score_sides"
ASSIGNMENTS = "intermediate.int_scorecard_assignments"
WEIGHTS = "intermediate.int_scorecard_weights"
POINTS = "health.fct_metric_points"
SUMS = tuple(
    f"{side}_{what}"
    for side in ("proactive", "reactive")
    for what in ("applicable_weight", "earned_weight", "weighted_points")
)
KEY = ("account_id", "date_day", "scorecard", "scorecard_version")


def make_sides(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, str], metrics: Collection[str], everything: bool
) -> None:
    """Make intermediate.int_score_sides of the versions in edited.versions.

    Args:
        connection: with the build attached as `build`, and assignments, weights and points of the edited configuration.
        models: SQL by model.
        metrics: those whose points may differ from the build's.
        everything: weigh all versions anew.
    """
    connection.execute(
        f"""
        create table edited.touched as
        select
            scorecard,
            scorecard_version,
            metric,
            motion,
            coalesce(new.weight, 0) as weight,
            coalesce(old.weight, 0) as weight_before,
            metric in (select unnest($metrics)) as has_other_points
        from {WEIGHTS} as new
        full join build.{WEIGHTS} as old using (scorecard, scorecard_version, metric, motion)
        where (scorecard, scorecard_version) in (from edited.versions)
            and (has_other_points or coalesce(new.weight, 0) <> coalesce(old.weight, 0))
        """,
        {"metrics": list(metrics)},
    )
    # other points are read twice, those of the build and the new ones
    connection.execute(
        f"""
        create table edited.versions_by_difference as
        with assignments as (
            (from {ASSIGNMENTS} except from build.{ASSIGNMENTS})
            union all
            (from build.{ASSIGNMENTS} except from {ASSIGNMENTS})
        ),
        reading as (
            select scorecard, scorecard_version, sum(case when has_other_points then 2 else 1 end) as metrics_read
            from edited.touched
            group by 1, 2
        ),
        whole as (
            select scorecard, scorecard_version, count(*) as metrics_weighed from {WEIGHTS} group by 1, 2
        )
        select versions.*
        from edited.versions as versions
        inner join whole using (scorecard, scorecard_version)
        left join reading using (scorecard, scorecard_version)
        where not $everything
            and versions.scorecard not in (select scorecard from assignments)
            and 2 * coalesce(reading.metrics_read, 0) <= whole.metrics_weighed
        """,
        {"everything": everything},
    )
    anew = _sums(
        models,
        f"select * from {ASSIGNMENTS} where (scorecard, scorecard_version) in"
        " (from edited.versions except from edited.versions_by_difference)",
        WEIGHTS,
        POINTS,
    )
    moves = _moves(connection, models)
    added = ", ".join(f"{_added([f'stored.{name}', *(f'{move}.{name}' for move in moves)])} as {name}" for name in SUMS)
    kept = ", ".join(f"stored.{name}" for name in (*KEY, "desired_outcome", "is_primary"))
    joins = " ".join(f"left join edited.{move} as {move} using ({', '.join(KEY)})" for move in moves)
    connection.execute(
        f"create view intermediate.{MODEL} as {anew} union all by name"
        f" select {kept}, {added} from (from build.intermediate.int_scores"
        f" where (scorecard, scorecard_version) in (from edited.versions_by_difference)) as stored {joins}"
    )


def _moves(connection: duckdb.DuckDBPyConnection, models: Mapping[str, str]) -> list[str]:
    """Tables in `edited`: by how much the touched metrics move the sums of versions that are summed by difference."""
    made = []
    for name, weight, which, points in (
        ("reweighed", "weight - weight_before", "not has_other_points", f"build.{POINTS}"),
        ("taken_away", "-weight_before", "has_other_points", f"build.{POINTS}"),
        ("put_in_place", "weight", "has_other_points", POINTS),
    ):
        weights = (
            f"select scorecard, scorecard_version, metric, motion, {weight} as weight from edited.touched"
            f" where {which} and (scorecard, scorecard_version) in (from edited.versions_by_difference)"
        )
        if connection.execute(weights).fetchone():
            read = f"from {points} where metric in (select metric from ({weights}))"
            summed = _sums(models, ASSIGNMENTS, weights, read)
            connection.execute(f"create table edited.{name} as select {', '.join((*KEY, *SUMS))} from {summed}")
            made.append(name)
    return made


def _added(parts: Sequence[str]) -> str:
    """In trillionths, as the model sums: so the sums do not depend on the order of their parts here either."""
    return f"({' + '.join(f'round(1e12 * coalesce({part}, 0))' for part in parts)}) / 1e12"


def _sums(models: Mapping[str, str], assignments: str, weights: str, points: str) -> str:
    """The SQL of the model over other inputs, each a table or a query."""
    sql = models[MODEL]
    for name, instead in ((ASSIGNMENTS, assignments), (WEIGHTS, weights), (POINTS, points)):
        schema, table = name.split(".")
        compiled = f'"memory"."{schema}"."{table}"'
        if compiled not in sql:
            raise RuntimeError(f"{MODEL} does not read {name} any more: tell {__name__}")
        sql = sql.replace(compiled, instead if instead == name else f"({instead})")
    return f"({sql})"
