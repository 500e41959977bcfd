"""What becomes of a row when somebody is forgotten: in CSV, JSON Lines, Parquet and tables alike.

Belongs here: the rule, line by line and value by value; files keeping the bytes of everybody else.
Does not belong here: whole warehouses (test_forget.py).
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from customer_health.core.build_file import BUILD_FILE
from customer_health.core.contract import load_contract
from customer_health.forgetting.find import find_subject
from customer_health.forgetting.landing import Redacted, forget_in_landing
from customer_health.forgetting.rule import Subject
from customer_health.forgetting.sql import claims_table, cleaning, columns_of
from customer_health.landing.load import load_landing

CONTRACT = load_contract()
EVENT_COLUMNS = ("event_id", "account_id", "user_id", "event_name", "occurred_at", "ip")


def forget_files(landing: Path, subject: Subject) -> list[Redacted]:
    done, closed = forget_in_landing(landing, CONTRACT, subject, lambda _: None)
    assert closed == []
    return done


def subject_of(raw: dict[str, list[dict[str, Any]]], kind: str, identity: str, keep_totals: bool = True) -> Subject:
    """The subject as the raw tables know it, after these rows were loaded."""
    with tempfile.TemporaryDirectory() as folder:
        landing = Path(folder) / "landing"
        for table, rows in raw.items():
            (landing / table).mkdir(parents=True)
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (landing / table / "rows.jsonl").write_text(text, encoding="utf-8")
        landing.mkdir(exist_ok=True)
        report = load_landing(landing, Path(folder))
        assert report.count("refused") == 0, report.lines()
        with duckdb.connect(str(Path(folder) / BUILD_FILE)) as con:
            return find_subject(con, CONTRACT, kind, identity, (), keep_totals)


def user_row(user: str, account: str, day: str, **more: Any) -> dict[str, Any]:
    return {"user_id": user, "account_id": account, "created_at": "2026-01-01", "updated_at": day, **more}


COMPANY = {
    "accounts": [
        {"account_id": "acc_1", "name": "Quince & Sons", "created_at": "2026-01-01", "updated_at": "2026-01-01"},
        {"account_id": "acc_2", "name": "Quibble", "created_at": "2026-01-01", "updated_at": "2026-01-01"},
    ],
    "account_identifiers": [
        {"source": "product", "external_id": "ext_own", "account_id": "acc_1"},
        {"source": "support", "external_id": "ext_other_system", "account_id": "acc_1"},
        # this id passes to the other account in April
        {"source": "product", "external_id": "ext_passed_on", "account_id": "acc_1"},
        {"source": "product", "external_id": "ext_passed_on", "account_id": "acc_2", "valid_from": "2026-04-01"},
    ],
    "users": [
        user_row("usr_always", "acc_1", "2026-01-01", email="quill@example.com"),
        user_row("usr_moved", "acc_1", "2026-01-01"),
        user_row("usr_moved", "acc_2", "2026-03-01"),
        user_row("usr_other", "acc_2", "2026-01-01", email="other@example.com"),
    ],
}


@pytest.mark.parametrize(
    ("row", "goes"),
    [
        ({"account_id": "acc_1"}, True),
        ({"account_id": "acc_2"}, False),
        ({"account_id": "acc_12"}, False),
        ({"account_id": "ext_own"}, True),
        ({"account_id": "ext_other_system"}, False),
        ({"account_id": "ext_passed_on", "occurred_at": "2026-03-31 23:59:59"}, True),
        ({"account_id": "ext_passed_on", "occurred_at": "2026-04-01 00:00:00"}, False),
        ({"user_id": "usr_always"}, True),
        ({"user_id": "usr_moved", "occurred_at": "2026-02-28 10:00:00"}, True),
        ({"user_id": "usr_moved", "occurred_at": "2026-03-02 10:00:00"}, False),
        ({"user_id": "usr_other"}, False),
        # what was done for another account is that account's
        ({"account_id": "acc_2", "user_id": "usr_moved", "occurred_at": "2026-02-01 10:00:00"}, False),
    ],
)
def test_rows_of_an_account_go_in_every_kind_of_file(tmp_path: Path, row: dict[str, str], goes: bool) -> None:
    event = {"event_id": "ev_1", "event_name": "login", "occurred_at": "2026-05-01 10:00:00"} | row
    write_files(tmp_path, [event])
    forget_files(tmp_path, subject_of(COMPANY, "account", "acc_1"))
    for rows in (*read_files(tmp_path), clean_in_sql([event], subject_of(COMPANY, "account", "acc_1"))):
        assert bool(rows) is not goes


def write_files(landing: Path, rows: list[dict[str, Any]]) -> None:
    """The same rows as CSV, JSON Lines and Parquet."""
    folder = landing / "usage_events"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, EVENT_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "rows.jsonl").write_text(text, encoding="utf-8")
    pq.write_table(arrow(rows), folder / "rows.parquet")


def arrow(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in EVENT_COLUMNS})


def read_files(landing: Path) -> list[list[tuple[str | None, ...]]]:
    folder = landing / "usage_events"
    with (folder / "rows.csv").open(newline="", encoding="utf-8") as file:
        from_csv = [tuple(row[name] or None for name in EVENT_COLUMNS) for row in csv.DictReader(file)]
    lines = (folder / "rows.jsonl").read_text("utf-8").splitlines()
    from_json = [tuple(json.loads(line).get(name) or None for name in EVENT_COLUMNS) for line in lines if line]
    parquet = pq.read_table(folder / "rows.parquet").select(EVENT_COLUMNS).to_pylist()
    return [from_csv, from_json, [tuple(value or None for value in row.values()) for row in parquet]]


def clean_in_sql(rows: list[dict[str, Any]], subject: Subject) -> list[tuple[str | None, ...]]:
    """What the rule makes of the same rows in a table."""
    with duckdb.connect() as con:
        claims_table(con, subject)
        con.register("given", arrow(rows))
        con.execute("create table events as select * from given")
        found = cleaning(subject, CONTRACT.table("usage_events"), columns_of(con, "events"))
        left = con.execute(f"select {found.select} from events as t where not coalesce({found.goes}, false)").fetchall()
        return [tuple(value or None for value in row) for row in left]


ids = st.sampled_from(["acc_1", "acc_2", "acc_12", "ext_own", "ext_passed_on", "usr_always", "", "usr_other"])
users = st.sampled_from(["usr_always", "usr_moved", "usr_other", "usr_always2", "", "acc_1"])
texts = st.lists(
    st.sampled_from(["login", "usr_always", "usr_always2", "Quince & Sons", "quill@example.com", "QUILL@EXAMPLE.COM"])
    | st.sampled_from([" ", ",", '"', "\n", "-", "_", "é", "(", "x"]),
    max_size=6,
).map("".join)
moments = st.datetimes(datetime(2026, 2, 1), datetime(2026, 5, 1)).map(lambda at: f"{at:%Y-%m-%d %H:%M:%S}")
rows_of_events = st.lists(
    st.fixed_dictionaries(
        {
            "event_id": st.sampled_from(["ev_1", "ev_2"]),
            "account_id": ids,
            "user_id": users,
            "event_name": texts,
            "occurred_at": moments,
            "ip": texts,
        }
    ),
    min_size=1,
    max_size=6,
)
requests = st.sampled_from(
    [
        ("account", "acc_1", True),
        ("user", "usr_always", True),
        ("user", "usr_always", False),
        ("user", "usr_moved", True),
    ]
)
SUBJECTS: dict[tuple[str, str, bool], Subject] = {}


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(rows=rows_of_events, request=requests)
def test_all_kinds_of_files_and_tables_follow_one_rule(
    rows: list[dict[str, Any]], request: tuple[str, str, bool]
) -> None:
    subject = (
        SUBJECTS.setdefault(request, subject_of(COMPANY, *request)) if request not in SUBJECTS else SUBJECTS[request]
    )
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), rows)
        forget_files(Path(folder), subject)
        in_csv, in_json, in_parquet = read_files(Path(folder))
        in_table = clean_in_sql(rows, subject)
        assert in_csv == in_json == in_parquet == in_table
        # and once more changes nothing
        assert forget_files(Path(folder), subject) == []


def test_everybody_elses_bytes_and_lines_stay(tmp_path: Path) -> None:
    folder = tmp_path / "csm_pulses"
    folder.mkdir()
    kept = [
        b"pulse_id,account_id,csm_id,pulse,note,recorded_at\r\n",
        b'p1,acc_2,c1,4,"odd ""quotes"" and\r\na second line",2026-05-01\r\n',
        b"broken,row\r\n",
        b'p3,acc_2,c1,4,"never closed,2026-05-01\r\n',
        b"p4,acc_2,c1,\xff\xfe,bytes,2026-05-01\r\n",
        b"\r\n",
        b"p5,acc_2,c1,4,unterminated,2026-05-01",
    ]
    gone = b'p2,acc_1,c1,4,"two\r\nlines",2026-05-01\r\n'
    path = folder / "pulses.csv"
    path.write_bytes(b"".join([kept[0], gone, *kept[1:]]))
    [done] = forget_files(tmp_path, subject_of(COMPANY, "account", "acc_1"))
    assert (done.removed, done.changed) == (1, 0)
    assert path.read_bytes() == b"".join([kept[0], b"\n\n", *kept[1:]])
    assert done.size_bytes == path.stat().st_size


def test_a_text_that_breaks_off_goes_with_its_row(tmp_path: Path) -> None:
    folder = tmp_path / "survey_responses"
    folder.mkdir()
    path = folder / "rows.csv"
    header = "response_id,user_id,survey,sent_at,comment\n"
    other = "r2,usr_other,nps,2026-05-01,fine\n"
    stray = "a line that was broken before\n"
    text = (
        header + other + stray + "r1,usr_always,nps,2026-05-01,I said\nsomething, private\nand more\n" + other + stray
    )
    path.write_text(text, encoding="utf-8")
    subject = subject_of(COMPANY, "user", "usr_always")
    forget_files(tmp_path, subject)
    expected = header + other + stray + f"r1,{subject.token},nps,2026-05-01,\n\n\n" + other + stray
    assert path.read_text("utf-8") == expected


def test_what_is_odd_in_json_lines_is_seen_too(tmp_path: Path) -> None:
    folder = tmp_path / "engagements"
    folder.mkdir()
    path = folder / "rows.jsonl"
    subject = subject_of(COMPANY, "user", "usr_always")
    escaped = '{"engagement_id": "e1", "account_id": "acc_2", "note": "met \\u0071uill@example.com"}'
    twice = '{"engagement_id": "e2", "note": "usr_always", "note": "nobody"}'
    nested = '{"engagement_id": "e3", "more": {"who": ["usr_always", 1]}}'
    broken = '{"engagement_id": "e4", "note": "usr_alw'
    path.write_text("\n".join([escaped, twice, nested, broken, '"usr_always"', ""]) + "\n", encoding="utf-8")
    forget_files(tmp_path, subject)
    lines = path.read_text("utf-8").splitlines()
    assert json.loads(lines[0])["note"] == "met [forgotten]"
    assert lines[1] == ""
    assert json.loads(lines[2])["more"] == {"who": ["[forgotten]", 1]}
    assert lines[3:] == [broken, "", ""]


def test_an_id_that_is_a_short_number_is_compared_as_a_whole(tmp_path: Path) -> None:
    users_rows = [user_row("42", "acc_2", "2026-01-01"), user_row("421", "acc_2", "2026-01-01")]
    raw = {"accounts": COMPANY["accounts"], "users": users_rows}
    rows = [
        {"event_id": "ev_1", "user_id": "42", "event_name": "42 clicks", "occurred_at": "2026-05-01 10:00:00"},
        {"event_id": "42", "user_id": "421", "event_name": "42", "occurred_at": "2026-05-01 10:00:00"},
    ]
    write_files(tmp_path, rows)
    subject = subject_of(raw, "user", "42")
    forget_files(tmp_path, subject)
    for found in read_files(tmp_path):
        assert [row[2] for row in found] == [subject.token, "421"]
        assert [row[3] for row in found] == ["42 clicks", "42"]


def test_numbers_as_ids_in_parquet_become_text(tmp_path: Path) -> None:
    raw = {"accounts": COMPANY["accounts"], "users": [user_row("1234567", "acc_2", "2026-01-01")]}
    folder = tmp_path / "usage_events"
    folder.mkdir()
    table = pa.table({"event_id": ["a", "b"], "user_id": [1234567, 7], "event_name": ["x", "x"], "occurred_at": [1, 2]})
    pq.write_table(table, folder / "rows.parquet")
    subject = subject_of(raw, "user", "1234567")
    forget_files(tmp_path, subject)
    assert pq.read_table(folder / "rows.parquet").column("user_id").to_pylist() == [subject.token, "7"]


def test_a_linked_file_is_redacted_where_it_lies(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    (landing / "usage_events").mkdir(parents=True)
    (landing / ".store").mkdir()
    real = landing / ".store" / "real.csv"
    real.write_text("event_id,user_id,event_name,occurred_at\ne1,usr_always,login,2026-05-01\n", encoding="utf-8")
    (landing / "usage_events" / "rows.csv").symlink_to(real)
    forget_files(landing, subject_of(COMPANY, "user", "usr_always"))
    assert "usr_always" not in real.read_text("utf-8")
    assert (landing / "usage_events" / "rows.csv").is_symlink()


def test_a_record_of_several_lines_keeps_as_many(tmp_path: Path) -> None:
    folder = tmp_path / "survey_responses"
    folder.mkdir()
    path = folder / "rows.csv"
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows(
        [
            ["response_id", "user_id", "survey", "sent_at", "comment"],
            ["r1", "usr_always", "nps", "2026-05-01", "one\ntwo\nthree"],
            ["r2", "usr_other", "nps", "2026-05-01", "fine"],
        ]
    )
    path.write_text(written.getvalue(), encoding="utf-8")
    forget_files(tmp_path, subject_of(COMPANY, "user", "usr_always"))
    assert path.read_text("utf-8").splitlines()[4] == "r2,usr_other,nps,2026-05-01,fine"
