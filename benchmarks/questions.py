"""What the questions of readers take by themselves, without server and browser.

Belongs here: the SQL of account pages, what BI tools ask about one account, how large a publication is.
Does not belong here: pages in a browser (browser.py), the report (dashboard.py).
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.published_file import PUBLISHED_FILE

VIEWS = ("health.rpt_account_health_current", "health.fct_score_drivers", "health.rpt_score_changes")
CONDITIONS = {"account": "account_id = $account", "account and day": "account_id = $account and date_day = $day"}
REPEATS = 7
PAGE = """
from customer_health.dashboard.frame import Page, run
from customer_health.dashboard.pages import account

run((Page("", "the page", account.show),))
"""


def drawn_accounts(warehouse: Path, number: int) -> list[str]:
    """Customers with a score, drawn by chance but the same in each run."""
    with _opened(warehouse) as con:
        found = con.execute(
            "select account_id from health.rpt_account_health_current"
            " where is_primary and health_score is not null order by account_id"
        ).fetchall()
    return [account for (account,) in random.Random(7).sample(found, min(number, len(found)))]


def sizes(warehouse: Path) -> dict[str, int]:
    """How large a publication is: accounts, days, scores, points, bytes."""
    with _opened(warehouse) as con:
        [(accounts, days, scores)] = con.execute(
            "select count(distinct account_id), max(date_day) - min(date_day) + 1, count(*)"
            " from health.fct_health_scores"
        ).fetchall()
        [(points,)] = con.execute("select count(*) from health.fct_metric_points").fetchall()
    size = (warehouse / PUBLISHED_FILE).stat().st_size
    return {"accounts": accounts, "days": days, "scores": scores, "points": points, "bytes": size}


def sql_of_pages(warehouse: Path, accounts: Sequence[str]) -> list[float]:
    """Seconds of SQL that the page of each account takes; the page of the first one warms up and is not in it."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_sql_of_pages, (warehouse, accounts))


def _sql_of_pages(warehouse: Path, accounts: Sequence[str]) -> list[float]:
    from streamlit.testing.v1 import AppTest

    from customer_health.dashboard.frame import WAREHOUSE_VARIABLE
    from customer_health.reading.published import Row, Snapshot

    os.environ[WAREHOUSE_VARIABLE] = str(warehouse)
    ask, taken = Snapshot.rows, 0.0

    def timed(snapshot: Snapshot, *question: Any) -> list[Row]:
        nonlocal taken
        started = time.monotonic()
        found = ask(snapshot, *question)
        taken += time.monotonic() - started
        return found

    Snapshot.rows = timed  # type: ignore[method-assign]
    seconds = []
    for account in accounts:
        page = AppTest.from_string(PAGE, default_timeout=60)
        page.query_params["account"] = account
        taken = 0.0
        page.run()
        assert not page.exception, page.exception
        seconds.append(taken)
    return seconds[1:]


def asked_by_tools(warehouse: Path, accounts: Sequence[str], day: date) -> dict[str, list[float]]:
    """Seconds that a BI tool waits for all rows of one account, and for those of one day, by mart and question.

    The first account opens the tables and is not in it.
    """
    seconds: dict[str, list[float]] = {}
    with _opened(warehouse) as con:
        for view in VIEWS:
            for asked, condition in CONDITIONS.items():
                times = []
                for account in accounts[: REPEATS + 1]:
                    given = {"account": account, "day": day} if "$day" in condition else {"account": account}
                    started = time.monotonic()
                    con.execute(f"select * from {view} where {condition}", given).fetchall()
                    times.append(time.monotonic() - started)
                seconds[f"`{view.split('.')[1]}`, one {asked}"] = times[1:]
    return seconds


def _opened(warehouse: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(warehouse / PUBLISHED_FILE), read_only=True)
