"""Tell in a page of plain text what a finished build holds.

For whoever has just run `make demo` or `make refresh`: how many accounts are scored, how they stand, whom to help
before anything turns red, three accounts with their reasons, whether any row was lost on the way, what was found about
the data, and where to look next.

Belongs here: reading the marts of a build file and what became of it, and setting both as text.
Does not belong here: computing anything that a mart should hold (models/marts), or judging a build (its tests).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.build_file import BUILD_FILE, open_build_file
from customer_health.core.errors import CustomerHealthError
from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.publication.publish import current, staleness
from customer_health.reading.current import IN_WORDS
from customer_health.reading.words import usd
from expectations.record import read_report
from expectations.results_page import path as results_page

WIDTH = 110
BAR_WIDTH = 40
FINDINGS_SHOWN = 12
INTERVENTIONS_SHOWN = 5
SEVERITIES = ("error", "warn", "info")
# what the days of a milestone count from, as one says it
CLOCKS = {
    "subscription_start": "the start",
    "onboarding_end": "the end of onboarding",
    "previous_milestone": "the milestone before it",
    "renewal": "the renewal",
    "plan": "the start",
}

Row = dict[str, Any]


class SummaryError(CustomerHealthError):
    """There is nothing to summarise; the message says why."""


@dataclass(frozen=True)
class Marts:
    """The marts of one build file, opened for reading."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, table: str, query: str, *more_tables: str) -> list[Row]:
        """What `query` says about `table`, and others; nothing if this build did not make all of them."""
        if not all(self._is_made(*name.split(".")) for name in (table, *more_tables)):
            return []
        result = self.connection.execute(query)
        columns = [column[0] for column in result.description]
        return [dict(zip(columns, values, strict=True)) for values in result.fetchall()]

    def _is_made(self, schema: str, name: str) -> bool:
        found = self.connection.execute(
            "select count(*) from information_schema.tables where table_schema = ? and table_name = ?", [schema, name]
        )
        return bool(found.fetchall()[0][0])


def summarise(warehouse: Path) -> str:
    """The page of text for the build file in `warehouse`."""
    build_file = warehouse / BUILD_FILE
    if not build_file.is_file():
        raise SummaryError(f"{build_file} does not exist: run make demo or make refresh first")
    with open_build_file(warehouse, read_only=True) as connection:
        marts = Marts(connection)
        sections = [
            ("What was built", _what_was_built(marts)),
            ("What readers see", _what_readers_see(warehouse)),
            ("How the accounts stand", _grade_shares(marts)),
            ("Healthy, but off the path: whom to help before anything turns red", _early_interventions(marts)),
            ("Three accounts, and why they stand where they stand", _three_accounts(marts)),
            ("Was a row lost? raw = staged + superseded + quarantined", _row_conservation(marts)),
            ("What was found about the data", _findings(marts)),
            ("Where to go next", _where_to_go(warehouse)),
        ]
    return "\n\n".join("\n".join([title, "-" * len(title), *lines]) for title, lines in sections) + "\n"


def _what_was_built(marts: Marts) -> list[str]:
    history = marts.rows(
        "health.fct_health_scores",
        """
        select min(date_day) as first_day, max(date_day) as last_day, count(*) as scores,
            count(distinct account_id) as accounts, count(distinct scorecard) as scorecards
        from health.fct_health_scores
        """,
    )
    if not history or not history[0]["scores"]:
        return ["Nothing is scored: no account was a customer on any day that the data covers."]
    built = history[0]
    today = marts.rows(
        "health.rpt_account_health_current",
        """
        select count(distinct account_id) as customers,
            count(distinct case when health_score is not null then account_id end) as scored
        from health.rpt_account_health_current
        """,
    )
    metrics = marts.rows(
        "health.dim_metrics",
        "select count(*) as metrics, count(case when is_shadow then 1 end) as shadow from health.dim_metrics",
    )
    lines = []
    if today:
        lines.append(
            ("Accounts scored", f"{today[0]['scored']:,} of {today[0]['customers']:,} customers on the last day")
        )
    lines.append(("Period", f"{built['first_day']} to {built['last_day']}"))
    lines.append(
        (
            "Scores",
            f"{built['scores']:,} of {built['accounts']:,} accounts by {built['scorecards']} scorecards, one a day",
        )
    )
    if metrics:
        lines.append(
            ("Metrics", f"{metrics[0]['metrics']:,}, of which {metrics[0]['shadow']:,} are computed but not scored")
        )
    return _aligned(lines)


def _what_readers_see(warehouse: Path) -> list[str]:
    publication, report, stale = current(warehouse), read_report(warehouse), staleness(warehouse)
    lines = [("Gate", report.lines()[0].removeprefix("gate: ") if report else "has not judged this build")]
    if report:
        lines.append(("Its results", str(results_page(warehouse))))
    if publication is None:
        return _aligned([*lines, ("Published", "nothing yet")])
    lines.append(("Published", f"{publication.publication_id}, scores up to {publication.as_of}"))
    if stale.is_stale:
        lines.append(("Stale", stale.reason))
    return _aligned(lines)


def _grade_shares(marts: Marts) -> list[str]:
    shares = marts.rows(
        "health.rpt_account_health_current",
        """
        select
            health.shown_grade as grade,
            health.grade_label as label,
            count(*) as accounts,
            coalesce(sum(health.mrr_usd), 0) as mrr_usd,
            count(*) / sum(count(*)) over () as share
        from health.rpt_account_health_current as health
        where health.is_primary
        group by 1, 2
        order by grade nulls last
        """,
    )
    if not shares:
        return ["No account has a score on the last day."]
    return [
        f"{row['grade'] or '-':<2} {row['label']:<10} {_bar(row['share']):<{BAR_WIDTH}} {row['share']:>4.0%}"
        f" {row['accounts']:>6,} accounts {row['mrr_usd']:>12,.0f} USD a month"
        for row in shares
    ]


def _early_interventions(marts: Marts) -> list[str]:
    found = marts.rows(
        "journey.rpt_early_interventions",
        f"""
        select *, count(*) over () as accounts_and_outcomes
        from journey.rpt_early_interventions
        order by priority
        limit {INTERVENTIONS_SHOWN}
        """,
    )
    if not found:
        return ["Nobody: every healthy account keeps to its path, or no path is configured."]
    lines = []
    for row in found:
        lines += _early_intervention(row)
    more = found[0]["accounts_and_outcomes"] - len(found)
    return [*lines, f"and {more:,} more in journey.rpt_early_interventions"] if more else lines


def _early_intervention(row: Row) -> list[str]:
    agreed = ", as agreed with the customer" if row["is_planned"] else ""
    expected = f"expected {_days(row['expected_after_days'])} after {CLOCKS[row['clock']]}{agreed}"
    reasons = [
        ("late", f"{row['milestone_label']}: expected on {row['expected_on']}, {_days(row['days_late'])} ago"),
        ("the norm", f"{expected}; {_usual_days(row['norm_median_days'], row['norm_p80_days'])}"),
        ("what to do", f"{row['playbook_label']} ({row['hours']:g} h). {row['action']}" if row["playbook"] else None),
    ]
    facts = [
        f"grade {row['grade']}",
        f"score {row['health_score']:.1f}",
        f"{usd(row['mrr_at_stake_usd'])} a month at stake",
        _csm(row),
    ]
    return [
        f"{row['priority']}. {row['account_name']} ({row['account_id']}, {row['outcome_label']})",
        "    " + ", ".join(facts),
        *(line for name, text in reasons if text for line in _wrapped(name, text)),
    ]


def _csm(row: Row) -> str:
    return f"CSM {row['csm_name']}" if row["csm_name"] else "no CSM"


def _usual_days(median: int | None, p80: int | None) -> str:
    """When customers who stayed got there, as far as it is known."""
    if median is None:
        return "fewer than half of the customers who stayed have got there, or too few have stayed to tell"
    if p80 is None or p80 == median:
        return f"{'half' if p80 is None else 'four of five'} of the customers who stayed {_got_there(median)}"
    return f"half of the customers who stayed {_got_there(median)}, four of five within {_days(p80)}"


def _got_there(day: int) -> str:
    return f"got there within {_days(day)}" if day else "were there at once"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"


def _three_accounts(marts: Marts) -> list[str]:
    # a fast dropper may be healthy still: each account is shown as one thing only
    cases = (
        (
            "healthy",
            "not is_fast_drop and not is_in_grace and rule_in_words is null and override_in_words is null"
            " and score_status = 'scored' and driver_down_1 is not null",
            "shown_grade, mrr_usd desc nulls last, account_id",
        ),
        (
            "at risk",
            "not is_fast_drop and not is_in_grace and shown_grade in ('D', 'F')",
            "mrr_usd desc nulls last, account_id",
        ),
        ("fast drop", "is_fast_drop and not is_in_grace", "change_28d_points, account_id"),
    )
    lines: list[str] = []
    for kind, condition, order in cases:
        found = marts.rows(
            "health.rpt_account_health_current",
            f"select * from {IN_WORDS} where is_primary and {condition} order by {order} limit 1",
            "health.rpt_account_health_in_words",
        )
        lines += ["", *_account(kind, found[0])] if found else ["", f"{kind}: none on the last day"]
    return lines[1:]


def _account(kind: str, account: Row) -> list[str]:
    change = account["change_28d_points"]
    facts = [
        f"score {account['health_score']:.1f}",
        "no score 28 days ago" if change is None else f"{change:+.1f} in 28 days",
        f"grade {account['shown_grade']} ({account['grade_label']})",
        f"{usd(account['mrr_usd'])} a month",
        _csm(account),
    ]
    reasons = [
        ("its grade", account["grade_note"]),
        *(("lifts it", account[f"driver_up_{place}"]) for place in (1, 2)),
        *(("weighs on it", account[f"driver_down_{place}"]) for place in (1, 2)),
        ("28 days", account["main_cause_28d"]),
        ("a rule", account["rule_in_words"]),
        ("a person", account["override_in_words"]),
        ("not known", account["not_known"]),
        ("next step", account["next_step"]),
    ]
    told = [(name, text) for name, text in reasons if text]
    return [
        f"{kind}: {account['account_name']} ({account['account_id']}, {account['outcome_label']})",
        "  " + ", ".join(facts),
        *(line for name, text in told for line in _wrapped(name, text)),
    ]


def _row_conservation(marts: Marts) -> list[str]:
    counts = marts.rows(
        "quality.fct_row_conservation",
        """
        select raw_table, raw_rows, staged_rows, superseded_rows, quarantined_rows
        from quality.fct_row_conservation
        order by raw_table
        """,
    )
    if not counts:
        return ["Not counted in this build."]
    names = ("raw_rows", "staged_rows", "superseded_rows", "quarantined_rows")
    lines = [f"{'':<22}" + "".join(f"{name.removesuffix('_rows'):>14}" for name in names)]
    lost = 0
    for row in counts:
        raw, *fates = (row[name] or 0 for name in names)
        missing = raw - sum(fates)
        lost += abs(missing)
        lines.append(
            f"{row['raw_table']:<22}"
            + "".join(f"{number:>14,}" for number in (raw, *fates))
            + (f"   differs by {missing:,}" if missing else "")
        )
    lines.append("No row was lost." if not lost else f"{lost:,} rows are unaccounted for: do not trust this build.")
    return lines


def _findings(marts: Marts) -> list[str]:
    findings = marts.rows(
        "quality.fct_quality_findings",
        """
        select severity, finding, count(*) as times, min(entity || ': ' || coalesce(detail, '')) as example
        from quality.fct_quality_findings
        group by 1, 2
        order by case severity when 'error' then 1 when 'warn' then 2 else 3 end, times desc, finding
        """,
    )
    if not findings:
        return ["Nothing."]
    totals = dict.fromkeys(SEVERITIES, 0)
    for row in findings:
        totals[row["severity"]] = totals.get(row["severity"], 0) + row["times"]
    lines = [", ".join(f"{count:,} {severity}" for severity, count in totals.items())]
    for row in findings[:FINDINGS_SHOWN]:
        start = f"{row['severity']:<6}{row['times']:>6,}  {row['finding']:<30} "
        lines.append(start + textwrap.shorten(row["example"] or "", WIDTH - len(start), placeholder=" ..."))
    if len(findings) > FINDINGS_SHOWN:
        lines.append(f"and {len(findings) - FINDINGS_SHOWN} more kinds")
    return lines


def _where_to_go(warehouse: Path) -> list[str]:
    health = "health.rpt_account_health_current, health.rpt_renewals_due, health.rpt_csm_portfolio"
    return _aligned(
        [
            ("Whom to call", health),
            ("Whom to help early", "journey.rpt_early_interventions, journey.rpt_work_queue"),
            ("Why this score", "health.fct_score_drivers: weight and points of every metric, account and day"),
            ("Why it moved", "health.rpt_score_changes: the change of 7, 28 and 90 days by cause"),
            ("What is wrong", "quality.fct_quality_findings; staging.quarantine holds every row that waits"),
            ("What is scored", "seeds/scorecards/*.csv: change a row, then make check-config and make demo"),
            ("Your own data", "docs/own-data.md; models/staging/_raw__sources.yml says what may arrive"),
            ("Step by step", "docs/configure.md: add a metric without SQL, give it weight, add a milestone"),
            ("Where it all is", f"{warehouse / PUBLISHED_FILE} for readers; {warehouse / BUILD_FILE} is private"),
        ]
    )


def _aligned(pairs: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in pairs)
    return [f"{name:<{width}}  {text}" for name, text in pairs]


def _wrapped(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=f"    {name:<13}", subsequent_indent=" " * 17)


def _bar(share: float) -> str:
    return "#" * max(1, round(share * BAR_WIDTH))
