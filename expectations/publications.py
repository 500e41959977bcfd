"""The build beside the last publication.

Belongs here: which day both are compared on, and the checks that need a publication to compare with.
Does not belong here: what one build says by itself (marts.py), or making publications
(customer_health/publication/publish.py).
"""

from __future__ import annotations

from great_expectations.expectations import ExpectColumnValuesToBeBetween

from customer_health.core.sql import read_sql
from expectations.build import Build
from expectations.checks import Check

COMPARED_DAYS = 28
HEADLINES = """
    select
        account_id,
        date_day,
        health_score,
        grade,
        cast(cast(least(floor(health_score / 10), 9) as integer) as varchar) as score_tenth
    from {scores} where is_primary and date_day = {day}
"""


def define_reference(build: Build, before_days: int) -> None:
    """Headline scores and revenue of today, of four weeks ago, and of the day that the last publication ended on.

    Where a later day has been published than the one that is judged, both are looked at on the day that is judged.
    """
    today = "health.fct_health_scores"
    earlier = f"{build.day} - {before_days}"
    build.define("todays_scores", HEADLINES.format(scores=today, day=build.day))
    build.define("earlier_scores", HEADLINES.format(scores=today, day=earlier))
    if build.is_published:
        day = f"(select least(max(date_day), {build.day}) from published.{today})"
        build.define("reference_scores", HEADLINES.format(scores=f"published.{today}", day=day))
        build.define(
            "reference_mrr",
            """
                select
                    sum(mrr_usd) as mrr_usd,
                    count(*) as customers,
                    (select min(date_day) from reference_scores) as date_day
                from published.health.dim_accounts where is_customer
            """,
        )
    else:
        build.define("reference_scores", "select * from earlier_scores")
        build.define(
            "reference_mrr",
            f"""
                select sum(mrr_usd) as mrr_usd, count(distinct account_id) as customers, {earlier} as date_day
                from intermediate.int_subscription_periods
                where starts_on <= {earlier} and ends_on > {earlier} and is_customer_item
            """,
        )


def checks(build: Build) -> list[Check]:
    if not build.is_published:
        return []
    _define_unchanged_until(build)
    return [_accounts_vanished(build), _rows_lost(build), _history_unchanged(build), _restated(build)]


def _accounts_vanished(build: Build) -> Check:
    """Raw rows are only appended, so an account that was once known stays known, as a customer or not."""
    name = "accounts_vanished"
    most = build.limit(name, "most_share")
    gone = """
        select account_id from published.health.dim_accounts
        where account_id not in (select account_id from health.dim_accounts)
    """
    return Check(
        name=name,
        severity="error",
        expected=f"at most {most:.1%} of the published accounts missing",
        reason=build.reason(name, "most_share"),
        sql=f"""
            with counts as (
                select
                    (select count(*) from published.health.dim_accounts) as published_accounts,
                    (select count(*) from ({gone})) as gone
            )
            select *, gone / nullif(published_accounts, 0) as share from counts
        """,
        expectations=[ExpectColumnValuesToBeBetween(column="share", max_value=most)],
        told="{gone:,} of {published_accounts:,} published accounts are not in this build",
        keys_sql=gone,
    )


def _rows_lost(build: Build) -> Check:
    """Facts per day only become more."""
    name = "rows_lost"
    most = build.limit(name, "most_share")
    counts = " union all ".join(
        f"select '{table}' as mart, (select count(*) from {table} where {until}) as row_count,"
        f" (select count(*) from published.{table} where {until}) as published_rows"
        for table, until in _daily_facts(build)
    )
    return Check(
        name=name,
        severity="error",
        expected=f"at most {most:.1%} of the published rows missing, per mart with a row per day",
        reason=build.reason(name, "most_share"),
        sql=f"""
            select *, 1 - row_count / nullif(published_rows, 0) as share
            from ({counts})
            order by share desc nulls last, mart
        """,
        expectations=[ExpectColumnValuesToBeBetween(column="share", max_value=most)],
        told="{mart}: {row_count:,} rows, {published_rows:,} published",
    )


def _daily_facts(build: Build) -> list[tuple[str, str]]:
    """Marts that both hold, with the days that both cover (points are published for some days only)."""
    tables = build.rows(read_sql(__file__, "daily_facts"))
    return [(table, f"date_day <= {build.day}") for (table,) in tables]


def _define_unchanged_until(build: Build) -> None:
    """The first day that any build since the publication had a reason to compute anew; empty where that is not known.

    A build logs the day that it found changed; changed configuration, or a full refresh, reaches back to the beginning.
    """
    build.define(
        "changed_from",
        read_sql(__file__, "define_unchanged_until"),
    )


def _differences(days: str, points: float) -> str:
    """Published scores of some days that this build does not repeat."""
    return read_sql(__file__, "differences", points=points, days=days)


def _history_unchanged(build: Build) -> Check:
    """Before the first changed day a build repeats what was published, or it changed what nobody told it to."""
    name = "history_unchanged"
    points, most = build.limit(name, "points"), build.limit(name, "most_share")
    unchanged = "(select date_day from changed_from)"
    differences = _differences(f"date_day < {unchanged} and date_day >= {unchanged} - {COMPARED_DAYS}", points)
    return Check(
        name=name,
        severity="error",
        expected=f"at most {most:.1%} of the scores before the first changed day moved by more than {points:g} points",
        reason=build.reason(name, "points", "most_share"),
        sql=f"""
            select
                count(*) as scores,
                count(*) filter (where is_changed) as changed,
                changed / nullif(scores, 0) as share,
                {unchanged} as changed_from
            from ({differences})
        """,
        expectations=[ExpectColumnValuesToBeBetween(column="share", max_value=most)],
        told="{changed:,} of {scores:,} published scores of days before {changed_from} moved",
        keys_sql=f"select account_id, date_day, scorecard from ({differences}) where is_changed",
    )


def _restated(build: Build) -> Check:
    """Late rows restate single days; most of a month restated by much is a change that somebody should know of."""
    name = "restated"
    points, most = build.limit(name, "points"), build.limit(name, "most_share")
    last = f"(select least(max(date_day), {build.day}) from published.health.fct_health_scores)"
    differences = _differences(f"date_day <= {last} and date_day > {last} - {COMPARED_DAYS}", points)
    return Check(
        name=name,
        severity="error",
        expected=f"at most {most:.0%} of the scores published for {COMPARED_DAYS} days moved by over {points:g} points",
        reason=build.reason(name, "points", "most_share"),
        sql=f"""
            select
                count(*) as scores,
                count(*) filter (where is_changed) as changed,
                changed / nullif(scores, 0) as share
            from ({differences})
        """,
        expectations=[ExpectColumnValuesToBeBetween(column="share", max_value=most)],
        told="{changed:,} of {scores:,} published scores restated ({share:.1%})",
        keys_sql=f"select account_id, date_day, scorecard from ({differences}) where is_changed",
    )
