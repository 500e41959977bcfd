"""An account is forgotten: on a company that was really built, down to the last byte.

Belongs here: what is left of an account and what the next refreshes make of it.
Does not belong here: users, kills and locks (test_forget.py), the rule for single rows (test_forget_rows.py).
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from customer_health.alerts.notify import notify
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.digest.write import write_digests
from customer_health.forgetting.forget import forget
from customer_health.landing.load import load_landing
from customer_health.publication.publish import rollback
from tests.orchestration.forgotten_company import (
    END,
    USER,
    USER_STRINGS,
    Planted,
    assert_publications_are_whole,
    build,
    forgotten,
    found_in,
    query,
)
from tests.orchestration.published_company import NOW, published
from tests.pipeline import Warehouse, differences


def account_strings(planted: Planted) -> list[str]:
    """The ids and names that lead to the account and to nobody else."""
    account = planted.account
    names = query(planted.warehouse, f"select distinct name from raw.accounts where account_id = '{account}'")
    shared = query(planted.warehouse, f"select distinct name from raw.accounts where account_id <> '{account}'")
    outside = query(
        planted.warehouse, f"select distinct external_id from raw.account_identifiers where account_id = '{account}'"
    )
    users = query(planted.warehouse, f"select distinct user_id from raw.users where account_id = '{account}'")
    words = {account, *(row[0] for row in [*names, *outside, *users])} - {row[0] for row in shared}
    return [f"{word}" for word in words if word != USER] + list(USER_STRINGS)


def test_nothing_of_an_account_is_left_and_building_brings_nothing_back(own: Planted) -> None:
    with (own.landing / "accounts" / "accounts_child.csv").open("w", encoding="utf-8") as file:
        file.write("account_id,name,parent_account_id,segment,created_at,currency,updated_at\n")
        file.write(f"acc_child,Child Inc,{own.account},smb,2026-04-01,USD,2026-04-01\n")
    load_landing(own.landing, own.warehouse)
    strings = account_strings(own)
    assert len(strings) > 10
    digests = write_digests(own.warehouse).folder
    assert any(path.stat().st_size for path in digests.iterdir())
    record = forgotten(own.warehouse, account_id=own.account)
    # a page names accounts by their names, which several may share
    assert not digests.parent.exists()
    assert record.is_complete
    assert record.raw["raw.usage_events"]["removed"] > 0
    assert record.published["health.fct_health_scores"]["removed"] > 0
    assert found_in(own.warehouse, strings) == []
    child = "select parent_account_id from raw.accounts where account_id = 'acc_child'"
    assert query(own.warehouse, child) == [(None,)]
    assert_publications_are_whole(own.warehouse)
    rollback(own.warehouse, now=NOW + timedelta(hours=25))
    build(own, END)
    published(own.warehouse, END, hours=26)
    assert_publications_are_whole(own.warehouse)
    assert found_in(own.warehouse, strings) == []
    conserved = query(own.warehouse, "select bool_and(is_conserved) from quality.fct_row_conservation")
    assert conserved == [(True,)]
    # no row of the account waits in quarantine for an account that never comes
    waiting = "select count(*) from staging.quarantine where quarantine_reason in ('unknown_user', 'unknown_ticket')"
    assert query(own.warehouse, waiting) == [(0,)]


@pytest.mark.slow
def test_what_is_built_upon_what_was_left_is_a_full_refresh(own: Planted, tmp_path: Path) -> None:
    forget(own.warehouse, account_id=own.account)
    event = "event_id,account_id,event_name,occurred_at\nev_next,{},login,2026-06-20 10:00:00\n"
    other = query(own.warehouse, "select min(account_id) from raw.usage_events where account_id like 'acc%'")[0][0]
    (own.landing / "usage_events" / "next.csv").write_text(event.format(other), encoding="utf-8")
    next_day = END + timedelta(days=1)
    build(own, next_day)
    daily = Warehouse(own.warehouse, DEFAULT_CONFIG)
    tables = daily.incremental_tables()
    assert "health.fct_health_scores" in tables
    full = daily.copy(tmp_path / "in full")
    full.build(next_day, full_refresh=True)
    assert differences(daily, full, [table for table in tables if table in full.incremental_tables()]) == {}


@pytest.mark.slow
def test_alerts_about_an_account_go_and_the_others_stay(own: Planted) -> None:
    folder = own.warehouse / "alerts"
    lines = [json.loads(line) for line in (folder / "alerts.jsonl").read_text("utf-8").splitlines()]
    accounts = {line["account_id"] for line in lines} - {None}
    assert len(accounts) > 1
    account = min(accounts)
    gone = {line["event_id"] for line in lines if line["account_id"] == account}
    record = forgotten(own.warehouse, account_id=account)
    assert record.alerts == len(gone)
    left = [json.loads(line) for line in (folder / "alerts.jsonl").read_text("utf-8").splitlines()]
    assert left == [line for line in lines if line["event_id"] not in gone]
    ledger = [json.loads(line)["event_id"] for line in (folder / "ledger.jsonl").read_text("utf-8").splitlines()]
    assert sorted(ledger) == sorted(line["event_id"] for line in left)
    # what is left has been told, and the account has nothing to tell any more
    assert notify(own.warehouse, webhook=None, now=NOW + timedelta(days=1)).logged == []
    # nothing published for two days is told without anybody having written so
    silent = notify(own.warehouse, webhook=None, now=NOW + timedelta(days=4))
    assert [event.kind for event in silent.logged] == ["publication_stale"]
