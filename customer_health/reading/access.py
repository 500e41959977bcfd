"""Who may see which rows of the marts.

Belongs here: what a reader may see, and how a connection is narrowed to it.
Does not belong here: how somebody proves who they are (a proxy in front of the dashboard does).

By default everybody who can open the dashboard sees everything. Where CUSTOMER_HEALTH_ACCESS names a CSV file
(identity,csm_id,sees), a reader is looked up there by the identity that the proxy, or the environment of an assistant,
gives: `sees` is accounts (of that CSM), team (accounts of that CSM's team) or everything. An account belongs to the CSM
who has it today, with all of its history.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from customer_health.core.errors import CustomerHealthError

ACCESS_VARIABLE = "CUSTOMER_HEALTH_ACCESS"
COLUMNS = ("identity", "csm_id", "sees")
EXTENTS = ("accounts", "team", "everything")


class AccessError(CustomerHealthError):
    """Somebody may not see anything, or the access file cannot be used; the message says why."""


@dataclass(frozen=True)
class Reader:
    """Somebody who reads, and how far: their CSM's accounts, the accounts of that CSM's team, or everything."""

    csm_id: str | None
    sees: str

    @property
    def is_restricted(self) -> bool:
        return self.sees != "everything"


EVERYTHING = Reader(None, "everything")

# Marts whose rows belong to an account, a CSM or a team, by the column that says to which. A column that is null in a
# row (all CSMs together, say) hides the row.
OWNED_BY = {
    "health.dim_accounts": "account_id",
    "health.dim_csms": "csm_id",
    "health.fct_component_scores": "account_id",
    "health.fct_health_scores": "account_id",
    "health.fct_metric_points": "account_id",
    "health.fct_parent_scores": "parent_account_id",
    "health.fct_score_changes": "account_id",
    "health.fct_score_drivers": "account_id",
    "health.rpt_account_health_current": "account_id",
    "health.rpt_account_health_in_words": "account_id",
    "health.rpt_csm_portfolio": "csm_id",
    "health.rpt_renewals_due": "account_id",
    "health.rpt_score_changes": "account_id",
    "journey.fct_interventions": "account_id",
    "journey.fct_journey_days": "account_id",
    "journey.fct_journeys": "account_id",
    "journey.fct_milestones": "account_id",
    "journey.fct_stage_periods": "account_id",
    "journey.rpt_early_interventions": "account_id",
    "journey.rpt_outcome_packages": "account_id",
    "journey.rpt_work_queue": "account_id",
    "quality.fct_score_restatements": "account_id",
    "validation.fct_challenger_scores": "account_id",
    "validation.fct_observed_outcomes": "account_id",
    "validation.fct_score_outcome_pairs": "account_id",
    "validation.rpt_logos_to_copy": "account_id",
    "validation.rpt_pulse_calibration": "csm_id",
    "validation.rpt_red_capacity": "csm_id",
    "validation.rpt_surprise_outcomes": "account_id",
}

# Marts that name nobody: definitions, and statistics over many customers.
FOR_EVERYBODY = (
    "health.dim_benchmarks",
    "health.dim_days",
    "health.dim_grades",
    "health.dim_metrics",
    "health.dim_scorecards",
    "health.int_scorecard_weights",
    "journey.rpt_intervention_timing",
    "journey.rpt_journey_funnel",
    "journey.rpt_milestone_norms",
    "quality.fct_metric_registry",
    "quality.fct_publications",
    "quality.fct_row_conservation",
    "quality.rpt_facts_outside",
    "quality.rpt_instrumentation_gaps",
    "validation.rpt_interview_evidence",
    "validation.rpt_metric_accuracy",
    "validation.rpt_metric_lead_times",
    "validation.rpt_score_accuracy",
    "validation.rpt_score_calibration",
    "validation.rpt_sentiment_gaps",
    "validation.rpt_survey_quality",
    "validation.rpt_usage_clusters",
    "validation.rpt_version_accuracy",
)

# Marts that may name anybody in free text; with them, views that only other views read.
FOR_NOBODY_ELSE = (
    "health.int_scores",
    "quality.fct_quality_findings",
    "validation.rpt_review_due",
    "validation.rpt_team_effectiveness",
)

# What a row that may be seen tells of another account, by the column that says of which: empty unless that one may be
# seen as well.
TOLD_OF = {
    "health.dim_accounts": {
        "parent_account_id": "parent_account_id",
        "top_parent_account_id": "top_parent_account_id",
    },
    "health.fct_parent_scores": {
        "worst_child_account_id": "worst_child_account_id",
        "worst_child_score": "worst_child_account_id",
        "worst_child_grade": "worst_child_account_id",
    },
}


def reader_named(identity: str | None, access: Path | None) -> Reader:
    """Who somebody is to us.

    Args:
        identity: as the proxy gives it, such as an e-mail address; compared without regard to case.
        access: the access file; without it everybody sees everything.

    Raises:
        AccessError: the access file is wrong, or does not know this identity.
    """
    if access is None:
        return EVERYTHING
    readers = _readers(access)
    known = readers.get((identity or "").strip().casefold())
    if known is None:
        said = f"'{identity}' is" if identity else "Whoever gives no identity is"
        raise AccessError(f"{said} not in the access list, so there is nothing to show. Ask for a row in it.")
    return known


def restrict(connection: duckdb.DuckDBPyConnection, reader: Reader, catalog: str) -> None:
    """Fill a catalog with views of the marts, by the names of the marts, that hold what this reader may see.

    A mart that is not listed in this module stays hidden.

    Args:
        connection: has attached the published file as `published`.
        reader: one who is restricted.
        catalog: name of an empty attached database, for this reader only.

    Raises:
        AccessError: nobody in the marts has the CSM id that the access list gives this reader.
    """
    _stop_if_unknown(connection, reader)
    csms = "select $csm_id as csm_id"
    if reader.sees == "team":
        team = "select team from published.health.dim_csms where csm_id = $csm_id"
        csms += f" union select csm_id from published.health.dim_csms where team = ({team})"
    connection.execute(f"create schema {catalog}.visible")
    connection.execute(f"create table {catalog}.visible.csms as {csms}", {"csm_id": reader.csm_id})
    connection.execute(
        f"create table {catalog}.visible.accounts as select account_id from published.health.dim_accounts "
        f"where csm_id in (select csm_id from {catalog}.visible.csms)"
    )
    there = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables where table_catalog = 'published'"
    ).fetchall()
    for (mart,) in sorted(there):
        if mart in OWNED_BY or mart in FOR_EVERYBODY:
            connection.execute(f"create schema if not exists {catalog}.{mart.split('.')[0]}")
            connection.execute(f"create view {catalog}.{mart} as {_visible_rows(mart, catalog)}")


def _stop_if_unknown(connection: duckdb.DuckDBPyConnection, reader: Reader) -> None:
    known = connection.execute(
        "select csm_id from published.health.dim_csms where csm_id = $csm_id "
        "union select csm_id from published.health.dim_accounts where csm_id = $csm_id",
        {"csm_id": reader.csm_id},
    ).fetchall()
    if not known:
        raise AccessError(
            f"The access list says that you are the CSM '{reader.csm_id}', but the published marts know nobody by that "
            "id, so there is nothing to show. Ask for your row to be corrected."
        )


def _visible_rows(mart: str, catalog: str) -> str:
    accounts = f"(select account_id from {catalog}.visible.accounts)"
    csms = f"(select csm_id from {catalog}.visible.csms)"
    told_of = [
        f"case when {about} in {accounts} then {column} end as {column}"
        for column, about in TOLD_OF.get(mart, {}).items()
    ]
    columns = f"* replace ({', '.join(told_of)})" if told_of else "*"
    owner = OWNED_BY.get(mart)
    rows = f" where {owner} in {csms if owner == 'csm_id' else accounts}" if owner else ""
    return f"select {columns} from published.{mart}{rows}"


def _readers(file: Path) -> dict[str, Reader]:
    readers: dict[str, Reader] = {}
    for line, row in _rows(file):
        identity, csm_id, sees = ((row[column] or "").strip() for column in COLUMNS)
        if not identity:
            raise AccessError(f"{file}, line {line}, column identity: an identity is needed")
        if identity.casefold() in readers:
            raise AccessError(f"{file}, line {line}, column identity: '{identity}' has a row already")
        if sees not in EXTENTS:
            raise AccessError(f"{file}, line {line}, column sees: '{sees}' is none of {', '.join(EXTENTS)}")
        if sees != "everything" and not csm_id:
            raise AccessError(f"{file}, line {line}, column csm_id: needed unless somebody sees everything")
        readers[identity.casefold()] = Reader(csm_id or None, sees)
    return readers


def _rows(file: Path) -> list[tuple[int, dict[str, str | None]]]:
    """The rows of the access list, each with the line on which it ends."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            read = csv.DictReader(opened, strict=True)
            missing = [column for column in COLUMNS if column not in (read.fieldnames or ())]
            if missing:
                raise AccessError(f"{file}, line 1: the access list has no column {', '.join(missing)}")
            return [(read.line_num, row) for row in read]
    except OSError as error:
        raise AccessError(f"{file}: the access list cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise AccessError(f"{file}: the access list is not UTF-8") from error
    except csv.Error as error:
        raise AccessError(f"{file}, after line {read.line_num}: {error}") from error
