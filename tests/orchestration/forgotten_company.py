"""A small company with somebody in it who will ask to be forgotten, planted wherever data can lie.

Belongs here: the planted rows and strings, building and publishing the company, looking for them in every byte and
every value, and whether what is published is whole.
Does not belong here: what must be found (test_forget*.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from customer_health.alerts.notify import notify
from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.forgetting.forget import ForgetRecord, forget
from customer_health.publication.files import file_hash
from customer_health.publication.store import Store
from customer_health.refresh import steps
from customer_health.refresh.refresh import BUILD_FILE, only_run
from examples.company import CompanyConfig, generate
from tests.built_once import built_once
from tests.in_process import InProcess
from tests.orchestration.published_company import NOW, published

END = date(2026, 6, 30)
USER = "usr_planted_7"
OTHER_USER = "usr_planted_70"
ADDRESS = "ada.planted@example.com"
FULL_NAME = "Ada Plantedova"
WISH = "please never tell my boss zanzibar"
USER_STRINGS = (USER, ADDRESS, FULL_NAME, WISH, "second half zanzibar", "10.9.8.7", "csat text zanzibar")


@dataclass(frozen=True)
class Planted:
    """Where the company lies, and whom the user belongs to."""

    warehouse: Path
    account: str

    @property
    def landing(self) -> Path:
        return self.warehouse / "landing"


def plant(warehouse: Path, accounts: int = 25, days: int = 90) -> Planted:
    """Generate the company into the landing folder of a warehouse, with the user in it."""
    landing = warehouse / "landing"
    generate(landing, CompanyConfig(accounts=accounts, days=days, end=END, seed=5))
    account = an_account(landing)
    plant_user(landing, account)
    return Planted(warehouse, account)


def an_account(landing: Path) -> str:
    """A customer throughout, with a good deal going on."""
    pattern = str(landing / "usage_events" / "*.parquet").replace("'", "''")
    events = f"read_parquet('{pattern}')"
    sql = f"select account_id from {events} where account_id is not null group by 1 order by count(*) desc"
    with duckdb.connect() as con:
        return con.execute(sql).fetchall()[0][0]


def plant_user(landing: Path, account: str) -> None:
    """Files of all three kinds, with columns beyond the contract, rejected and quarantined rows, and mentions."""
    _write(
        landing / "users" / "users_more.csv",
        "user_id,account_id,role,is_champion,created_at,updated_at,email,full_name\n"
        f"{USER},{account},admin,true,2026-04-01 08:00:00,2026-04-01 08:00:00,{ADDRESS},{FULL_NAME}\n"
        f"{OTHER_USER},{account},user,false,2026-04-01 08:00:00,2026-04-01 08:00:00,o@example.com,Olaf Other\n"
        f"{USER},{account},executive,true,2026-04-01 08:00:00,2026-05-01 08:00:00,{ADDRESS.upper()},{FULL_NAME}\n"
        f"{USER},{account},user,true,not a time,2026-05-02 08:00:00,{ADDRESS},{FULL_NAME}\n",
    )
    _write(
        landing / "survey_responses" / "survey_more.csv",
        "response_id,account_id,user_id,survey,question,sent_at,responded_at,score,comment\n"
        f'rsp_p1,{account},{USER},nps,How?,2026-05-01 10:00:00,2026-05-02 10:00:00,9,"So\n{WISH}, ""{ADDRESS}"""\n'
        f"rsp_p2,{account},{OTHER_USER},nps,How?,2026-05-01 10:00:00,2026-05-02 10:00:00,7,Ask {FULL_NAME} or me\n"
        f"rsp_p3,{account},{USER},nps,How likely?,2026-05-01 10:00:00,2026-05-02 10:00:00,99,{WISH} quarantined\n"
        f"rsp_p4,{account},{USER},nps,How likely?,2026-05-01 10:00:00,yesterday,9,{WISH} rejected\n"
        f'rsp_p5,{account},{USER},nps,How likely?,2026-05-01 10:00:00,2026-05-02 10:00:00,9,{WISH} "open\n'
        "second half zanzibar of the same text\n"
        f"rsp_p6,,{USER},csat,How happy?,2026-05-01 10:00:00,2026-05-02 10:00:00,4,csat text zanzibar\n",
    )
    tickets = [
        {"ticket_id": "tic_p1", "user_id": USER, "channel": "chat", "priority": "high", "ip": "10.9.8.7"},
        {"ticket_id": "tic_p2", "account_id": account, "user_id": USER, "channel": ADDRESS, "priority": "low"},
    ]
    for ticket in tickets:
        ticket |= {"opened_at": "2026-05-03T09:00:00Z", "updated_at": "2026-05-03T09:00:00Z", "category": "how_to"}
    broken = f'{{"ticket_id": "tic_p3", "user_id": "{USER}", "channel": "cha'
    _write(landing / "support_tickets" / "tickets_more.jsonl", _lines(tickets) + broken + "\n")
    notes = [
        {
            "engagement_id": "eng_p1",
            "account_id": account,
            "kind": "check_in",
            "status": "open",
            "occurred_at": "2026-05-04 09:00:00",
            "updated_at": "2026-05-04 09:00:00",
            "note": f"Met {FULL_NAME} ({ADDRESS}), {USER}; {OTHER_USER} was there too",
        }
    ]
    _write(landing / "engagements" / "engagements_more.jsonl", _lines(notes))
    _write(
        landing / "csm_pulses" / "pulses_more.csv",
        "pulse_id,account_id,csm_id,role,pulse,note,recorded_at\n"
        f"pls_p1,{account},csm_001,csm,4,{USER} is happy,2026-05-05 09:00:00\n",
    )
    number = 60
    events = {
        "event_id": [f"ev_p{n}" for n in range(number)],
        "account_id": [account if n % 2 else None for n in range(number)],
        "user_id": [USER if n % 3 else OTHER_USER for n in range(number)],
        # what is no word from a list goes from their own rows; in those of others it would be named and stay
        "event_name": [f"opened {USER}" if n % 3 and not n % 5 else "login" for n in range(number)],
        "occurred_at": [f"2026-05-{1 + n % 28:02} 10:00:00" for n in range(number)],
        "ip_address": ["10.9.8.7" if n % 3 else "10.1.1.1" for n in range(number)],
    }
    pq.write_table(pa.table(events), landing / "usage_events" / "events_more.parquet")


def _lines(documents: Iterable[dict[str, object]]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def found_in(folder: Path, strings: Iterable[str]) -> list[str]:
    """Where any of these words can still be read: in bytes, and in values of databases and Parquet files.

    As whole words: one planted id begins with another, and only one of the two is to be forgotten.
    """
    strings = list(strings)
    words = "|".join(re.escape(text.lower()) for text in strings)
    in_bytes = re.compile(rb"(?<![0-9a-z_])(?:" + words.encode() + rb")(?![0-9a-z_])")
    in_values = f"(^|[^0-9a-z_])(?:{words})($|[^0-9a-z_])"
    found: list[str] = []
    seen: set[int] = set()
    con = duckdb.connect()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stat().st_ino in seen:
            continue
        # publications share files under several names
        seen.add(path.stat().st_ino)
        name = path.relative_to(folder).as_posix()
        read = path.read_bytes().lower() + b"\n" + name.lower().encode()
        # whole words are looked for only where there is one at all: that is many times slower
        is_there = any(text.lower().encode() in read for text in strings)
        hits = {match.decode() for match in in_bytes.findall(read)} if is_there else set()
        found += [f"bytes or name of {name}: {text}" for text in sorted(hits)]
        if path.suffix == ".parquet":
            found += _in_values(con, name, "the file", f"read_parquet('{_quoted(path)}')", in_values)
        if path.suffix == ".duckdb":
            found += _in_database(name, path, in_values)
    return found


def _in_database(name: str, path: Path, pattern: str) -> list[str]:
    with duckdb.connect() as con:
        con.execute(f"attach '{_quoted(path)}' as seen (read_only)")
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'seen'"
        ).fetchall()
        return [line for (table,) in tables for line in _in_values(con, name, table, f"seen.{table}", pattern)]


def _in_values(con: duckdb.DuckDBPyConnection, name: str, table: str, relation: str, pattern: str) -> list[str]:
    """Columns of text and what is nested; numbers and times hold no words."""
    described = con.execute(f"describe select * from {relation}").fetchall()
    columns = [row[0] for row in described if "VARCHAR" in row[1] or "JSON" in row[1] or "BLOB" in row[1]]
    if not columns:
        return []
    text = " || chr(10) || ".join(f"coalesce(cast(\"{column}\" as varchar), '')" for column in columns)
    hits = con.execute(
        f"select regexp_extract(lower({text}), ?) as hit, count(*) from {relation}"
        f" where regexp_matches(lower({text}), ?) group by 1",
        [pattern, pattern],
    ).fetchall()
    return [f"{count} rows of {table} in {name}: {hit.strip()}" for hit, count in hits]


def every_byte(folder: Path) -> dict[str, str]:
    """A hash of each file; a lock holds nothing."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".refresh.lock"]
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in files}


def forgotten(warehouse: Path, **request: Any) -> ForgetRecord:
    """Forget somebody who is there, unasked."""
    record = forget(warehouse, **request)
    assert record is not None
    return record


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def grow(folder: Path) -> None:
    """Build and publish two days of the company, and tell of them."""
    planted = plant(folder / "a warehouse", accounts=14)
    for number, day in enumerate((END - timedelta(days=1), END)):
        build(planted, day)
        published(planted.warehouse, day, hours=24 * number)
    notify(planted.warehouse, webhook=None, now=NOW + timedelta(days=1))


def grown() -> Planted:
    """The company that `grow` makes, once for all files of tests: to be copied, never to be written to."""
    warehouse = built_once("a company with somebody to forget", grow) / "a warehouse"
    return Planted(warehouse, an_account(warehouse / "landing"))


def build(planted: Planted, day: date) -> None:
    """The steps of a refresh up to the build; whether it may be published is for other tests."""
    with only_run(planted.warehouse):
        steps.load(planted.landing, planted.warehouse)
        steps.build(InProcess(planted.warehouse, as_of=day))


def query(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        return con.execute(sql).fetchall()


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
