"""The data that is measured: a simulated company, loaded, with its last day held back.

Belongs here: how large a case is, where its data comes from, and how one new day is made to arrive.
Does not belong here: running or timing anything (measure.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from customer_health.core.contract import Table, load_contract
from customer_health.landing.load import BUILD_FILE, load_landing
from examples.company import CompanyConfig, generate

END = date(2026, 6, 30)
EVENTS_PER_ACCOUNT = 10_000
# with 0.6, accounts older than the window bring as many days as young and lost ones lack: 730 account-days an account
EXISTING_SHARE = 0.6
HELD_BACK = "held_back"


@dataclass(frozen=True)
class Case:
    """A company of this size in a folder of its own."""

    folder: Path
    events: int
    accounts: int
    days: int
    end: date = END

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse"

    @property
    def build_file(self) -> Path:
        return self.warehouse / BUILD_FILE

    @property
    def day_before(self) -> date:
        return self.end - timedelta(days=1)


def usual_accounts(events: int) -> int:
    return max(10, events // EVENTS_PER_ACCOUNT)


def write_landing(case: Case) -> None:
    """Write the company's landing files; a folder that an earlier run finished is taken as it is."""
    finished = case.folder / f"landing-{case.events}-{case.accounts}-{case.days}.done"
    if finished.exists():
        return
    generate(
        case.landing,
        CompanyConfig(
            accounts=case.accounts,
            days=case.days,
            end=case.end,
            events=case.events,
            file_format="parquet",
            existing_share=EXISTING_SHARE,
        ),
    )
    finished.touch()


def load_all_but_last_day(case: Case, memory_limit: str) -> None:
    """Load everything, then set aside the rows that happened, or were last changed, on the last day."""
    case.build_file.unlink(missing_ok=True)
    load_landing(case.landing, case.warehouse, memory_limit=memory_limit)
    with duckdb.connect(str(case.build_file)) as con:
        con.execute(f"create schema {HELD_BACK}")
        for table in load_contract().tables.values():
            is_last_day = f"cast({_changed_at(table)} as date) = date '{case.end}'"
            con.execute(f"create table {HELD_BACK}.{table.name} as from raw.{table.name} where {is_last_day}")
            con.execute(f"delete from raw.{table.name} where {is_last_day}")


def let_last_day_arrive(case: Case) -> int:
    """Bring the rows back as a load of their own, after the build that did not have them. Returns how many."""
    arrived = 0
    with duckdb.connect(str(case.build_file)) as con:
        for table in load_contract().tables.values():
            held_back = f"{HELD_BACK}.{table.name}"
            rows = con.execute(
                f"insert into raw.{table.name} by name select * replace (localtimestamp as _loaded_at) from {held_back}"
            ).fetchone()
            arrived += rows[0] if rows else 0
            con.execute(f"drop table {held_back}")
    return arrived


def _changed_at(table: Table) -> str:
    return f"greatest({', '.join(f'cast({name} as timestamp)' for name in table.changed_by)})"
