"""Who may see which rows of the marts.

Belongs here: what a reader may see, and how a connection is narrowed to it.
Does not belong here: how somebody proves who they are (a proxy in front of the dashboard does).

By default everybody who can open the dashboard sees everything. Where CUSTOMER_HEALTH_ACCESS names a CSV file
(identity,csm_id,sees), a reader is looked up there by the identity that the proxy, or the environment of an assistant,
gives: `sees` is accounts (of that CSM), team (accounts of that CSM's team) or everything.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

ACCESS_VARIABLE = "CUSTOMER_HEALTH_ACCESS"
COLUMNS = ("identity", "csm_id", "sees")
EXTENTS = ("accounts", "team", "everything")


class AccessError(RuntimeError):
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
    "validation.fct_observed_outcomes": "account_id",
    "validation.fct_score_outcome_pairs": "account_id",
    "validation.rpt_pulse_calibration": "csm_id",
    "validation.rpt_red_capacity": "csm_id",
    "validation.rpt_surprise_outcomes": "account_id",
}

# Marts that name nobody: definitions, and statistics over many customers.
FOR_EVERYBODY = (
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
    "quality.rpt_instrumentation_gaps",
    "validation.rpt_metric_accuracy",
    "validation.rpt_metric_lead_times",
    "validation.rpt_score_accuracy",
    "validation.rpt_score_calibration",
    "validation.rpt_sentiment_gaps",
    "validation.rpt_survey_quality",
    "validation.rpt_version_accuracy",
)

# Marts that may name anybody in free text; with them, views that only other views read.
FOR_NOBODY_ELSE = (
    "health.int_scores",
    "quality.fct_quality_findings",
    "validation.rpt_review_due",
    "validation.rpt_team_effectiveness",
)

_VISIBLE = {
    "account_id": "select account_id from visible.accounts",
    "parent_account_id": "select account_id from visible.accounts",
    "csm_id": "select csm_id from visible.csms",
}


def reader_named(identity: str | None, environment: Mapping[str, str]) -> Reader:
    """Who somebody is to us.

    Args:
        identity: as the proxy gives it, such as an e-mail address; compared without regard to case.
        environment: CUSTOMER_HEALTH_ACCESS names the access file; without it everybody sees everything.

    Raises:
        AccessError: the access file is wrong, or does not know this identity.
    """
    file = environment.get(ACCESS_VARIABLE, "").strip()
    if not file:
        return EVERYTHING
    readers = _readers(Path(file))
    known = readers.get((identity or "").strip().casefold())
    if known is None:
        said = f"'{identity}' is" if identity else "Whoever gives no identity is"
        raise AccessError(f"{said} not in the access list, so there is nothing to show. Ask for a row in it.")
    return known


def restrict(connection: duckdb.DuckDBPyConnection, reader: Reader) -> None:
    """Give a connection that has attached `published` views of the marts that hold what this reader may see.

    Whoever sees everything needs none. A mart that is not listed here stays hidden from everybody else.
    """
    if not reader.is_restricted:
        return
    connection.execute("create schema visible")
    connection.execute(
        "create table visible.csms as select csm_id from published.health.dim_csms where "
        + ("csm_id = $1" if reader.sees == "accounts" else "csm_id = $1 or team = (" + _TEAM + ")"),
        [reader.csm_id],
    )
    connection.execute(
        "create table visible.accounts as "
        "select account_id from published.health.dim_accounts where csm_id in (select csm_id from visible.csms)"
    )
    there = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables where table_catalog = 'published'"
    ).fetchall()
    for (mart,) in sorted(there):
        if mart in FOR_EVERYBODY:
            where = ""
        elif mart in OWNED_BY:
            where = f" where {OWNED_BY[mart]} in ({_VISIBLE[OWNED_BY[mart]]})"
        else:
            continue
        connection.execute(f"create schema if not exists {mart.split('.')[0]}")
        connection.execute(f"create view {mart} as select * from published.{mart}{where}")


_TEAM = "select team from published.health.dim_csms where csm_id = $1"


def _readers(file: Path) -> dict[str, Reader]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except OSError as error:
        raise AccessError(f"{file}: the access list cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise AccessError(f"{file}: the access list is not UTF-8") from error
    readers = {}
    for line, row in enumerate(rows, start=2):
        missing = [column for column in COLUMNS if column not in row]
        if missing:
            raise AccessError(f"{file}: the access list has no column {', '.join(missing)}")
        identity, csm_id, sees = ((row[column] or "").strip() for column in COLUMNS)
        if sees not in EXTENTS:
            raise AccessError(f"{file}, line {line}, column sees: '{sees}' is none of {', '.join(EXTENTS)}")
        if not identity or (sees != "everything" and not csm_id):
            raise AccessError(
                f"{file}, line {line}: an identity is needed, and a csm_id unless somebody sees everything"
            )
        if identity.casefold() in readers:
            raise AccessError(f"{file}, line {line}, column identity: '{identity}' has a row already")
        readers[identity.casefold()] = Reader(csm_id or None, sees)
    return readers
