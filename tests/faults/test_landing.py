"""Landing: what happens to a file that is not as it should be, each fault provoked for real."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_health.core.contract import load_contract
from customer_health.core.settings import PROJECT_ROOT
from customer_health.landing.load import BUILD_FILE, LandingError, LandingReport, load_landing
from tests.commands import run_command

CONTRACT = load_contract()
EVENTS_HEADER = "event_id,account_id,user_id,event_name,occurred_at,quantity\n"


class Company:
    """A landing folder and a warehouse, in paths that hold spaces."""

    def __init__(self, folder: Path) -> None:
        self.landing = folder / "landing zone"
        self.warehouse = folder / "ware house"
        self.landing.mkdir()

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def put_parquet(self, name: str, columns: dict[str, Any]) -> Path:
        path = self.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)
        return path

    def load(self, **options: Any) -> LandingReport:
        return load_landing(self.landing, self.warehouse, **options)

    def ask(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.warehouse / BUILD_FILE), read_only=True) as con:
            return con.execute(sql).fetchall()

    def rejected(self) -> list[tuple]:
        return self.ask("select line, reason, raw_row from landing.rejected_rows order by file_name, line")

    def findings(self) -> dict[str, tuple[str, str]]:
        rows = self.ask("select entity, finding, detail from landing.findings")
        return {entity: (finding, detail) for entity, finding, detail in rows}

    def raw(self) -> dict[str, list[tuple]]:
        """All raw rows without the moment of loading."""
        with duckdb.connect(str(self.warehouse / BUILD_FILE), read_only=True) as con:
            return {
                name: con.execute(f"select * exclude (_loaded_at) from raw.{name} order by all").fetchall()
                for name in CONTRACT.tables
            }

    def assert_conserved(self, name: str, rows_in_file: int) -> None:
        """rows in file = loaded + rejected, in the tables as in the ledger."""
        table = name.split("/")[0]
        (loaded,) = self.ask(f"select count(*) from raw.{table} where _source_file = '{name}'")[0]
        (rejected,) = self.ask(f"select count(*) from landing.rejected_rows where file_name = '{name}'")[0]
        ledger = self.ask(f"select row_count, rejected_count from landing.files where file_name = '{name}'")
        assert loaded + rejected == rows_in_file
        assert ledger == [(loaded, rejected)]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


# ---------------------------------------------------------------- what always holds


def test_loads_are_counted_and_a_clock_that_was_ahead_changes_no_order(company):
    for number, moment in enumerate(["2026-06-01 03:00", "2026-09-01 03:00", "2026-06-02 03:00", "2026-06-03 03:00"]):
        company.put(f"csms/{number}.csv", f"csm_id,name\nc1,name {number}\n")
        company.load(loaded_at=datetime.fromisoformat(moment))
        company.load(loaded_at=datetime.fromisoformat(moment))
    loads = "select load_number, cast(loaded_at as varchar) from landing.loads order by 1"
    assert [moment[:10] for _, moment in company.ask(loads)] == ["2026-06-01", "2026-09-01", "2026-06-02", "2026-06-03"]
    reordered = company.ask(
        "select load_number, cast(loaded_at as date), cast(ordered_at as date) from landing.reordered_loads order by 1"
    )
    assert [(number, str(loaded), str(ordered)) for number, loaded, ordered in reordered] == [
        (2, "2026-09-01", "2026-06-02"),
        (3, "2026-06-02", "2026-06-02"),
        (4, "2026-06-03", "2026-06-03"),
    ]
    # two loads at one moment are two loads
    company.put("csms/again.csv", "csm_id,name\nc2,Ada\n")
    company.load(loaded_at=datetime(2026, 6, 3, 3))
    assert company.ask("select count(distinct loaded_at) from landing.loads") == [(5,)]


def test_every_table_of_the_contract_exists_even_when_nothing_landed(company):
    company.load()
    for table in CONTRACT.tables.values():
        described = company.ask(f"describe raw.{table.name}")
        expected = [(column.name, column.data_type.upper()) for column in table.columns]
        expected += [("_loaded_at", "TIMESTAMP"), ("_source_file", "VARCHAR"), ("_source_row", "BIGINT")]
        assert [(row[0], row[1]) for row in described] == expected


def test_loading_twice_changes_nothing(company):
    company.put("csms/a.csv", "csm_id,name\nc1,Ada\nc2\n")
    company.put_parquet("csms/b.parquet", {"csm_id": ["c3"]})
    first = company.load()
    before, rejects = company.raw(), company.rejected()
    second = company.load()
    assert (first.count("loaded"), second.count("loaded"), second.count("already_loaded")) == (2, 0, 2)
    assert company.raw() == before
    assert company.rejected() == rejects


def test_a_renamed_copy_is_not_loaded_again(company):
    path = company.put("csms/a.csv", "csm_id\nc1\n")
    company.load()
    shutil.copy(path, path.with_name("copy of a.csv"))
    assert company.load().count("already_loaded") == 2
    assert company.ask("select count(*) from raw.csms") == [(1,)]


def test_the_same_content_twice_in_one_load_counts_once(company):
    company.put("csms/a.csv", "csm_id\nc1\n")
    company.put("csms/b.csv", "csm_id\nc1\n")
    company.load()
    assert company.ask("select _source_file from raw.csms") == [("csms/a.csv",)]


def test_a_changed_file_of_the_same_name_is_another_file(company):
    path = company.put("csms/a.csv", "csm_id\nc1\n")
    company.load()
    times = path.stat()
    time.sleep(0.02)
    path.write_text("csm_id\nc2\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    company.load()
    assert company.ask("select csm_id, _source_file from raw.csms order by 1") == [
        ("c1", "csms/a.csv"),
        ("c2", "csms/a.csv"),
    ]


def test_an_unchanged_old_file_is_not_even_read_again(company, monkeypatch):
    path = company.put("csms/a.csv", "csm_id\nc1\n")
    monkeypatch.setattr("customer_health.landing.load.is_settled", lambda _: True)
    company.load()
    monkeypatch.setattr("customer_health.landing.load.content_hash", lambda _: pytest.fail(f"read {path} again"))
    assert company.load().count("already_loaded") == 1


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_load(company, monkeypatch):
    from customer_health.landing import load as landing

    path = company.put("csms/a.csv", "csm_id\nc1\n")
    real = landing.content_hash

    def hash_then_write(read: Path) -> str:
        content = real(read)
        path.write_text("csm_id\nc1\nc2\n")
        return content

    monkeypatch.setattr(landing, "content_hash", hash_then_write)
    company.load()
    assert "changed while it was read" in company.findings()["csms/a.csv"][1]
    assert company.ask("select count(*) from raw.csms") == [(0,)]
    monkeypatch.setattr(landing, "content_hash", real)
    company.load()
    assert company.ask("select csm_id from raw.csms order by 1") == [("c1",), ("c2",)]
    assert company.findings() == {}


def test_all_rows_of_one_load_share_its_moment(company):
    company.put("csms/a.csv", "csm_id\nc1\n")
    company.put("users/a.csv", "user_id,account_id,created_at\nu1,a1,2026-01-01\n")
    moment = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    company.load(loaded_at=moment)
    both = company.ask("select _loaded_at from raw.csms union all select _loaded_at from raw.users")
    assert both == [(datetime(2026, 3, 1, 10),)] * 2


def test_rows_keep_their_line_across_windows_blank_lines_and_quoted_newlines(company):
    lines: list[str] = ["csm_id,name"]
    expected: list[tuple[str, int]] = []
    for number in range(150_000):
        if number % 1000 == 7:
            lines.append("")
        expected.append((f"c{number}", len(lines) + 1))
        if number % 500 == 3:
            lines += [f'c{number},"first line', 'second ""line""', '"']
        else:
            lines.append(f"c{number},{'x' * 60}")
    company.put("csms/a.csv", "\n".join(lines))
    company.load()
    found = company.ask("select csm_id, _source_row from raw.csms")
    assert sorted(found, key=lambda row: row[1]) == expected
    assert company.ask("select name from raw.csms where csm_id = 'c3'") == [('first line\nsecond "line"\n',)]


# ---------------------------------------------------------------- values become what the contract says


@pytest.mark.fault(16, 18)
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T10:00:00+02:00", datetime(2026, 3, 1, 8)),
        ("2026-03-01T10:00:00-0530", datetime(2026, 3, 1, 15, 30)),
        ("2026-03-01 10:00:00+02", datetime(2026, 3, 1, 8)),
        ("2026-03-01T10:00+02:00", datetime(2026, 3, 1, 8)),
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10)),
        ("2026-03-01 10:00:00 UTC", datetime(2026, 3, 1, 10)),
        ("2026-03-01T10:00:00.123456Z", datetime(2026, 3, 1, 10, 0, 0, 123456)),
        ("2026-03-01 10:00:00", datetime(2026, 3, 1, 10)),
        ("2026-03-01", datetime(2026, 3, 1)),
        (" 2026-03-01T10:00 ", datetime(2026, 3, 1, 10)),
        ("2026-03-29T02:30:00+02:00", datetime(2026, 3, 29, 0, 30)),
    ],
)
def test_timestamps_are_utc_whatever_their_zone_and_the_machines(company, monkeypatch, text, moment):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        company.put("users/a.csv", f"user_id,account_id,created_at\nu1,a1,{text}\n")
        company.put("users/b.jsonl", f'{{"user_id": "u2", "account_id": "a1", "created_at": "{text}"}}\n')
        company.put_parquet("users/c.parquet", {"user_id": ["u3"], "account_id": ["a1"], "created_at": [text]})
        company.load()
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert company.ask("select created_at from raw.users") == [(moment,)] * 3


@pytest.mark.fault(18)
def test_zoned_parquet_timestamps_become_utc_and_naive_ones_stay(company):
    moment = datetime(2026, 3, 1, 10)
    zoned = pa.array([moment.replace(tzinfo=UTC)], pa.timestamp("us", tz="America/New_York"))
    naive = pa.array([moment], pa.timestamp("ns"))
    for name, column in (("zoned", zoned), ("naive", naive), ("day", pa.array([date(2026, 3, 1)]))):
        company.put_parquet(f"users/{name}.parquet", {"user_id": [name], "account_id": ["a"], "created_at": column})
    company.load()
    assert dict(company.ask("select user_id, created_at from raw.users")) == {
        "zoned": moment,
        "naive": moment,
        "day": datetime(2026, 3, 1),
    }


@pytest.mark.parametrize(
    "text",
    [
        "03/01/2026",
        "2026-02-30",
        "20260301",
        "infinity",
        "epoch",
        "1767225600",
        "2026-03-01T25:00:00",
        "2026-03-01T10:00:00 Europe/Berlin",
    ],
)
def test_a_moment_in_any_other_form_is_rejected_not_guessed(company, text):
    company.put("users/a.csv", f"user_id,account_id,created_at\nu1,a1,{text}\nu2,a1,2026-01-01\n")
    company.load()
    assert company.rejected() == [(2, "unparseable_timestamp: created_at", f"u1,a1,{text}")]
    company.assert_conserved("users/a.csv", 2)


def test_numbers_are_not_rounded_or_made_up(company):
    header = "ticket_id,account_id,opened_at,reopened_count,csat\n"
    good = {"a": ("3", "4.5"), "b": ("3.0", "1e0"), "c": ("", " "), "d": ("-1", ".5")}
    bad = {"e": ("1.5", "4"), "f": ("0x1A", "4"), "g": ("1", "nan"), "h": ("1", "inf"), "i": ("1_0", "1,5")}
    rows = [f'{key},acc,2026-01-01,{count},"{csat}"' for key, (count, csat) in (good | bad).items()]
    company.put("support_tickets/a.csv", header + "\n".join(rows))
    company.load()
    assert company.ask("select ticket_id, reopened_count, csat from raw.support_tickets order by 1") == [
        ("a", 3, 4.5),
        ("b", 3, 1.0),
        ("c", None, None),
        ("d", -1, 0.5),
    ]
    assert [reason for _, reason, _ in company.rejected()] == [
        "unparseable_number: reopened_count",
        "unparseable_number: reopened_count",
        "unparseable_number: csat",
        "unparseable_number: csat",
        "unparseable_number: reopened_count; unparseable_number: csat",
    ]
    company.assert_conserved("support_tickets/a.csv", 9)


def test_days_money_and_booleans_are_read_by_the_contract(company):
    columns = "subscription_item_id,valid_from,account_id,billing_status,mrr,currency,auto_renews,valid_to\n"
    rows = (
        "i1,2026-01-01,a1,paid,1234.5,EUR,Yes,2026-02-01T23:30:00-02:00\n"
        "i2,2026-01-01,a1,paid,1e2,EUR,0,\n"
        "i3,2026-01-01,a1,paid,99999999999999999,EUR,true,\n"
        "i4,2026-01-01,a1,paid,1,EUR,perhaps,\n"
    )
    company.put("subscriptions/a.csv", columns + rows)
    company.load()
    found = company.ask(
        "select subscription_item_id, valid_from, mrr, auto_renews, valid_to from raw.subscriptions order by 1"
    )
    assert found == [
        ("i1", date(2026, 1, 1), Decimal("1234.5000"), True, date(2026, 2, 2)),
        ("i2", date(2026, 1, 1), Decimal("100.0000"), False, None),
    ]
    assert [(line, reason) for line, reason, _ in company.rejected()] == [
        (4, "unparseable_number: mrr"),
        (5, "unparseable_boolean: auto_renews"),
    ]


def test_parquet_values_of_another_but_convertible_type_are_checked_one_by_one(company):
    company.put_parquet(
        "support_tickets/a.parquet",
        {
            "ticket_id": pa.array([1, 2, 3]),
            "account_id": pa.array([10.0, None, 1.5]),
            "user_id": pa.array([None, None, None], pa.float64()),
            "opened_at": pa.array(["2026-01-01", "2026-01-02", "2026-01-03"]),
            "reopened_count": pa.array([1.0, None, 2.0]),
        },
    )
    company.load()
    found = company.ask("select ticket_id, account_id, reopened_count, _source_row from raw.support_tickets")
    assert sorted(found) == [("1", "10", 1, 1), ("2", None, None, 2)]
    assert [(line, reason) for line, reason, _ in company.rejected()] == [(3, "unparseable_text: account_id")]
    assert '"account_id":1.5' in company.rejected()[0][2]
    company.assert_conserved("support_tickets/a.parquet", 3)


# ---------------------------------------------------------------- malformed rows


@pytest.mark.fault(19)
def test_rows_with_too_few_or_too_many_fields_are_rejected_with_their_line(company):
    company.put("csms/a.csv", "csm_id,name\nc1,Ada\nc2\nc3,Cy,extra\n\nc4,Dee\n")
    company.load()
    assert company.rejected() == [
        (3, "wrong_field_count: expected 2, found 1", "c2"),
        (4, "wrong_field_count: expected 2, found 3", "c3,Cy,extra"),
    ]
    assert company.ask("select csm_id, _source_row from raw.csms order by 1") == [("c1", 2), ("c4", 6)]
    assert company.findings()["csms/a.csv"][0] == "rows_rejected"
    company.assert_conserved("csms/a.csv", 4)


@pytest.mark.fault(20)
def test_bad_utf8_rejects_the_row_and_a_byte_order_mark_is_read(company):
    company.put("csms/a.csv", b"\xef\xbb\xbfcsm_id,name\r\nc1,Zo\xc3\xab\r\nc2,Zo\xeb\r\nc3,Cy\r\n")
    company.put("csms/b.jsonl", b'\xef\xbb\xbf{"csm_id": "c4"}\n{"csm_id": "\xeb"}\n{"csm_id": "c5"}')
    company.load()
    assert company.rejected() == [
        (3, "bad_encoding: not UTF-8", "c2,Zo\\xeb"),
        (2, "bad_encoding: not UTF-8", '{"csm_id": "\\xeb"}'),
    ]
    found = company.ask("select csm_id, name, _source_row from raw.csms order by 1")
    assert found == [("c1", "Zoë", 2), ("c3", "Cy", 4), ("c4", None, 1), ("c5", None, 3)]
    company.assert_conserved("csms/a.csv", 3)
    company.assert_conserved("csms/b.jsonl", 3)


def test_utf16_is_refused_by_name(company):
    company.put("csms/a.csv", "csm_id,name\nc1,Ada\n".encode("utf-16"))
    company.load()
    assert company.findings()["csms/a.csv"] == ("file_refused", "the file is UTF-16; save it as UTF-8")


@pytest.mark.fault(21)
def test_an_unclosed_quote_costs_its_own_line_and_not_the_rest_of_the_file(company):
    company.put("csms/a.csv", 'csm_id,name\nc1,Ada\nc2,"Bo\nc3,Cy\nc4,"Dee"\nc5,"E" x\nc6,"Fay"')
    company.load()
    assert company.rejected() == [(3, "unclosed_quote", 'c2,"Bo'), (6, "misplaced_quote", 'c5,"E" x')]
    assert company.ask("select csm_id, _source_row from raw.csms order by 1") == [
        ("c1", 2),
        ("c3", 4),
        ("c4", 5),
        ("c6", 7),
    ]
    company.assert_conserved("csms/a.csv", 6)


@pytest.mark.fault(22)
def test_quoted_newlines_carriage_returns_and_inch_marks_are_simply_read(company):
    company.put("csms/a.csv", b'csm_id,name,team\r\nc1,"A\r\nB",x\r\nc2,"27"" disk",27" disk\r\nc3,"a\rb","c\nd"')
    company.load()
    assert company.ask("select csm_id, name, team, _source_row from raw.csms order by 1") == [
        ("c1", "A\r\nB", "x", 2),
        ("c2", '27" disk', '27" disk', 4),
        ("c3", "a\rb", "c\nd", 5),
    ]
    assert company.rejected() == []


def test_an_endless_line_is_rejected_without_being_held_in_memory(company, monkeypatch):
    monkeypatch.setattr("customer_health.landing.text.LONGEST_ROW", 1000)
    monkeypatch.setattr("customer_health.landing.text.WINDOW", 256)
    company.put("csms/a.csv", "csm_id,name\nc1,Ada\nc2," + "x" * 5000 + "\nc3,Cy\n")
    company.put("csms/b.jsonl", '{"csm_id": "c4"}\n{"csm_id": "' + "x" * 5000 + '"}\n{"csm_id": "c6"}\n')
    company.load()
    assert [(line, reason) for line, reason, _ in company.rejected()] == [
        (3, "row_too_long: more than 1000 bytes"),
        (2, "row_too_long: more than 1000 bytes"),
    ]
    assert company.ask("select csm_id, _source_row from raw.csms order by 1") == [
        ("c1", 2),
        ("c3", 4),
        ("c4", 1),
        ("c6", 3),
    ]


@pytest.mark.fault(19)
def test_malformed_json_lines_are_rejected_one_by_one(company):
    lines = [
        '{"csm_id": "c1", "weekly_hours": 3, "name": null}',
        '{"csm_id": "c2", ',
        "",
        "[1, 2]",
        '{"csm_id": "c3", "csm_id": "c4"}',
        '{"csm_id": ["c5"]}',
        '{"csm_id": "c6", "weekly_hours": "many"}',
        '{"csm_id": "c\x017"}',
        '{"csm_id": "\\u00e9", "name": "a\\nb", "weekly_hours": "2.5"}',
    ]
    company.put("csms/a.jsonl", "\n".join(lines))
    company.load()
    assert company.rejected() == [
        (2, "malformed_json", lines[1]),
        (4, "malformed_json: no object", lines[3]),
        (5, "duplicate_key", lines[4]),
        (6, "nested_value: csm_id", lines[5]),
        (7, "unparseable_number: weekly_hours", lines[6]),
        (8, "malformed_json: control character", lines[7]),
    ]
    assert company.ask("select csm_id, name, weekly_hours, _source_row from raw.csms order by 4") == [
        ("c1", None, 3.0, 1),
        ("é", "a\nb", 2.5, 9),
    ]
    company.assert_conserved("csms/a.jsonl", 8)


# ---------------------------------------------------------------- columns that do not fit


@pytest.mark.fault(23)
def test_an_added_column_is_kept_in_raw_and_reported_once(company):
    company.put("csms/a.csv", "csm_id,Shoe Size\nc1,44\n")
    company.put("csms/b.jsonl", '{"csm_id": "c2", "shoe size": {"eu": 45}}\n')
    company.put("csms/c.csv", "csm_id\nc3\n")
    report = company.load()
    found = company.ask('select csm_id, "shoe size" from raw.csms order by 1')
    assert found == [("c1", "44"), ("c2", '{"eu":45}'), ("c3", None)]
    assert [(item.finding, item.entity) for item in report.findings] == [("column_added", "csms.shoe size")]


def test_an_added_column_that_looks_like_a_missing_one_says_so(company):
    company.put("csms/a.csv", "csm_id,weekly_hour\nc1,10\n")
    company.load()
    assert "did you mean 'weekly_hours'?" in company.findings()["csms.weekly_hour"][1]


@pytest.mark.fault(24)
@pytest.mark.parametrize("file_type", ["csv", "jsonl", "parquet"])
def test_a_renamed_required_column_refuses_the_file_and_others_load(company, file_type):
    name = f"users/bad.{file_type}"
    if file_type == "csv":
        company.put(name, "user_id,account,created_at\nu1,a1,2026-01-01\n")
    elif file_type == "jsonl":
        company.put(name, '{"user_id": "u1", "account": "a1", "created_at": "2026-01-01"}\n')
    else:
        company.put_parquet(name, {"user_id": ["u1"], "account": ["a1"], "created_at": ["2026-01-01"]})
    company.put("users/good.csv", "user_id,account_id,created_at\nu2,a1,2026-01-01\n")
    company.load()
    assert company.findings()[name] == (
        "file_refused",
        "required column 'account_id' is missing, expected type varchar (is it now called 'account'?)",
    )
    assert company.ask("select user_id from raw.users") == [("u2",)]
    assert company.ask("select * from landing.rejected_rows") == []


@pytest.mark.fault(25)
def test_a_missing_required_column_refuses_the_file_naming_all_that_is_missing(company):
    company.put("subscriptions/a.csv", "subscription_item_id,valid_from,account_id\ni1,2026-01-01,a1\n")
    company.load()
    _, detail = company.findings()["subscriptions/a.csv"]
    assert "'mrr' is missing, expected type decimal(18,4)" in detail
    assert "'billing_status' is missing" in detail
    assert "'currency' is missing" in detail


def test_usage_needs_an_account_or_a_user(company):
    company.put("usage_events/a.csv", "event_id,event_name,occurred_at\ne1,login,2026-01-01\n")
    company.put("usage_events/b.csv", "event_id,user_id,event_name,occurred_at\ne2,u1,login,2026-01-01\n")
    company.load()
    assert "'account_id' (varchar) or 'user_id' (varchar)" in company.findings()["usage_events/a.csv"][1]
    assert company.ask("select event_id, account_id from raw.usage_events") == [("e2", None)]


@pytest.mark.fault(26)
def test_a_retyped_csv_column_refuses_the_file_and_nothing_turns_into_nulls(company):
    company.put("usage_events/a.csv", EVENTS_HEADER + "e1,a1,,login,yesterday,\ne2,a1,,login,today,\n")
    company.load()
    assert company.findings()["usage_events/a.csv"] == (
        "file_refused",
        "column 'occurred_at': none of its 2 values is of the expected type timestamp",
    )
    assert company.ask("select count(*) from raw.usage_events") == [(0,)]


@pytest.mark.fault(26)
def test_a_retyped_parquet_column_refuses_the_file_even_when_it_is_optional(company):
    day = pa.array([date(2026, 1, 1)])
    company.put_parquet("users/a.parquet", {"user_id": ["u1"], "account_id": ["a1"], "created_at": [1767225600]})
    company.put_parquet(
        "users/b.parquet",
        {"user_id": ["u1"], "account_id": ["a1"], "created_at": day, "is_champion": [date(2026, 1, 1)]},
    )
    company.put_parquet("csms/a.parquet", {"csm_id": ["c1"], "team": [["a", "b"]]})
    company.load()
    assert company.findings() == {
        "users/a.parquet": ("file_refused", "column 'created_at' is BIGINT, expected timestamp"),
        "users/b.parquet": ("file_refused", "column 'is_champion' is DATE, expected boolean"),
        "csms/a.parquet": ("file_refused", "column 'team' is VARCHAR[], expected varchar"),
    }


@pytest.mark.parametrize("columns", ["csm_id,name,name", "csm_id,name,Name", "csm_id,CSM_ID"])
def test_duplicate_column_names_are_refused(company, columns):
    company.put("csms/a.csv", f"{columns}\nc1,x,y\n")
    names = columns.split(",")
    table = pa.Table.from_arrays([pa.array(["x"])] * len(names), names=names)
    path = company.landing / "csms" / "b.parquet"
    pq.write_table(table, path)
    company.load()
    for name in ("csms/a.csv", "csms/b.parquet"):
        assert company.findings()[name] == ("file_refused", f"column '{names[-1]}' appears twice")


def test_names_that_the_loader_needs_are_refused(company):
    company.put("csms/a.csv", "csm_id,_loaded_at\nc1,2026-01-01\n")
    company.load()
    assert "'_loaded_at' is reserved" in company.findings()["csms/a.csv"][1]


def test_another_delimiter_is_named(company):
    company.put("csms/a.csv", "csm_id;name\nc1;Ada\n")
    company.load()
    assert "the delimiter has to be a comma" in company.findings()["csms/a.csv"][1]


def test_columns_are_found_by_name_in_any_order_and_case(company):
    company.put("csms/a.csv", "Weekly_Hours,NAME,csm_id\n12,Ada,c1\n")
    company.load()
    assert company.ask("select csm_id, name, weekly_hours from raw.csms") == [("c1", "Ada", 12.0)]


def test_a_refused_file_loads_once_it_is_mended_and_its_finding_goes(company):
    path = company.put("csms/a.csv", "id\nc1\n")
    company.load()
    company.load()
    assert company.ask("select count(*) from landing.findings") == [(1,)]
    assert company.ask("select status from landing.files") == [("refused",)]
    path.write_text("csm_id\nc1\n")
    company.load()
    assert company.findings() == {}
    assert company.ask("select csm_id from raw.csms") == [("c1",)]


# ---------------------------------------------------------------- files that are not whole, or not files


@pytest.mark.fault(27)
@pytest.mark.parametrize("name", ["csms/a.csv", "csms/a.jsonl", "csms/a.parquet"])
def test_an_empty_file_is_a_finding(company, name):
    company.put(name, b"")
    company.load()
    assert company.findings()[name] == ("file_empty", "the file is empty")
    assert company.ask("select status, row_count from landing.files") == [("empty", 0)]


@pytest.mark.fault(28)
def test_a_header_without_rows_is_a_finding(company):
    company.put("csms/a.csv", "csm_id,name")
    company.put_parquet("csms/b.parquet", {"csm_id": pa.array([], pa.string())})
    company.load()
    assert {entity: finding for entity, (finding, _) in company.findings().items()} == {
        "csms/a.csv": "file_header_only",
        "csms/b.parquet": "file_header_only",
    }
    assert set(company.ask("select status from landing.files")) == {("header_only",)}


def test_an_empty_first_line_is_no_header(company):
    company.put("csms/a.csv", "\ncsm_id,name\nc1,Ada\n")
    company.load()
    assert "the header has to be the first line" in company.findings()["csms/a.csv"][1]


@pytest.mark.fault(29)
@pytest.mark.parametrize("fault", ["cut", "no footer", "damaged page"])
def test_a_damaged_parquet_file_is_refused_and_others_load(company, fault):
    path = company.put_parquet("csms/a.parquet", {"csm_id": [f"c{number}" for number in range(5000)]})
    content = path.read_bytes()
    if fault == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif fault == "no footer":
        path.write_bytes(content[:-8] + b"\0" * 8)
    else:
        path.write_bytes(content[:100] + b"\xff" * 2000 + content[2100:])
    company.put("csms/b.csv", "csm_id\nc1\n")
    company.load()
    finding, detail = company.findings()["csms/a.parquet"]
    assert finding == "file_refused"
    assert "cannot be read" in detail
    assert "landing-" not in detail
    assert company.ask("select csm_id, _source_file from raw.csms") == [("c1", "csms/b.csv")]


def test_unknown_folders_file_types_and_nested_folders_are_findings(company):
    company.put("acounts/a.csv", "account_id,created_at\na1,2026-01-01\n")
    company.put("accounts.csv", "account_id,created_at\na1,2026-01-01\n")
    company.put("csms/a.csv.gz", b"\x1f\x8b")
    company.put("csms/2026/a.csv", "csm_id\nc1\n")
    company.put("csms/.hidden", "x")
    company.put("csms/_SUCCESS", "")
    company.load()
    findings = company.findings()
    assert set(findings) == {"acounts", "accounts.csv", "csms/a.csv.gz", "csms/2026"}
    assert {finding for finding, _ in findings.values()} == {"file_refused"}
    assert "did you mean 'accounts'?" in findings["acounts"][1]
    assert company.ask("select count(*) from raw.csms") == [(0,)]


def test_a_missing_landing_folder_is_a_clear_error(tmp_path, capsys):
    status = run_command("load", "--landing", str(tmp_path / "nowhere"), "--warehouse", str(tmp_path / "w"))
    assert status == 1
    assert "does not exist" in capsys.readouterr().err


# ---------------------------------------------------------------- values and names that want to be code


@pytest.mark.fault(56)
def test_sql_and_formulas_in_values_and_columns_are_data(company):
    evil = "'); drop table raw.csms; --"
    formula = '=HYPERLINK("http://x","y")'
    company.put(
        "csms/a.csv",
        f'csm_id,name,"a""; drop table raw.csms; --"\n{evil},"{formula.replace(chr(34), chr(34) * 2)}",x\n',
    )
    company.put("csms/b.jsonl", '{"csm_id": "c2", "x\'/~\\"): --": "y"}\n')
    company.put("csms/it's; drop table raw.csms; --.csv", "csm_id,name\nc3,-1+1\nc4\n")
    company.load()
    found = company.ask("select csm_id, name from raw.csms order by 1")
    assert found == [(evil, formula), ("c2", None), ("c3", "-1+1")]
    assert company.ask('select "a""; drop table raw.csms; --" from raw.csms where name[1] = \'=\'') == [("x",)]
    assert company.ask('select "x\'/~""): --" from raw.csms where csm_id = \'c2\'') == [("y",)]
    assert company.ask("select file_name from landing.rejected_rows") == [("csms/it's; drop table raw.csms; --.csv",)]


@pytest.mark.fault(58)
def test_a_pattern_in_a_file_name_reads_that_file_only(company):
    company.put("csms/*.csv", "csm_id\nstar\n")
    company.put("csms/[ab].csv", "csm_id\nbrackets\n")
    company.put("csms/a.csv", "csm_id\nplain\n")
    company.load()
    assert company.ask("select _source_file, csm_id from raw.csms order by 2") == [
        ("csms/[ab].csv", "brackets"),
        ("csms/a.csv", "plain"),
        ("csms/*.csv", "star"),
    ]


@pytest.mark.fault(58)
def test_paths_that_leave_the_landing_folder_are_refused(company, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("csm_id\nsecret\n")
    folder = company.landing / "csms"
    folder.mkdir()
    (folder / "link.csv").symlink_to(outside / "secret.csv")
    (folder / "dangling.csv").symlink_to(outside / "nothing.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    (folder / "..\\..\\outside\\secret.csv").write_text("csm_id\nsecret\n")
    (company.landing / "users").symlink_to(outside)
    os.mkfifo(folder / "pipe.csv")
    (folder / "inside.csv").symlink_to(company.put("csms/real.csv", "csm_id\nc1\n"))
    company.load()
    findings = company.findings()
    assert findings["csms/link.csv"][1] == "the link leaves the landing folder"
    assert findings["csms/dangling.csv"][1] == "the link leads nowhere"
    assert findings["csms/loop.csv"][1] == "the link leads nowhere"
    assert findings["csms/..\\..\\outside\\secret.csv"][1] == "the file name leads out of its folder"
    assert findings["users"][1] == "the folder is a link that leaves the landing folder"
    assert findings["csms/pipe.csv"][1] == "not a regular file"
    assert company.ask("select csm_id from raw.csms") == [("c1",)]


def test_a_file_name_that_is_not_text_is_refused(company):
    (company.landing / "csms").mkdir()
    with open(os.fsencode(company.landing / "csms") + b"/a\xff.csv", "w") as file:
        file.write("csm_id\nc1\n")
    (company.landing / "csms" / "a\nb.csv").write_text("csm_id\nc2\n")
    company.load()
    assert {entity: detail for entity, (_, detail) in company.findings().items()} == {
        "csms/a\\xff.csv": "the file name is not printable text",
        "csms/a\\nb.csv": "the file name is not printable text",
    }


# ---------------------------------------------------------------- kills, locks, disks, memory


def run_python(code: str, *arguments: object, **options: Any) -> subprocess.Popen:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


LOAD = """
import sys
from pathlib import Path
from customer_health.__main__ import main
print("ready", flush=True)
sys.exit(main(["load", "--landing", sys.argv[1], "--warehouse", sys.argv[2], *sys.argv[3:]]))
"""


OFTEN_TOLD = """
from customer_health.landing import load as landing
landing.PROGRESS_EVERY_SECONDS = 0.002
"""


def many_events(company: Company, files: int, rows: int) -> None:
    (company.landing / "usage_events").mkdir(exist_ok=True)
    with duckdb.connect() as con:
        for number in range(files):
            file_type = "parquet" if number % 2 else "csv"
            path = str(company.landing / "usage_events" / f"part {number}.{file_type}").replace("'", "''")
            con.execute(
                f"copy (select 'e' || (i + {number * rows}) as event_id, 'a' || (i % 100) as account_id,"
                " 'login' as event_name, timestamp '2026-01-01' + to_seconds(i) as occurred_at,"
                f" i % 5 as quantity from range({rows}) t (i)) to '{path}' (format {file_type})"
            )
            if file_type == "csv":
                with open(path, "a") as file:
                    file.write("one,field,short\n")


@pytest.mark.fault(33)
def test_a_killed_load_leaves_whole_files_and_the_next_one_finishes(tmp_path):
    folder = tmp_path / "company"
    folder.mkdir()
    company = Company(folder)
    many_events(company, files=8, rows=40_000)
    company.load()
    expected, expected_rejects = company.raw(), company.rejected()

    partial_loads = 0
    chance = random.Random(33)
    for file in (1, 3, 5, 7):
        shutil.rmtree(company.warehouse)
        process = run_python(OFTEN_TOLD + LOAD, company.landing, company.warehouse)
        # what it is at, however fast the machine is; then some moment in this file or the next
        assert any(f"part {file}." in line for line in process.stderr)
        time.sleep(chance.random() * 0.1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if (company.warehouse / BUILD_FILE).exists():
            with duckdb.connect(str(company.warehouse / BUILD_FILE)) as con:
                exists = con.execute(
                    "select count(*) from duckdb_tables() where schema_name = 'landing' and table_name = 'files'"
                ).fetchall()[0][0]
                if exists:
                    per_file = con.execute(
                        "select _source_file, count(*) from raw.usage_events group by all"
                    ).fetchall()
                    ledger = con.execute("select file_name, row_count from landing.files").fetchall()
                    assert sorted(per_file) == sorted(ledger)
                    assert {rows for _, rows in per_file} <= {40_000}
                    partial_loads += 0 < len(ledger) < 8
        company.load()
        assert company.raw() == expected
        assert company.rejected() == expected_rejects
        assert not (company.warehouse / ".landing").exists()
    assert partial_loads, "no kill came in the middle of a load"


@contextmanager
def held_build_file(company: Company) -> Iterator[None]:
    code = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    process = run_python(code, company.warehouse / BUILD_FILE, stdin=subprocess.PIPE)
    try:
        assert process.stdout.readline() == "held\n"
        yield
    finally:
        process.communicate("")


@pytest.mark.fault(40)
def test_a_second_writer_is_told_at_once_that_the_build_file_is_in_use(company, capsys):
    company.put("csms/a.csv", "csm_id\nc1\n")
    company.load()
    company.put("csms/b.csv", "csm_id\nc2\n")
    with held_build_file(company):
        status = run_command("load", "--landing", str(company.landing), "--warehouse", str(company.warehouse))
    assert status == 1
    assert "is in use by another process" in capsys.readouterr().err
    company.load()
    assert company.ask("select count(*) from raw.csms") == [(2,)]


@pytest.mark.fault(37)
def test_a_full_disk_stops_the_load_without_a_partial_file(company):
    many_events(company, files=2, rows=200_000)
    company.put("csms/a.csv", "csm_id\nc1\n")
    code = "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))\n" + LOAD
    process = run_python(code, company.landing, company.warehouse)
    _, errors = process.communicate()
    assert process.returncode == 1, errors
    assert errors.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in errors
    company.load()
    assert company.ask("select _source_file, count(*) from raw.usage_events group by all order by all") == [
        ("usage_events/part 0.csv", 200_000),
        ("usage_events/part 1.parquet", 200_000),
    ]


@pytest.mark.fault(39)
def test_a_folder_that_cannot_be_written_is_a_clear_error(company, capsys):
    company.warehouse.write_text("a file where a folder should be")
    status = run_command("load", "--landing", str(company.landing), "--warehouse", str(company.warehouse))
    assert status == 1
    assert "cannot be used" in capsys.readouterr().err


@pytest.mark.fault(38)
def test_too_little_memory_is_a_clear_error_and_not_a_refused_file(company):
    many_events(company, files=1, rows=300_000)
    with pytest.raises(LandingError):
        company.load(memory_limit="2MB")
    company.load()
    company.assert_conserved("usage_events/part 0.csv", 300_001)


def test_a_build_file_that_is_no_database_is_a_clear_error(company, capsys):
    company.warehouse.mkdir()
    (company.warehouse / BUILD_FILE).write_bytes(b"not a database" * 1000)
    assert run_command("load", "--landing", str(company.landing), "--warehouse", str(company.warehouse)) == 1
    assert "cannot be opened" in capsys.readouterr().err


@pytest.mark.fault(30)
def test_memory_stays_bounded_on_a_file_much_larger_than_its_limit(company):
    (company.landing / "usage_events").mkdir()
    path = company.landing / "usage_events" / "huge.csv"
    row = "e{},a1,u1,login,2026-01-01T00:00:00Z," + "1" * 9
    with path.open("w") as file:
        file.write(EVENTS_HEADER.strip() + ",filler\n")
        filler = "x" * 400
        for first in range(0, 500_000, 10_000):
            file.write("".join(f"{row.format(n)},{filler}\n" for n in range(first, first + 10_000)))
        file.write("short\n")
    assert path.stat().st_size > 220_000_000
    # ru_maxrss would count the memory of the process that started this one
    code = LOAD.replace("sys.exit(", "status = (") + (
        "\nstatus_file = Path('/proc/self/status').read_text()\n"
        "print(int(status_file.split('VmHWM:')[1].split()[0]) // 1024, flush=True)\n"
        "sys.exit(status)\n"
    )
    process = run_python(code, company.landing, company.warehouse, "--memory-limit", "100MB")
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert int(output.splitlines()[-1]) < 350, "peak memory in MB"
    company.assert_conserved("usage_events/huge.csv", 500_001)


def test_a_long_load_says_what_it_is_doing(company, monkeypatch):
    monkeypatch.setattr("customer_health.landing.load.PROGRESS_EVERY_SECONDS", 0.02)
    many_events(company, files=3, rows=20_000)
    said: list[str] = []
    company.load(progress=said.append)
    assert any("usage_events/part" in text and "of 3" in text for text in said)
