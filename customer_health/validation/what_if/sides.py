"""What the two sides of a score sum up to under another configuration: weighed anew, or by what differs.

Weighing all points of all history is most of a what-if. But a sum is linear in weights and in points: where few metrics
of a version are touched, the sums of the build, less what these metrics brought there, plus what they bring now, are
the new sums, and nothing else has to be read.

Belongs here: which versions are summed in which way, and what the model is given to read for it.
Does not belong here: the sums (int_score_sides.sql), the scores made of them (rescoring.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from customer_health.core.sql import read_sql
from customer_health.validation.what_if.in_memory import InMemory

SIDES = "int_score_sides"
STORED_SIDES = "int_scores"
ASSIGNMENTS = "int_scorecard_assignments"
WEIGHTS = "int_scorecard_weights"
POINTS = "int_metric_points"
SUMS = tuple(
    f"{side}_{what}"
    for side in ("proactive", "reactive")
    for what in ("applicable_weight", "earned_weight", "weighted_points")
)
KEY = ("account_id", "date_day", "scorecard", "scorecard_version")


@contextmanager
def sides_in_place(models: InMemory, metrics: Collection[str], everything: bool) -> Iterator[None]:
    """Put the sums of the versions in edited.versions in their place, for as long as they are read.

    Args:
        models: with assignments, weights and points of the edited configuration in their places.
        metrics: those whose points may differ from the build's.
        everything: weigh all versions anew.
    """
    assignments, weights = models.relation(ASSIGNMENTS), models.relation(WEIGHTS)
    models.connection.execute(read_sql(__file__, "touched", weights=weights), {"metrics": list(metrics)})
    models.connection.execute(
        read_sql(__file__, "versions_by_difference", assignments=assignments, weights=weights),
        {"everything": everything},
    )
    moves = _moves(models)
    added = ", ".join(f"{_added([f'stored.{name}', *(f'{move}.{name}' for move in moves)])} as {name}" for name in SUMS)
    kept = ", ".join(f"stored.{name}" for name in (*KEY, "desired_outcome", "is_primary"))
    joins = " ".join(f"left join edited.{move} as {move} using ({', '.join(KEY)})" for move in moves)
    weighed_anew = (
        f"select * from {models.rows(ASSIGNMENTS)} where (scorecard, scorecard_version) in"
        " (from edited.versions except from edited.versions_by_difference)"
    )
    with models.placed({ASSIGNMENTS: weighed_anew}):
        models.place(
            SIDES,
            f"select * from {models.sql(SIDES)} union all by name"
            f" select {kept}, {added} from (from build.{models.relation(STORED_SIDES)}"
            f" where (scorecard, scorecard_version) in (from edited.versions_by_difference)) as stored {joins}",
        )
        yield


def _moves(models: InMemory) -> list[str]:
    """Tables in `edited`: by how much the touched metrics move the sums of versions that are summed by difference."""
    stored, now = f"build.{models.relation(POINTS)}", models.rows(POINTS)
    made = []
    for name, weight, which, points in (
        ("reweighed", "weight - weight_before", "not has_other_points", stored),
        ("taken_away", "-weight_before", "has_other_points", stored),
        ("put_in_place", "weight", "has_other_points", now),
    ):
        weights = (
            f"select scorecard, scorecard_version, metric, motion, {weight} as weight from edited.touched"
            f" where {which} and (scorecard, scorecard_version) in (from edited.versions_by_difference)"
        )
        if models.connection.execute(weights).fetchone():
            read = f"select * from {points} where metric in (select metric from ({weights}))"
            with models.placed({WEIGHTS: weights, POINTS: read}):
                models.connection.execute(
                    f"create table edited.{name} as select {', '.join((*KEY, *SUMS))} from {models.sql(SIDES)}"
                )
            made.append(name)
    return made


def _added(parts: Sequence[str]) -> str:
    """In trillionths, as the model sums: so the sums do not depend on the order of their parts here either."""
    return f"({' + '.join(f'round(1e12 * coalesce({part}, 0))' for part in parts)}) / 1e12"
