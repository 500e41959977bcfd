"""Is what arrived whole, of the day, as much as usual, and in the words and numbers that were agreed?

Staging decides on single rows; these checks look at the whole of a day or a week, where a source that broke shows.

Belongs here: freshness, volume, schema, words and ranges of the raw tables.
Does not belong here: what becomes of a row (staging), or what was made of the rows (staged_facts.py, marts.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from great_expectations.expectations import ExpectColumnValuesToBeBetween, ExpectColumnValuesToBeInSet

from customer_health.core.contract import Column, Table
from customer_health.core.sql import quote_text, read_sql
from expectations.build import Build, RawTable
from expectations.checks import Check

RECENT_DAYS = 7
HABIT_DAYS = 98  # fourteen weeks hold the first of a month three times
KINDS = {
    "text": ("varchar",),
    "number": ("tinyint", "smallint", "integer", "bigint", "hugeint", "float", "double", "decimal"),
    "time": ("date", "timestamp", "timestamp with time zone", "timestamp_s", "timestamp_ms", "timestamp_ns"),
    "truth": ("boolean",),
}


def checks(build: Build) -> list[Check]:
    build.define("arrivals", _arrivals(build))
    return [
        _schema(build),
        *_freshness(build),
        *_volume(build),
        *_violations(build, "words", "words that the contract does not list", _word_violation),
        *_violations(build, "ranges", "numbers outside the limits of the contract", _range_violation),
    ]


def _arrivals(build: Build) -> str:
    """Rows per table and day: as the build counted them, with their usual number, or as they stand in raw."""
    counted = {row[0] for row in build.rows("select distinct raw_table from intermediate.int_source_days")}
    others = [
        f"select '{raw.name}', cast({raw.seen_at} as date), count(*), null from {raw.relation}"
        f" where {raw.seen_at} < {build.day} + 1 group by all"
        for raw in build.raw
        if raw.seen_at and raw.name not in counted
    ]
    first = f"""
        select raw_table, date_day, row_count, typical_row_count
        from intermediate.int_source_days
        where date_day <= {build.day}
    """
    return " union all ".join([first, *others])


def _schema(build: Build) -> Check:
    """dbt reads columns by name: one that changed its type between two loads would only fail somewhere later."""
    expected = ", ".join(
        f"({quote_text(raw.name)}, {quote_text(column.name)}, {quote_text(_kind(column.data_type))},"
        f" {quote_text(_kind(raw.columns.get(column.name, '')))})"
        for raw in build.raw
        for column in raw.table.columns
    )
    columns = f"(values {expected}) as expected(raw_table, column_name, agreed, found)"
    return Check(
        name="schema",
        severity="error",
        expected="every table and column of the raw contract, of the kind that it says",
        reason="models/staging/_raw__sources.yml is what was agreed with whoever delivers.",
        sql=f"""
            select
                raw_table,
                count(*) as columns,
                count(*) filter (where agreed <> found) as broken,
                string_agg(column_name, ', ' order by column_name) filter (where agreed <> found) as which
            from {columns}
            group by raw_table
            order by broken desc, raw_table
        """,
        expectations=[ExpectColumnValuesToBeInSet(column="broken", value_set=[0])],
        told="{raw_table}: {broken} of {columns} columns missing or of another kind: {which}",
        told_when_fine="every column of {subjects} tables is there",
        keys_sql=f"select * from {columns} where agreed <> found order by all",
        least_rows=len(build.raw),
    )


def _kind(data_type: str) -> str:
    plain = data_type.split("(")[0].strip()
    return next((kind for kind, types in KINDS.items() if plain in types), plain or "none")


def _freshness(build: Build) -> list[Check]:
    """A table is stale when it has been silent for much longer than it ever was in a year, weekends included.

    A register lists what there is: where nobody is new and nothing changes it has nothing to say, so its silence is
    shown and holds nothing.
    """
    events = [raw.name for raw in build.raw if not raw.table.is_register]
    registers = [raw.name for raw in build.raw if raw.table.is_register]
    return [
        _silence(build, "freshness", "error", events),
        _silence(build, "freshness_registers", "warn", registers),
    ]


def _silence(build: Build, check: str, severity: str, tables: Sequence[str]) -> Check:
    name = "freshness"
    factor, grace = build.limit(name, "gap_factor"), build.limit(name, "grace_days")
    least_days = build.limit(name, "least_active_days")
    return Check(
        name=check,
        severity=severity,
        expected=f"silent for at most {factor:g} times the longest silence of the year before, plus {grace:g} days",
        reason=build.reason(name, "gap_factor", "grace_days", "least_active_days"),
        sql=read_sql(
            __file__,
            "freshness",
            day=build.day,
            factor=factor,
            grace=grace,
            least_days=least_days,
            raw_tables=", ".join(quote_text(table) for table in tables),
        ),
        expectations=[ExpectColumnValuesToBeBetween(column="times_allowed", max_value=1)],
        told="{raw_table}: last row of {last_on}, {quiet_days} silent days (longest silence before: {longest_gap})",
        least_rows=0 if severity == "warn" else 1,
    )


def _volume(build: Build) -> list[Check]:
    """The day against the same weekday of the weeks before.

    Medians, so that a holiday or a past outage does not shift what is usual; both of eight and of three weeks, so that
    a table that really grows or fades is not judged by its past. A table that often has such days (invoices, once a
    month) is not judged by them, and one with few rows not at all.
    """
    name = "volume"
    low, high = build.limit(name, "least_share"), build.limit(name, "most_times")
    least_rows, least_days = build.limit(name, "least_rows"), build.limit(name, "least_history_days")
    low_weeks, high_weeks = build.limit(name, "low_habit_weeks"), build.limit(name, "high_habit_weeks")
    unusual_low, unusual_high = (
        build.limit("volume_unusual", "least_share"),
        build.limit("volume_unusual", "most_times"),
    )
    unusual_rows = build.limit("volume_unusual", "least_rows")

    def sql(smallest: float, largest: float, rows: float) -> str:
        return read_sql(
            __file__,
            "volume",
            day=build.day,
            smallest=smallest,
            rows=rows,
            largest=largest,
            habit_days_6=HABIT_DAYS + 6,
            least_days=least_days,
            low_weeks=low_weeks,
            high_weeks=high_weeks,
        )

    def expectations(smallest: float, largest: float) -> list[ExpectColumnValuesToBeBetween]:
        return [
            ExpectColumnValuesToBeBetween(column="share", min_value=smallest),
            ExpectColumnValuesToBeBetween(column="times", max_value=largest),
        ]

    told = "{raw_table}: {row_count:,} rows, usually {usual_low:,.0f} to {usual_high:,.0f} on this weekday"
    return [
        Check(
            name=name,
            severity="error",
            expected=f"{low:.0%} of what is usual on this weekday, to {high:g} times that",
            reason=build.reason(name, "least_share", "most_times", "least_rows", "low_habit_weeks", "high_habit_weeks"),
            sql=sql(low, high, least_rows),
            expectations=expectations(low, high),
            told=told,
            least_rows=0,
        ),
        Check(
            name="volume_unusual",
            severity="warn",
            expected=f"{unusual_low:.0%} of what is usual on this weekday, to {unusual_high:g} times that",
            reason=build.reason("volume_unusual", "least_share", "most_times", "least_rows"),
            sql=sql(unusual_low, unusual_high, unusual_rows),
            expectations=expectations(unusual_low, unusual_high),
            told=told,
            least_rows=0,
        ),
    ]


def _word_violation(table: Table, column: Column) -> str | None:
    """Words are compared as staging does (known_word): in any case, and as vendors call them."""
    if not column.values:
        return None
    spelled = f"replace(replace(lower(trim({column.name})), ' ', '_'), '-', '_')"
    known = ", ".join(quote_text(value) for value in column.values)
    synonyms = (
        f"select word from configuration.word_synonyms where raw_table = {quote_text(table.name)}"
        f" and raw_column = {quote_text(column.name)}"
    )
    return f"{spelled} not in ({known}) and {spelled} not in ({synonyms})"


def _range_violation(_: Table, column: Column) -> str | None:
    if column.between is None:
        return None
    least, most = column.between
    sides = [
        f"{column.name} < {least}" if least is not None else "",
        f"{column.name} > {most}" if most is not None else "",
    ]
    return " or ".join(side for side in sides if side)


def _violations(build: Build, name: str, what: str, violation: Callable[[Table, Column], str | None]) -> list[Check]:
    """Words and numbers of the last days that were not agreed: a few are a typing error, many are a changed source."""
    most, least_rows = build.limit(name, "most_share"), build.limit(name, "least_rows")
    found = [
        (raw, column, broken)
        for raw in build.raw
        for column in raw.table.columns
        if raw.seen_at and raw.has(column.name) and (broken := violation(raw.table, column))
    ]
    counts = " union all ".join(
        f"select '{raw.name}.{column.name}' as subject, count({column.name}) as values_seen,"
        f" count(*) filter (where {broken}) as violations from {raw.relation} where {_is_recent(build, raw)}"
        for raw, column, broken in found
    )
    keys = " union all by name ".join(
        f"select '{raw.name}.{column.name}' as subject, {raw.keys} from {raw.relation}"
        f" where {_is_recent(build, raw)} and ({broken})"
        for raw, column, broken in found
    )
    sql = f"""
        select
            *,
            violations / nullif(values_seen, 0) as share,
            case when violations >= {least_rows} then violations / nullif(values_seen, 0) end as judged_share
        from ({counts})
        order by judged_share desc nulls last, share desc nulls last, subject
    """
    told = "{subject}: {violations:,} of {values_seen:,} values of the last " + f"{RECENT_DAYS} days"
    return [
        Check(
            name=name,
            severity="error",
            expected=f"at most {most:.0%} {what}, in the last {RECENT_DAYS} days",
            reason=build.reason(name, "most_share", "least_rows"),
            sql=sql,
            expectations=[ExpectColumnValuesToBeBetween(column="judged_share", max_value=most)],
            told=told,
            keys_sql=keys,
        ),
        Check(
            name=f"{name}_single",
            severity="warn",
            expected=f"no {what}, in the last {RECENT_DAYS} days",
            reason="A single one is a typing error, or the first sign of a source that changes.",
            sql=sql,
            expectations=[ExpectColumnValuesToBeInSet(column="violations", value_set=[0])],
            told=told,
            keys_sql=keys,
        ),
    ]


def _is_recent(build: Build, raw: RawTable) -> str:
    return f"{raw.seen_at} >= {build.day} - {RECENT_DAYS - 1} and {raw.seen_at} < {build.day} + 1"
