"""What everybody reads from: one publication after the other, by many at once, and nothing that can be changed."""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from customer_health.publication.publish import publish, rollback
from customer_health.publication.store import Store
from customer_health.reading import published as reading_published
from customer_health.reading.access import EVERYTHING, Reader
from customer_health.reading.published import NothingPublishedError, Publications
from tests.orchestration.published_company import FIRST_DAY, NOW, SECOND_DAY, company, gate_report
from tests.reading.two_teams import COLLEAGUE, CSM, STRANGER, TwoTeams, two_teams

READERS = (EVERYTHING, Reader(CSM, "accounts"), Reader(CSM, "team"), Reader(STRANGER, "accounts"))
SEEN = (
    "select count(*) as scores, round(sum(health_score), 6) as total, max(date_day) as last_day "
    "from health.fct_health_scores inner join health.dim_accounts using (account_id)"
)


@pytest.fixture
def lively(tmp_path: Path) -> TwoTeams:
    """A company to publish into."""
    return two_teams(tmp_path)


def test_without_a_publication_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError, match="make demo"):
        Publications(tmp_path / "nowhere").current()


def test_the_same_snapshot_stays_until_something_is_published(lively: TwoTeams) -> None:
    publications = Publications(lively.warehouse)
    for reader in READERS:
        assert publications.current(reader) is publications.current(reader)
    snapshot = publications.current()
    assert snapshot.publication_id == Store(lively.warehouse).current().publication_id
    assert (snapshot.as_of, snapshot.published_at) == (FIRST_DAY, NOW)


def test_a_publication_is_seen_at_the_next_look_and_the_old_one_stays_readable(lively: TwoTeams) -> None:
    publications = Publications(lively.warehouse)
    before = {reader: publications.current(reader) for reader in READERS}
    seen = {reader: snapshot.rows(SEEN) for reader, snapshot in before.items()}
    lively.bring(company().second)
    publish(lively.warehouse, as_of=SECOND_DAY, gate=gate_report(SECOND_DAY), now=lively.next_moment(), keep=1)
    assert not Store(lively.warehouse).version_folder(before[EVERYTHING].publication_id).exists()
    for reader in READERS:
        now = publications.current(reader)
        assert now.publication_id != before[reader].publication_id
        assert now.as_of == now.value("select max(date_day) from health.fct_health_scores") == SECOND_DAY
        # its file is gone from the disk
        assert before[reader].rows(SEEN) == seen[reader]
        assert before[reader].as_of == FIRST_DAY


def test_a_roll_back_is_seen_like_any_publication(lively: TwoTeams) -> None:
    publications = Publications(lively.warehouse)
    lively.bring(company().second)
    publish(lively.warehouse, as_of=SECOND_DAY, gate=gate_report(SECOND_DAY), now=lively.next_moment())
    assert publications.current().as_of == SECOND_DAY
    rollback(lively.warehouse, now=lively.next_moment())
    assert publications.current().value("select max(date_day) from health.fct_health_scores") == FIRST_DAY


def test_a_publication_that_is_written_anew_under_its_name_is_seen(lively: TwoTeams, tmp_path: Path) -> None:
    """As forgetting somebody does."""
    publications = Publications(lively.warehouse)
    before = publications.current()
    file = Store(lively.warehouse).version_file(before.publication_id)
    anew = tmp_path / "anew.duckdb"
    with duckdb.connect() as con:
        con.execute(f"attach '{file}' as old (read_only); attach '{anew}' as new")
        con.execute("create schema new.health")
        con.execute("create table new.health.dim_accounts as from old.health.dim_accounts limit 3")
    os.replace(anew, file)
    assert publications.current().publication_id == before.publication_id
    assert publications.current().value("select count(*) from health.dim_accounts") == 3
    assert before.value("select count(*) from health.dim_accounts") > 3


def test_what_nobody_holds_any_more_is_closed(lively: TwoTeams) -> None:
    publications = Publications(lively.warehouse)
    for reader in READERS:
        publications.current(reader).value("select count(*) from health.dim_accounts")
    held = _open_files(lively.warehouse)
    assert len(held) == 1
    lively.bring(company().second)
    publish(lively.warehouse, as_of=SECOND_DAY, gate=gate_report(SECOND_DAY), now=lively.next_moment())
    publications.current()
    gc.collect()
    assert len(_open_files(lively.warehouse)) == 1
    assert _open_files(lively.warehouse) != held


def test_many_readers_share_one_open_file_and_its_memory(teams: TwoTeams) -> None:
    publications = Publications(teams.warehouse)
    everything = publications.current()
    limit = everything.value("select current_setting('memory_limit')")
    csms = (CSM, COLLEAGUE, STRANGER)
    readers = [Reader(csms[number % 3], ("accounts", "team")[number % 2]) for number in range(60)]
    for reader in readers:
        snapshot = publications.current(reader)
        assert snapshot.value("select current_setting('memory_limit')") == limit
        snapshot.value("select count(*) from health.fct_score_drivers")
    assert len(_open_files(teams.warehouse)) == 1
    # six different readers and their catalogs, however often they come
    databases = everything.rows("select database_name from duckdb_databases() where database_name like 'reader_%'")
    assert len(databases) == len(set(readers)) == 6
    used = everything.value("select sum(memory_usage_bytes) from duckdb_memory()")
    assert used < 400e6


def test_threads_share_publications_and_snapshots_while_others_are_published(lively: TwoTeams) -> None:
    publications = Publications(lively.warehouse)
    expected: dict[tuple[str, Reader], list[tuple[object, ...]]] = {}
    stop = threading.Event()

    def read(number: int) -> list[tuple[str, Reader, list[dict[str, object]]]]:
        seen = []
        while not stop.is_set():
            reader = READERS[(number + len(seen)) % len(READERS)]
            snapshot = publications.current(reader)
            seen.append((snapshot.publication_id, reader, snapshot.rows(SEEN)))
        return seen

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read, number) for number in range(6)]
        try:
            for _ in range(3):
                publish(
                    lively.warehouse, as_of=FIRST_DAY, gate=gate_report(FIRST_DAY), now=lively.next_moment(), keep=1
                )
        finally:
            stop.set()
        seen = [each for reader in readers for each in reader.result()]
    assert len({publication_id for publication_id, _, _ in seen}) > 1
    for publication_id, reader, rows in seen:
        assert expected.setdefault((publication_id, reader), rows) == rows
    # nobody was given what belongs to another reader
    assert len({str(rows) for (_, reader), rows in expected.items() if reader == EVERYTHING}) == 1
    assert len({str(rows) for rows in expected.values()}) == len(READERS)


@pytest.mark.parametrize("reader", READERS[:2], ids=("everything", "accounts"))
@pytest.mark.parametrize(
    "statement",
    [
        "delete from health.dim_accounts",
        "update published.health.dim_accounts set account_name = 'x'",
        "insert into published.health.dim_grades select * from published.health.dim_grades",
        "drop view published.health.fct_score_drivers",
        "create table published.health.planted as select 1 as one",
        "create schema published.planted",
        "copy health.dim_accounts to '{folder}/copied.csv'",
        "export database '{folder}/exported'",
        "attach '{folder}/other.duckdb' as other",
        "attach '{file}' as writable (read_write)",
        "select * from read_csv('{folder}/secret.csv')",
        "set memory_limit = '64GB'",
        "set enable_external_access = true",
    ],
)
def test_nothing_can_be_written_and_no_file_reached(
    teams: TwoTeams, tmp_path: Path, statement: str, reader: Reader
) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    store = Store(teams.warehouse)
    before = hashlib.sha256(store.published_file.read_bytes()).hexdigest()
    snapshot = Publications(teams.warehouse).current(reader)
    file = store.version_file(snapshot.publication_id)
    with pytest.raises(duckdb.Error):
        snapshot.rows(statement.format(folder=tmp_path, file=file))
    assert hashlib.sha256(store.published_file.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv"]


def test_a_query_larger_than_memory_leaves_nothing_on_disk(
    teams: TwoTeams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(reading_published, "MEMORY_LIMIT", "60MB")
    snapshot = Publications(teams.warehouse).current()
    largest = (
        "select max(place) from (select row_number() over (order by hash(one.range, two.range)) as place "
        "from range(2000) as one, range(1500) as two)"
    )
    assert snapshot.value(largest) == 3_000_000
    assert [path.name for path in tmp_path.iterdir()], "the query fitted into memory, so this test shows nothing"
    del snapshot
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def _open_files(warehouse: Path) -> set[str]:
    found = set()
    for handle in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(handle)
        except OSError:
            continue
        if target.startswith(str(warehouse)) and ".duckdb" in target:
            found.add(target)
    return found
