"""Questions about the days before: which scores moved and by what, what went well, which judgements run out.

Belongs here: typed functions that more than one of dashboard, digest and assistants ask; each states its rows' order.
Does not belong here: how things stand today (book.py, sales.py), one account (accounts.py), how an answer is shown.

Where a function takes a CSM, None means every account that the reader may see. Money is USD a month.
"""

from __future__ import annotations

from datetime import timedelta

from customer_health.reading.current import seen_in_words
from customer_health.reading.published import Row, Snapshot

# half the width of a grade and less: smaller moves come and go
BIG_MOVE_POINTS = 5.0
DAYS = 7


def moves(snapshot: Snapshot, csm_id: str | None = None, days: int = DAYS) -> list[Row]:
    """Headline scores that changed their grade or moved by BIG_MOVE_POINTS, the most money first.

    Columns: account_id, account_name, csm_id, csm_name, mrr_usd, scorecard, score_before, score_now, grade_before,
    grade_now (null where there was no score), change_points (null if either is), cause_effect, cause_label (null for an
    effect of the whole score), cause_points, shown_grade, grade_label, next_step. The cause is the largest effect that
    goes the way of the change.

    Args:
        days: 7, 28 or 90, the spans that health.rpt_score_changes knows.
    """
    return snapshot.rows(
        f"""
        with

        ends as (

            select
                current.account_id, current.scorecard, scores_now.health_score as score_now,
                scores_before.health_score as score_before, scores_now.grade as grade_now,
                scores_before.grade as grade_before,
                scores_now.health_score - scores_before.health_score as change_points
            from health.rpt_account_health_current as current
            inner join health.fct_health_scores as scores_now
                on current.account_id = scores_now.account_id
                and current.scorecard = scores_now.scorecard
                and scores_now.date_day = $day
            inner join health.fct_health_scores as scores_before
                on current.account_id = scores_before.account_id
                and current.scorecard = scores_before.scorecard
                and scores_before.date_day = $before
            where current.is_primary and ($csm is null or current.csm_id = $csm)

        ),

        moved as (

            select * from ends
            where grade_now is distinct from grade_before or abs(change_points) >= $points

        ),

        causes as (

            select effects.account_id, effects.effect, effects.metric, effects.change_points
            from health.rpt_score_changes as effects
            inner join moved on effects.account_id = moved.account_id and effects.scorecard = moved.scorecard
            where effects.date_day = $day and effects.days_back = $days
                and (effects.change_points > 0) = (coalesce(moved.change_points, effects.change_points) > 0)
            qualify row_number() over (
                partition by effects.account_id order by abs(effects.change_points) desc, effects.effect, effects.metric
            ) = 1

        )

        select
            moved.*, current.account_name, current.csm_id, current.csm_name, current.mrr_usd, current.shown_grade,
            current.grade_label, current.next_step, causes.effect as cause_effect, metrics.label as cause_label,
            causes.change_points as cause_points
        from moved
        inner join {seen_in_words(snapshot)} as current
            on moved.account_id = current.account_id and moved.scorecard = current.scorecard
        left join causes on moved.account_id = causes.account_id
        left join health.dim_metrics as metrics on causes.metric = metrics.metric
        order by current.mrr_usd desc, moved.account_id
        """,
        {
            "csm": csm_id,
            "day": snapshot.as_of,
            "before": snapshot.as_of - timedelta(days=days),
            "days": days,
            "points": BIG_MOVE_POINTS,
        },
    )


def wins(snapshot: Snapshot, csm_id: str | None = None, days: int = DAYS) -> list[Row]:
    """What customers reached: values of their path, renewals and expansions, the most money first.

    Columns: account_id, account_name, csm_id, mrr_usd, happened_on, kind (value, renewed, expanded), label (of the
    milestone; null otherwise). Of several renewals of an account the last one stands for all.
    """
    return snapshot.rows(
        """
        with happened as (
            select account_id, reached_on as happened_on, 'value' as kind, label
            from journey.fct_milestones
            where is_value_moment and reached_on > $before and reached_on <= $day
            union
            select account_id, max(outcome_on) as happened_on, outcome as kind, null as label
            from validation.fct_observed_outcomes
            where outcome in ('renewed', 'expanded') and outcome_on > $before and outcome_on <= $day
            group by account_id, outcome
        )
        select happened.account_id, accounts.account_name, accounts.csm_id, accounts.mrr_usd, happened.happened_on,
            happened.kind, happened.label
        from happened
        inner join health.dim_accounts as accounts on happened.account_id = accounts.account_id and accounts.is_customer
        where $csm is null or accounts.csm_id = $csm
        order by kind = 'value' desc, kind, accounts.mrr_usd desc, account_id, label
        """,
        {"csm": csm_id, "day": snapshot.as_of, "before": snapshot.as_of - timedelta(days=days)},
    )


def pulses_due(snapshot: Snapshot, csm_id: str | None = None) -> list[Row]:
    """Customers whose last judgement by their CSM is too old to count, or who never had one, the most money first.

    Columns: account_id, account_name, csm_id, mrr_usd, value_status (stale, not_instrumented), max_age_days.
    """
    return snapshot.rows(
        """
        select current.account_id, current.account_name, current.csm_id, current.mrr_usd, points.value_status,
            metrics.max_age_days
        from health.dim_metrics as metrics
        inner join health.fct_metric_points as points
            on metrics.metric = points.metric
            and points.date_day = $day
            and points.value_status in ('stale', 'not_instrumented')
        inner join health.rpt_account_health_current as current
            on points.account_id = current.account_id and current.is_primary and not current.is_in_grace
        where metrics.measure = 'pulse' and metrics.aggregation = 'last' and ($csm is null or current.csm_id = $csm)
        order by current.mrr_usd desc, current.account_id
        """,
        {"csm": csm_id, "day": snapshot.as_of},
    )
