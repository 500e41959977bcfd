"""Somebody is forgotten: on a company that was really built, down to the last byte.

Belongs here: what is left of a user, what the next refresh makes of it, kills in the middle, locks, the record.
Does not belong here: what is left of an account (test_forget_account.py), the rule for single rows
(test_forget_rows.py).
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
from pathlib import Path
from typing import Any

import pytest

from customer_health.forgetting.forget import ForgetError, NotFoundError, forget, was_forgotten
from customer_health.landing.load import LandingError, load_landing
from customer_health.refresh.refresh import BUILD_FILE, only_run
from tests.commands import run_command
from tests.orchestration.forgotten_company import (
    ADDRESS,
    END,
    OTHER_USER,
    USER,
    USER_STRINGS,
    Planted,
    assert_publications_are_whole,
    build,
    every_byte,
    forgotten,
    found_in,
    grown,
    query,
)

PROJECT_ROOT = Path(__file__).resolve().parents[2]


def test_the_search_finds_what_was_planted() -> None:
    """Otherwise the other tests would prove nothing."""
    found = "\n".join(found_in(grown().warehouse, USER_STRINGS))
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
    record = forgotten(own.warehouse, user_id=USER)
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
    record = forgotten(own.warehouse, user_id=USER)
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
        [sys.executable, "-m", "customer_health", "forget", "--warehouse", str(warehouse), "--user", USER, "--yes"],
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
    record = forgotten(own.warehouse, user_id=USER, by="dpo")
    text = (own.warehouse / "forgotten" / "records.jsonl").read_text("utf-8")
    assert json.loads(text)["forgotten_by"] == "dpo"
    assert record.raw["raw.users"] == {"removed": 0, "changed": 2}
    assert record.raw["landing.rejected_rows"]["removed"] == 4
    assert record.landing_files == 6
    assert USER not in text + "\n".join(record.lines())
    assert was_forgotten(own.warehouse, "user", USER)
    assert was_forgotten(own.warehouse, "user", OTHER_USER) is None
    with pytest.raises(NotFoundError, match="they were forgotten on"):
        forget(own.warehouse, user_id=USER)
    assert len((own.warehouse / "forgotten" / "records.jsonl").read_text("utf-8").splitlines()) == 1


def test_it_waits_for_nobody_who_writes(own: Planted) -> None:
    with only_run(own.warehouse), pytest.raises(ForgetError, match="another refresh is running"):
        forget(own.warehouse, user_id=USER)
    assert found_in(own.warehouse, [USER]) != []


def test_what_cannot_be_cleaned_is_named(own: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    (own.warehouse / "notes.txt").write_text(f"call {USER}", encoding="utf-8")
    (own.landing / "usage_events" / "cut_off.parquet").write_bytes(b"PAR1 half a file")
    assert run_command("forget", "--warehouse", str(own.warehouse), "--user", USER, "--yes") == 1
    output = capsys.readouterr().out
    assert "something is left in: notes.txt" in output
    assert "could not be looked into: usage_events/cut_off.parquet" in output
    assert USER not in output


def test_an_id_that_nobody_has_is_said_to_be_so(own: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    before = every_byte(own.warehouse)
    assert run_command("forget", "--warehouse", str(own.warehouse), "--user", "usr_nobody", "--yes") == 1
    assert "nothing of this user was found" in capsys.readouterr().err
    assert every_byte(own.warehouse) == before


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
