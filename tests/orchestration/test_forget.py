"""Somebody is forgotten: on a company that was really built, down to the last byte.

Belongs here: what is left in files, what the next refresh makes of it, kills in the middle, locks, the record.
Does not belong here: the rule for single rows (test_forget_rows.py).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_health.alerts.notify import notify
from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.digest.write import write_digests
from customer_health.forgetting.forget import ForgetError, forget, was_forgotten
from customer_health.landing.load import LandingError, load_landing
from customer_health.publication.files import file_hash
from customer_health.publication.publish import rollback
from customer_health.publication.store import Store
from customer_health.refresh import steps
from customer_health.refresh.refresh import BUILD_FILE, DbtRun, only_run
from tests.commands import run_command
from tests.orchestration.forgotten_company import ADDRESS, END, OTHER_USER, USER, USER_STRINGS, Planted, found_in, plant
from tests.orchestration.published_company import NOW, published
from tests.pipeline import Warehouse, differences

PROJECT_ROOT = Path(__file__).resolve().parents[2]
CONFIG = DEFAULT_CONFIG


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    planted = plant(tmp_path_factory.mktemp("a company") / "a warehouse", accounts=14)
    for number, day in enumerate((END - timedelta(days=1), END)):
        build(planted, day)
        published(planted.warehouse, day, hours=24 * number)
    notify(planted.warehouse, webhook=None, now=NOW + timedelta(days=1))
    return planted


@pytest.fixture
def own(company: Planted, tmp_path: Path) -> Planted:
    """A copy of the company for a test that changes it."""
    shutil.copytree(company.warehouse, tmp_path / "a warehouse")
    return Planted(tmp_path / "a warehouse", company.account)


def build(planted: Planted, day: date) -> None:
    """The steps of a refresh up to the build; whether it may be published is for other tests."""
    with only_run(planted.warehouse):
        steps.load(planted.landing, planted.warehouse)
        steps.build(DbtRun(planted.warehouse, as_of=day))


def query(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_the_search_finds_what_was_planted(company: Planted) -> None:
    """Otherwise the other tests would prove nothing."""
    found = "\n".join(found_in(company.warehouse, USER_STRINGS))
    for place in (
        "landing/users/users_more.csv",
        "events_more.parquet",
        "tickets_more.jsonl",
        "raw.users",
        "raw.usage_events",
        "raw.survey_responses",
        "landing.rejected_rows",
        "staging.quarantine",
        "staging.base_survey__responses",
        "int_product__event_days",
    ):
        assert place in found
    for text in USER_STRINGS:
        assert text.lower() in found


def test_nothing_of_a_user_is_left_and_the_scores_stay_as_they_were(own: Planted) -> None:
    scores = "select * from health.fct_health_scores order by all"
    # what was written goes, and its mood with it; no number that people gave
    measures = (
        "select account_id, date_day, measure, value from intermediate.int_measures__unioned"
        " where measure not like 'comment%' order by all"
    )
    before = [query(own.warehouse, sql) for sql in (scores, measures)]
    record = forget(own.warehouse, user_id=USER)
    assert record.is_complete
    assert found_in(own.warehouse, USER_STRINGS) == []
    assert_publications_are_whole(own.warehouse)
    assert [path for path in own.warehouse.rglob("*health.duckdb") if path.stat().st_mode & 0o222] == []
    assert OTHER_USER in str(query(own.warehouse, "select user_id from raw.users"))
    assert "Olaf Other" in str(query(own.warehouse, "select full_name from raw.users"))
    build(own, END)
    assert [query(own.warehouse, sql) for sql in (scores, measures)] == before
    assert found_in(own.warehouse, USER_STRINGS) == []


def test_a_user_can_be_deleted_with_all_their_rows(own: Planted) -> None:
    forget(own.warehouse, user_id=USER, keep_totals=False)
    assert found_in(own.warehouse, USER_STRINGS) == []
    left = query(own.warehouse, "select distinct user_id from raw.usage_events where event_id like 'ev_p%'")
    assert left == [(OTHER_USER,)]
    assert query(own.warehouse, "select count(*) from raw.users where user_id like 'forgotten%'") == [(0,)]


@pytest.mark.slow
def test_neither_the_old_nor_the_redacted_files_are_loaded_again(own: Planted, tmp_path: Path) -> None:
    originals = tmp_path / "originals"
    shutil.copytree(own.landing, originals)
    forget(own.warehouse, user_id=USER)
    rows = query(own.warehouse, "select count(*) from raw.usage_events")
    report = load_landing(own.landing, own.warehouse)
    assert report.rows_loaded == 0
    for path in sorted(originals.rglob("*more.*")):
        # the source delivers them once more, one under its own name and one under another
        shutil.copyfile(path, own.landing / path.relative_to(originals).with_name(f"again_{path.name}"))
        shutil.copyfile(path, own.landing / path.relative_to(originals))
    report = load_landing(own.landing, own.warehouse)
    assert report.rows_loaded == 0
    assert report.count("refused") == 0
    assert query(own.warehouse, "select count(*) from raw.usage_events") == rows
    assert query(own.warehouse, f"select count(*) from raw.users where user_id = '{USER}'") == [(0,)]
    # forgetting once more clears the files that came again
    forget(own.warehouse, user_id=USER, also=[ADDRESS, "Ada Plantedova"])
    assert found_in(own.warehouse, USER_STRINGS) == []
    assert load_landing(own.landing, own.warehouse).rows_loaded == 0


def test_a_file_that_was_not_loaded_yet_is_loaded_without_them(own: Planted) -> None:
    late = own.landing / "users" / "users_late.csv"
    header = "user_id,account_id,role,is_champion,created_at,updated_at\n"
    rest = "{},{},user,false,2026-06-01 08:00:00,2026-06-01 08:00:00\n"
    original = header + rest.format(USER, own.account) + rest.format("usr_late", own.account)
    late.write_text(original, encoding="utf-8")
    forget(own.warehouse, user_id=USER, keep_totals=False)
    assert load_landing(own.landing, own.warehouse).rows_loaded == 1
    late.write_text(original, encoding="utf-8")
    assert load_landing(own.landing, own.warehouse).rows_loaded == 0
    assert query(own.warehouse, f"select count(*) from raw.users where user_id = '{USER}'") == [(0,)]


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


def assert_publications_are_whole(warehouse: Path) -> None:
    """Manifests say what lies there, readers see the current one, and nothing lies there that none names."""
    store = Store(warehouse)
    versions = store.versions()
    assert len(versions) >= 2
    shown = store.current()
    assert shown and store.version_file(shown.publication_id).samefile(warehouse / PUBLISHED_FILE)
    assert store.version_file(shown.publication_id).samefile(warehouse / SECOND_NAME)
    for version in versions:
        with duckdb.connect() as con:
            con.execute(f"attach '{store.version_file(version.publication_id)}' as seen (read_only)")
            counted = {
                name: con.execute(f"select count(*) from seen.{name}").fetchall()[0][0] for name in version.row_counts
            }
            assert counted == version.row_counts
            assert con.execute("select count(*) from seen.health.fct_score_drivers").fetchall()[0][0] > 0
            tags = con.execute("select tags from duckdb_databases() where database_name = 'seen'").fetchall()[0][0]
            assert "v1.0.0" in str(tags)
        for file in version.parquet:
            path = warehouse / file.path
            assert (path.stat().st_size, file_hash(path)) == (file.bytes, file.sha256)
            assert duckdb.sql(f"select count(*) from read_parquet('{path}')").fetchall() == [(file.rows,)]
    named = {warehouse / file.path for version in versions for file in version.parquet}
    assert set(store.parquet.rglob("*.parquet")) == named


def test_nothing_of_an_account_is_left_and_building_brings_nothing_back(own: Planted) -> None:
    with (own.landing / "accounts" / "accounts_child.csv").open("w", encoding="utf-8") as file:
        file.write("account_id,name,parent_account_id,segment,created_at,currency,updated_at\n")
        file.write(f"acc_child,Child Inc,{own.account},smb,2026-04-01,USD,2026-04-01\n")
    load_landing(own.landing, own.warehouse)
    strings = account_strings(own)
    assert len(strings) > 10
    digests = write_digests(own.warehouse).folder
    assert any(path.stat().st_size for path in digests.iterdir())
    record = forget(own.warehouse, account_id=own.account)
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
    daily = Warehouse(own.warehouse, CONFIG)
    tables = daily.incremental_tables()
    assert "health.fct_health_scores" in tables
    full = daily.copy(tmp_path / "in full")
    full.build(next_day, full_refresh=True)
    assert differences(daily, full, [table for table in tables if table in full.incremental_tables()]) == {}


SCENES: dict[str, Callable[[Path, int], bool]] = {
    "a landing file is replaced": lambda warehouse, _: _redacted(warehouse) >= 1,
    "most landing files are replaced": lambda warehouse, _: _redacted(warehouse) >= 4,
    "the new build file is being written": lambda warehouse, _: (warehouse / ".forgetting" / BUILD_FILE).exists(),
    "the build file is replaced": lambda warehouse, before: (warehouse / BUILD_FILE).stat().st_ino != before,
    "published files are being written": lambda warehouse, _: any((warehouse / ".forgetting").glob("*.duckdb.wal")),
    "folders are being cleared": lambda warehouse, _: not (warehouse / "target").exists(),
}
OFTEN = "the build file is replaced"


@pytest.mark.parametrize("scene", [OFTEN, *(pytest.param(x, marks=pytest.mark.slow) for x in SCENES if x != OFTEN)])
def test_a_kill_in_the_middle_is_made_good_by_running_it_again(own: Planted, scene: str) -> None:
    kill_when(own.warehouse, SCENES[scene])
    if (own.warehouse / ".forgetting.json").exists():
        with pytest.raises(LandingError, match="finish it first"):
            load_landing(own.landing, own.warehouse)
    record = forget(own.warehouse, user_id=USER)
    assert record.is_complete
    assert found_in(own.warehouse, USER_STRINGS) == []
    assert not (own.warehouse / ".forgetting.json").exists()
    assert load_landing(own.landing, own.warehouse).rows_loaded == 0
    assert_publications_are_whole(own.warehouse)
    # one token, however often it was begun
    assert len(query(own.warehouse, "select distinct user_id from raw.users where user_id like 'forgotten%'")) == 1
    tokens = query(own.warehouse, "select distinct user_id from raw.usage_events where event_id like 'ev_p%'")
    assert sorted(row[0].split("_")[0] for row in tokens) == ["forgotten", "usr"]
    assert was_forgotten(own.warehouse, "user", USER)


def _redacted(warehouse: Path) -> int:
    try:
        return len(json.loads((warehouse / ".forgetting.json").read_text("utf-8"))["redacted"])
    except (FileNotFoundError, ValueError):
        return 0


def kill_when(warehouse: Path, has_come: Callable[[Path, int], bool]) -> bool:
    """Start the command, kill it when a scene has come; whether it was still running."""
    before = (warehouse / BUILD_FILE).stat().st_ino
    process = subprocess.Popen(
        [sys.executable, "-m", "customer_health", "forget", "--warehouse", str(warehouse), "--user", USER],
        cwd=PROJECT_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not has_come(warehouse, before):
        time.sleep(0.0005)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_forgetting_somebody_else_finishes_what_was_broken_off(own: Planted) -> None:
    assert kill_when(own.warehouse, lambda warehouse, _: _redacted(warehouse) >= 1)
    forget(own.warehouse, user_id=OTHER_USER)
    assert found_in(own.warehouse, [*USER_STRINGS, OTHER_USER]) == []
    assert was_forgotten(own.warehouse, "user", USER)
    assert was_forgotten(own.warehouse, "user", OTHER_USER)


def test_the_record_tells_what_was_done_and_not_to_whom(own: Planted) -> None:
    record = forget(own.warehouse, user_id=USER, by="dpo")
    text = (own.warehouse / "forgotten" / "records.jsonl").read_text("utf-8")
    assert json.loads(text)["forgotten_by"] == "dpo"
    assert record.raw["raw.users"] == {"removed": 0, "changed": 2}
    assert record.raw["landing.rejected_rows"]["removed"] == 4
    assert record.landing_files == 6
    assert USER not in text + "\n".join(record.lines())
    assert was_forgotten(own.warehouse, "user", USER)
    assert was_forgotten(own.warehouse, "user", OTHER_USER) is None
    again = forget(own.warehouse, user_id=USER)
    assert not again.found_anything
    assert len((own.warehouse / "forgotten" / "records.jsonl").read_text("utf-8").splitlines()) == 1


@pytest.mark.slow
def test_alerts_about_an_account_go_and_the_others_stay(own: Planted) -> None:
    folder = own.warehouse / "alerts"
    lines = [json.loads(line) for line in (folder / "alerts.jsonl").read_text("utf-8").splitlines()]
    accounts = {line["account_id"] for line in lines} - {None}
    assert len(accounts) > 1
    account = min(accounts)
    gone = {line["event_id"] for line in lines if line["account_id"] == account}
    record = forget(own.warehouse, account_id=account)
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


def test_it_waits_for_nobody_who_writes(own: Planted) -> None:
    with only_run(own.warehouse), pytest.raises(ForgetError, match="another refresh is running"):
        forget(own.warehouse, user_id=USER)
    assert found_in(own.warehouse, [USER]) != []


def test_what_cannot_be_cleaned_is_named(own: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    (own.warehouse / "notes.txt").write_text(f"call {USER}", encoding="utf-8")
    (own.landing / "usage_events" / "cut_off.parquet").write_bytes(b"PAR1 half a file")
    assert run_command("forget", "--warehouse", str(own.warehouse), "--user", USER) == 1
    output = capsys.readouterr().out
    assert "something is left in: notes.txt" in output
    assert "could not be looked into: usage_events/cut_off.parquet" in output
    assert USER not in output


def test_an_id_that_nobody_has_is_said_to_be_so(own: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("forget", "--warehouse", str(own.warehouse), "--user", "usr_nobody") == 0
    assert "nothing of this user was found" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"user_id": "a", "account_id": "b"}, "either a user or an account"),
        ({}, "either a user or an account"),
        ({"user_id": " "}, "the id is empty"),
        ({"user_id": "a", "landing": Path("no such folder")}, "does not exist"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(tmp_path: Path, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ForgetError, match=message):
        forget(tmp_path, **request_)
