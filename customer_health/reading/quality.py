"""Questions about the data beneath the scores, and about what was published.

Belongs here: typed functions over the quality marts that more than one of dashboard, digest and assistants ask.
Does not belong here: what makes a publication stale (publication/status.py), whether the score works
(accuracy.py).
"""

from __future__ import annotations

from customer_health.core.sql import read_sql
from customer_health.reading.published import Row, Snapshot


def findings(snapshot: Snapshot) -> list[Row]:
    """What somebody should know, errors first: rows of quality.fct_quality_findings, which may name anybody."""
    return snapshot.rows(
        "select * from quality.fct_quality_findings "
        "order by list_position(['error', 'warn', 'info'], severity), finding, found_on desc, entity, detail"
    )


def conservation(snapshot: Snapshot) -> list[Row]:
    """What became of the rows of each raw table, the largest first: rows of quality.fct_row_conservation."""
    return snapshot.rows("select * from quality.fct_row_conservation order by raw_rows desc, raw_table")


def gaps(snapshot: Snapshot) -> list[Row]:
    """What is not known and what it costs the scores, the dearest first: rows of quality.rpt_instrumentation_gaps."""
    return snapshot.rows(
        "select * from quality.rpt_instrumentation_gaps order by weight_unscored desc, measure, value_status"
    )


def registry(snapshot: Snapshot) -> list[Row]:
    """Metrics as declared and as observed, what disagrees first: rows of quality.fct_metric_registry of metrics."""
    return snapshot.rows(
        """
        select * from quality.fct_metric_registry
        where metric is not null
        order by verdict = 'declared and observed', highest_weight desc, metric
        """
    )


def undeclared_measures(snapshot: Snapshot) -> list[Row]:
    """Measures that disagree with the configuration: rows of quality.fct_metric_registry without a metric."""
    return snapshot.rows(
        "select * from quality.fct_metric_registry where metric is null and verdict <> 'declared and observed' "
        "order by measure"
    )


def publications(snapshot: Snapshot) -> list[Row]:
    """What was published, held or shown again, the newest first: rows of quality.fct_publications."""
    return snapshot.rows("select * from quality.fct_publications order by published_at desc, publication_id desc")


def restatements(snapshot: Snapshot) -> list[Row]:
    """Publications that said scores of earlier days differently, the newest first.

    Columns: publication_id, restated_at, reason, scores, accounts, first_day, last_day, mean_change (in points of the
    score), grades (how many with another grade). Of the accounts that the reader may see.
    """
    return snapshot.rows(read_sql(__file__, "restatements"))
