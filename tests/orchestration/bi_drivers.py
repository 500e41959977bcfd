"""How tools other than ours open the published file: SQLAlchemy, and a DuckDB of the line before 2.0.

Belongs here: opening and asking, for the storm of publications and for single questions.
Does not belong here: what must come of it (test_bi_drivers.py).
"""

from __future__ import annotations

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from customer_health.core.published_file import PUBLISHED_FILE


def older_client() -> Path:
    """The command line of DuckDB 1.x from the package duckdb-cli."""
    found = find_spec("duckdb_cli")
    assert found and found.origin, "the package duckdb-cli is not installed"
    return Path(found.origin).with_name("duckdb")


def ask_sqlalchemy(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    url = URL.create("duckdb", database=str(warehouse / PUBLISHED_FILE))
    engine = create_engine(url, connect_args={"read_only": True}, poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql)).all()]


def ask_older_client(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    command = [str(older_client()), "-readonly", "-json", "-no-init", str(warehouse / PUBLISHED_FILE), sql]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise RuntimeError(done.stderr)
    return [tuple(row.values()) for row in json.loads(done.stdout)]


def read_with_sqlalchemy(warehouse: Path, numbers: dict[str, str]) -> list[int]:
    return _numbers(ask_sqlalchemy(warehouse, _one_query(numbers)))


def read_with_older_client(warehouse: Path, numbers: dict[str, str]) -> list[int]:
    return _numbers(ask_older_client(warehouse, _one_query(numbers)))


def _one_query(numbers: dict[str, str]) -> str:
    marks = [f"select min({column}) as low, max({column}) as high from {table}" for table, column in numbers.items()]
    return " union all ".join([*marks, "select count(*), count(*) from quality.fct_publications"])


def _numbers(rows: list[tuple[Any, ...]]) -> list[int]:
    return [int(value) for row in rows for value in row]
