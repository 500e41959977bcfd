"""A published file with the few rows that a test needs, in the tables that the marts promise.

Belongs here: creating the tables from the contracts in the models' YAML, filling them, the status beside the file.
Does not belong here: which rows a test needs, or what must come of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

MARTS = Path(__file__).resolve().parents[2] / "models" / "marts"
TABLES = {
    "health": (
        "fct_health_scores",
        "dim_accounts",
        "dim_grades",
        "dim_scorecards",
        "rpt_account_health_current",
        "rpt_account_health_in_words",
    ),
    "journey": ("rpt_early_interventions",),
}
LAST_DAY = date(2026, 6, 30)
TYPES = {"string": "varchar"}

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def contract(schema: str, table: str) -> dict[str, str]:
    """Columns and types of a mart, as its contract has them."""
    document = yaml.safe_load((MARTS / schema / f"_{schema}__models.yml").read_text("utf-8"))
    [model] = [model for model in document["models"] if model["name"] == table]
    return {column["name"]: TYPES.get(column["data_type"], column["data_type"]) for column in model["columns"]}


def publish(warehouse: Path, rows: Rows) -> None:
    """Put a new published file in place of the old one."""
    warehouse.mkdir(parents=True, exist_ok=True)
    waiting = warehouse / ".new.duckdb"
    with duckdb.connect() as con:
        con.execute("attach '" + str(waiting).replace("'", "''") + "' as new (storage_version 'v1.0.0')")
        for schema, tables in TABLES.items():
            con.execute(f"create schema new.{schema}")
            for table in tables:
                columns = ", ".join(f'"{name}" {kind}' for name, kind in contract(schema, table).items())
                con.execute(f"create table new.{schema}.{table} ({columns})")
                for row in rows.get(table, ()):
                    names = ", ".join(f'"{name}"' for name in row)
                    marks = ", ".join("?" for _ in row)
                    con.execute(f"insert into new.{schema}.{table} ({names}) values ({marks})", list(row.values()))
    waiting.replace(warehouse / "customer_health.duckdb")


def write_status(warehouse: Path, document: Mapping[str, Any]) -> None:
    folder = warehouse / "publications"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "status.json").write_text(json.dumps(document), encoding="utf-8")


def company(
    days: Mapping[str, Sequence[tuple[str, float]]], last_day: date = LAST_DAY
) -> dict[str, list[dict[str, Any]]]:
    """Accounts by the confirmed grade and score of their last days; their managers are ann and ben in turn."""
    scores, accounts, current, in_words = [], [], [], []
    for number, (account_id, given) in enumerate(days.items()):
        csm = {"csm_id": ("ann", "ben")[number % 2], "csm_name": ("Ann Ames", "Ben Bell")[number % 2]}
        accounts.append({"account_id": account_id, "account_name": f"{account_id} Ltd", "mrr_usd": 1200, **csm})
        for position, (grade, score) in enumerate(given):
            scores.append(
                {
                    "account_id": account_id,
                    "scorecard": "adoption",
                    "date_day": last_day - timedelta(days=len(given) - 1 - position),
                    "last_grade": grade,
                    "grade": grade,
                    "health_score": score,
                }
            )
        current.append(
            {
                "account_id": account_id,
                "account_name": f"{account_id} Ltd",
                "scorecard": "adoption",
                "grade": given[-1][0],
                "health_score": given[-1][1],
                "mrr_usd": 1200,
                "is_fast_drop": False,
                **csm,
            }
        )
        in_words.append(
            {
                "account_id": account_id,
                "scorecard": "adoption",
                "main_cause_28d": "Seats used went from 72 % to 42 % (-9.0)",
                "next_step": "Call this week",
            }
        )
    grades = [
        {"grade": grade, "min_score": score, "is_in_force": True, "grade_version": 1}
        for grade, score in (("A", 85), ("B", 70), ("C", 55), ("D", 40), ("F", 0))
    ]
    return {
        "fct_health_scores": scores,
        "dim_accounts": accounts,
        "dim_grades": grades,
        "dim_scorecards": [],
        "rpt_account_health_current": current,
        "rpt_account_health_in_words": in_words,
        "rpt_early_interventions": [],
    }
