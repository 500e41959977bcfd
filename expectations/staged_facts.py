"""Is what staging made of the arrivals still most of them, in known words, and worth what it was worth yesterday?

Belongs here: quarantine, conservation against the raw tables as they are now, mapped names, money before any metric.
Does not belong here: single rows and keys (dbt tests), how much arrived (raw_arrivals.py), or scores (marts.py).
"""

from __future__ import annotations

from great_expectations.expectations import ExpectColumnValuesToBeBetween, ExpectColumnValuesToBeInSet

from customer_health.core.sql import read_sql
from expectations.build import Build
from expectations.checks import Check

MAPPED_DAYS = 28
# what is below zero in good order: refunds, and moods
SIGNED_UNITS = ("usd", "signed_points")


def checks(build: Build) -> list[Check]:
    return [
        _conservation(build),
        *_quarantine(build),
        _mapped_events(build),
        _known_segments(build),
        _counted_facts(build),
        _exchange_rates(build),
        *_mrr_jumps(build),
    ]


def _conservation(build: Build) -> Check:
    """dbt proves that the build accounts for the rows that it read; this, that these are the rows that are there."""
    counts = " union all ".join(
        f"select '{raw.name}' as raw_table, count(*) as rows_now from {raw.relation}" for raw in build.raw
    )
    return Check(
        name="conservation",
        severity="error",
        expected="raw rows as they are now = staged + superseded + quarantined rows of the build",
        reason="A row that came or went after the build, or was lost with a broken log, is in no mart.",
        sql=f"""
            select
                now.raw_table,
                now.rows_now,
                built.staged_rows + built.superseded_rows + built.quarantined_rows as rows_accounted,
                coalesce(now.rows_now - rows_accounted, now.rows_now) as difference
            from ({counts}) as now
            left join quality.fct_row_conservation as built using (raw_table)
            order by abs(difference) desc, raw_table
        """,
        expectations=[ExpectColumnValuesToBeInSet(column="difference", value_set=[0])],
        told="{raw_table}: {rows_now:,} raw rows, {rows_accounted:,} accounted for",
        least_rows=len(build.raw),
    )


def _quarantine(build: Build) -> list[Check]:
    """Of the rows of the last day on which a table was loaded: what is years old must not hide what broke today."""
    most, least_rows = build.limit("quarantine", "most_share"), build.limit("quarantine", "least_rows")
    unusual = build.limit("quarantine_unusual", "most_share")
    loads = " union all ".join(
        f"""
            select '{raw.name}' as raw_table, count(*) as loaded_rows, min({raw.loaded_at}) as loaded_from
            from {raw.relation}
            where {raw.loaded_at} >= (select cast(cast(max({raw.loaded_at}) as date) as timestamp) from {raw.relation})
        """
        for raw in build.raw
        if raw.has(raw.loaded_at)
    )
    newest = f"""
        select loads.raw_table, loads.loaded_rows, quarantine.* exclude (raw_table)
        from ({loads}) as loads
        left join staging.quarantine as quarantine
            on loads.raw_table = quarantine.raw_table and quarantine.loaded_at >= loads.loaded_from
    """
    sql = f"""
        select
            raw_table,
            any_value(loaded_rows) as loaded_rows,
            count(quarantine_reason) as quarantined_rows,
            mode(quarantine_reason) as main_reason,
            quarantined_rows / nullif(any_value(loaded_rows), 0) as share,
            case when quarantined_rows >= {least_rows} then share end as judged_share
        from ({newest})
        group by raw_table
        order by judged_share desc nulls last, share desc nulls last, raw_table
    """
    keys = f"""
        select raw_table, quarantine_reason, source_file, source_row from ({newest})
        where quarantine_reason is not null
    """
    told = "{raw_table}: {quarantined_rows:,} of the {loaded_rows:,} rows loaded last, mainly {main_reason}"
    return [
        Check(
            name="quarantine",
            severity="error",
            expected=f"at most {most:.0%} of the rows loaded last in quarantine, per table",
            reason=build.reason("quarantine", "most_share", "least_rows"),
            sql=sql,
            expectations=[ExpectColumnValuesToBeBetween(column="judged_share", max_value=most)],
            told=told,
            keys_sql=keys,
        ),
        Check(
            name="quarantine_unusual",
            severity="warn",
            expected=f"at most {unusual:.0%} of the rows loaded last in quarantine, per table",
            reason=build.reason("quarantine_unusual", "most_share"),
            sql=sql,
            expectations=[ExpectColumnValuesToBeBetween(column="judged_share", max_value=unusual)],
            told=told,
            keys_sql=keys,
        ),
    ]


def _mapped_events(build: Build) -> Check:
    """Events that a release renamed still arrive in full, and count for nothing: to the scores, everybody has left."""
    name = "mapped_events"
    least, least_rows = build.limit(name, "least_share_kept"), build.limit(name, "least_rows")
    return Check(
        name=name,
        severity="error",
        expected=f"at least {least:.0%} of the share of events that the mapping knew in the {MAPPED_DAYS} days before",
        reason=build.reason(name, "least_share_kept", "least_rows"),
        sql=read_sql(__file__, "mapped_events", day=build.day, mapped_days=MAPPED_DAYS, least_rows=least_rows),
        expectations=[ExpectColumnValuesToBeBetween(column="kept", min_value=least)],
        told="{share_today:.1%} of {events_today:,} events of the day are mapped, {share_before:.1%} before",
    )


def _known_segments(build: Build) -> Check:
    """A renamed segment takes its benchmarks and scorecards with it."""
    name = "known_segments"
    least = build.limit(name, "least_share")
    return Check(
        name=name,
        severity="error",
        expected=f"at least {least:.0%} of the customers with a segment in one that segments.csv lists",
        reason=build.reason(name, "least_share"),
        sql=f"""
            select
                count(*) as customers,
                count(*) filter (where segment in (select segment from configuration.segments)) as known,
                known / nullif(customers, 0) as share
            from intermediate.int_account_days
            where date_day = {build.day} and segment is not null
        """,
        expectations=[ExpectColumnValuesToBeBetween(column="share", min_value=least)],
        told="{known:,} of {customers:,} customers with a segment are in a known one",
        keys_sql=f"""
            select account_id, date_day from intermediate.int_account_days
            where date_day = {build.day} and segment not in (select segment from configuration.segments)
        """,
    )


def _counted_facts(build: Build) -> Check:
    """Nobody opens minus three tickets: a sign that changed at the source, where a single row is only a correction."""
    name = "counted_facts"
    most, least_rows = build.limit(name, "most_share"), build.limit(name, "least_rows")
    recent = f"""
        from intermediate.int_measures__unioned
        inner join configuration.measures using (measure)
        where date_day > {build.day} - {MAPPED_DAYS} and measures.unit not in {SIGNED_UNITS} and measures.kind <> 'date'
    """
    return Check(
        name=name,
        severity="error",
        expected=f"at most {most:.0%} negative values, per measure that counts, in the last {MAPPED_DAYS} days",
        reason=build.reason(name, "most_share", "least_rows"),
        sql=f"""
            select
                measure,
                count(*) as facts,
                count(*) filter (where value < 0) as negative,
                case when negative >= {least_rows} then negative / count(*) end as judged_share
            {recent}
            group by measure
            order by judged_share desc nulls last, negative desc, measure
        """,
        expectations=[ExpectColumnValuesToBeBetween(column="judged_share", max_value=most)],
        told="{measure}: {negative:,} of {facts:,} values are negative",
        keys_sql=f"select account_id, date_day, measure {recent} and value < 0",
        # where nothing but contracts is connected, four weeks without a change of one are no fault
        least_rows=0,
    )


def _exchange_rates(build: Build) -> Check:
    """A rate the wrong way round, or in cents, moves every number in money at once."""
    name = "exchange_rates"
    most = build.limit(name, "most_times")
    # what was published with these rates has been judged with them
    since = (
        "(select max(date_day) from published.health.fct_health_scores)" if build.is_published else "date '1900-01-01'"
    )
    return Check(
        name=name,
        severity="error",
        expected=f"no exchange rate changed by more than {most:g} times from one month to the next",
        reason=build.reason(name, "most_times"),
        sql=read_sql(__file__, "exchange_rates", day=build.day, since=since),
        expectations=[ExpectColumnValuesToBeBetween(column="times", max_value=most)],
        told="{currency} in {month_starts_on:%Y-%m}: {usd_per_unit:g} USD, {rate_before:g} the month before",
    )


def _mrr_jumps(build: Build) -> list[Check]:
    """A comma in the wrong place: one item worth many times what it was, and a good part of the whole book."""
    name = "mrr_jumps"
    times, most = build.limit(name, "most_times"), build.limit(name, "most_share")
    jumps = read_sql(__file__, "mrr_jumps", day=build.day, times=times)
    sql = f"""
        with jumps as ({jumps})
        select
            count(*) as items,
            cast(coalesce(sum(mrr_usd), 0) as double) as jumped_mrr_usd,
            coalesce(jumped_mrr_usd / nullif((
                select cast(sum(mrr_usd) as double)
                from intermediate.int_subscription_periods
                where starts_on <= {build.day} and ends_on > {build.day} and is_customer_item
            ), 0), 0) as share
        from jumps
    """
    told = (
        "{items:,} items grew more than "
        + f"{times:g} times, "
        + "to {jumped_mrr_usd:,.0f} USD a month ({share:.1%} of all)"
    )
    keys = f"select subscription_item_id, account_id, starts_on from ({jumps})"
    return [
        Check(
            name=name,
            severity="error",
            expected=f"items that grew more than {times:g} times in four weeks make at most {most:.0%} of the revenue",
            reason=build.reason(name, "most_times", "most_share"),
            sql=sql,
            expectations=[ExpectColumnValuesToBeBetween(column="share", max_value=most)],
            told=told,
            keys_sql=keys,
        ),
        Check(
            name=f"{name}_single",
            severity="warn",
            expected=f"no item grew more than {times:g} times in four weeks",
            reason=build.reason(name, "most_times"),
            sql=sql,
            expectations=[ExpectColumnValuesToBeInSet(column="items", value_set=[0])],
            told=told,
            keys_sql=keys,
        ),
    ]
