"""What publishing survives: kills at every step, damaged logs, full disks, folders it may not write, company."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.core.settings import PROJECT_ROOT
from customer_health.publication.files import only_publisher
from customer_health.publication.publish import PublicationError, current, hold, staleness
from customer_health.publication.store import Store
from customer_health.refresh.refresh import BUILD_FILE
from customer_health.transform.run import DbtRun
from tests.orchestration.broken_publisher import STEPS
from tests.orchestration.published_company import FIRST_DAY, SECOND_DAY, Company, bring, change, company, published

SCORES = "select count(*), max(date_day), sum(hash(columns(*)::varchar)) from health.fct_health_scores"


@pytest.fixture(scope="session")
def built() -> Company:
    return company()


@pytest.fixture
def warehouse(built: Company, tmp_path: Path) -> Path:
    return built.warehouse(tmp_path)


def seen(warehouse: Path, sql: str, name: str = PUBLISHED_FILE) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        con.execute(f"attach '{warehouse / name}' as seen (read_only)")
        con.execute("use seen")
        return con.execute(sql).fetchall()


def shown(warehouse: Path) -> tuple[str, object, int]:
    """Which publication the file itself says it is, its last day, and that all of its tables can be read."""
    ((publication_id, as_of),) = seen(
        warehouse, "select publication_id, as_of_date from quality.fct_publications order by published_at desc limit 1"
    )
    assert seen(warehouse, "select max(date_day) from health.fct_health_scores") == [(as_of,)]
    assert seen(warehouse, "select max(date_day) from health.fct_metric_points") == [(as_of,)]
    tables = seen(warehouse, "select schema_name || '.' || table_name from duckdb_tables()")
    rows = sum(int(str(seen(warehouse, f"select count(*) from {name}")[0][0])) for (name,) in tables)
    return str(publication_id), as_of, rows


def broken(warehouse: Path, *mishap: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.orchestration.broken_publisher", str(warehouse), str(SECOND_DAY), *mishap]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)


def assert_tidy(warehouse: Path) -> None:
    """Nothing half-done is left, and everything agrees on what is shown."""
    store = Store(warehouse)
    publication = store.current()
    assert publication
    assert shown(warehouse)[0] == publication.publication_id == store.shown_ids()[-1]
    assert (warehouse / SECOND_NAME).samefile(warehouse / PUBLISHED_FILE)
    assert not store.work.exists()
    assert not list(warehouse.rglob("*.wal"))
    assert not list(warehouse.rglob("*.next"))
    folders = {path.name for path in store.folder.iterdir() if path.is_dir()} - {"parquet"}
    assert folders == set(store.shown_ids())
    named = {file.path for version in store.versions() for file in version.parquet}
    assert {path.relative_to(warehouse).as_posix() for path in store.parquet.rglob("*.parquet")} == named


# -- kill -9


# after one step is before the next
OFTEN = ("write_incremental", "show_file", "name_current")
KILLS = [
    *(pytest.param(step, "before", marks=[] if step in OFTEN else pytest.mark.slow) for step in STEPS),
    ("export", "during"),
    pytest.param("prune", "after", marks=pytest.mark.slow),
]


@pytest.mark.fault(36)
@pytest.mark.parametrize(("step", "when"), KILLS)
def test_a_kill_leaves_the_old_or_the_new_one_whole(built: Company, warehouse: Path, step: str, when: str) -> None:
    old = published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    if step == "write_whole":
        (warehouse / ".built_with").write_text("other", encoding="utf-8")
    killed = broken(warehouse, f"kill:{when}", step)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    publication_id, as_of, _ = shown(warehouse)
    later = list(STEPS).index(step) >= list(STEPS).index("name_current")
    assert (publication_id == old.publication_id) is not later
    assert as_of == (SECOND_DAY if later else FIRST_DAY)
    showing = current(warehouse)
    assert showing
    assert showing.publication_id == publication_id
    # the next run mends and publishes
    new = published(warehouse, SECOND_DAY, 72)
    assert shown(warehouse)[0] == new.publication_id
    assert_tidy(warehouse)
    assert seen(warehouse, "select count(*) from quality.fct_publications") == [(3 if later else 2,)]
    whole = built.second
    with duckdb.connect(str(whole), read_only=True) as con:
        assert seen(warehouse, SCORES) == con.execute(SCORES).fetchall()


def test_a_file_that_was_deleted_is_shown_again(built: Company, warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    before = published(warehouse, SECOND_DAY, 24)
    (warehouse / PUBLISHED_FILE).unlink()
    hold(warehouse, as_of=SECOND_DAY, reason="a bad day", gate=None)
    assert current(warehouse) == before
    assert_tidy(warehouse)


@pytest.mark.fault(36)
def test_holding_mends_what_a_kill_left(built: Company, warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    assert broken(warehouse, "kill:after", "show_file").returncode == -signal.SIGKILL
    hold(warehouse, as_of=SECOND_DAY, reason="a bad day", gate=None)
    assert shown(warehouse)[1] == SECOND_DAY
    named = Store(warehouse)
    assert named.shown_ids()[-1] == shown(warehouse)[0]
    assert staleness(warehouse).is_stale


@pytest.mark.fault(36)
def test_a_first_publication_that_was_killed_leaves_nothing_behind(warehouse: Path) -> None:
    change(warehouse, "update build_log.complete_builds set as_of_date = date '2026-06-30'")
    assert broken(warehouse, "kill:before", "show_file").returncode == -signal.SIGKILL
    assert current(warehouse) is None
    assert not (warehouse / PUBLISHED_FILE).exists()
    change(warehouse, "update build_log.complete_builds set as_of_date = date '2026-06-29'")
    published(warehouse, FIRST_DAY)
    assert_tidy(warehouse)


# -- builds that are not whole


@pytest.mark.fault(63)
def test_a_dbt_run_of_a_part_is_no_build(warehouse: Path) -> None:
    old = published(warehouse, FIRST_DAY)
    assert DbtRun(warehouse, as_of=FIRST_DAY).run(["run", "--quiet", "--select", "dim_csms"]) == 0
    with pytest.raises(PublicationError, match=r"the last dbt run left \d+ nodes failed, skipped or out \("):
        published(warehouse, FIRST_DAY, 1)
    assert current(warehouse) == old


@pytest.mark.fault(34)
def test_a_build_that_was_killed_is_not_published(warehouse: Path) -> None:
    change(
        warehouse,
        "insert into build_log.started_runs select 'killed', 'build', '{}', max(finished_at) + interval 1 second"
        " from build_log.finished_runs",
    )
    with pytest.raises(PublicationError, match="the last dbt build was stopped before its end"):
        published(warehouse, FIRST_DAY)


@pytest.mark.fault(63)
def test_failed_nodes_that_dbt_reports_beside_are_believed(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse / BUILD_FILE)) as con:
        ((build_id,),) = con.execute("select max(invocation_id) from build_log.complete_builds").fetchall()
    skipped = {"unique_id": "model.a", "status": "skipped"}
    (warehouse / "target").mkdir()
    (warehouse / "target" / "run_results.json").write_text(
        json.dumps({"metadata": {"invocation_id": build_id}, "results": [skipped]}), encoding="utf-8"
    )
    with pytest.raises(PublicationError, match=r"dbt reports 1 failed or skipped nodes \(model\.a\)"):
        published(warehouse, FIRST_DAY)


def test_another_day_than_was_built_is_refused(warehouse: Path) -> None:
    with pytest.raises(PublicationError, match=f"the last build is as of {FIRST_DAY}, not {SECOND_DAY}"):
        published(warehouse, SECOND_DAY)


def test_there_must_be_a_build(tmp_path: Path) -> None:
    with pytest.raises(PublicationError, match="does not exist: build the marts first"):
        published(tmp_path, FIRST_DAY)


# -- unclean stops of the build

UNCLEAN = """
import os, sys, duckdb
con = duckdb.connect(sys.argv[1])
con.execute("set checkpoint_threshold = '1TB'")
for statement in sys.argv[2:]:
    con.execute(statement)
os._exit(1)
"""
KEEP_LAST_DAY = "create table main.last_day as from health.fct_health_scores where date_day = date '2026-06-29'"
TAKE_LAST_DAY = "delete from intermediate.int_health_scores where date_day = date '2026-06-29'"
BRING_IT_BACK = "insert into intermediate.int_health_scores from main.last_day"


def stop_uncleanly(warehouse: Path, *statements: str) -> Path:
    """Write to the build file and stop without closing it: what was committed is in its log only."""
    subprocess.run([sys.executable, "-c", UNCLEAN, str(warehouse / BUILD_FILE), *statements], check=False)
    log = warehouse / f"{BUILD_FILE}.wal"
    assert log.stat().st_size > 0
    return log


@pytest.mark.fault(43)
def test_what_lies_in_a_log_is_published_too(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        expected = con.execute(SCORES).fetchall()
    log = stop_uncleanly(warehouse, KEEP_LAST_DAY, TAKE_LAST_DAY, BRING_IT_BACK)
    published(warehouse, FIRST_DAY)
    assert seen(warehouse, SCORES) == expected
    assert not log.exists()


@pytest.mark.fault(44)
def test_rows_that_went_missing_after_an_unclean_stop_are_missed(warehouse: Path) -> None:
    stop_uncleanly(warehouse, TAKE_LAST_DAY)
    with pytest.raises(PublicationError, match=r"health\.fct_health_scores holds .* rows, the build counted"):
        published(warehouse, FIRST_DAY)
    assert current(warehouse) is None


@pytest.mark.fault(44)
@pytest.mark.parametrize("share", [0.02, 0.2, 0.4, 0.6, 0.8, 0.98])
def test_a_damaged_log_never_costs_rows_unnoticed(warehouse: Path, share: float) -> None:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        expected = con.execute(SCORES).fetchall()
    log = stop_uncleanly(warehouse, KEEP_LAST_DAY, TAKE_LAST_DAY, BRING_IT_BACK)
    content = bytearray(log.read_bytes())
    content[int(len(content) * share)] ^= 0xFF
    log.write_bytes(content)
    try:
        published(warehouse, FIRST_DAY)
    except PublicationError:
        assert current(warehouse) is None
        assert not (warehouse / PUBLISHED_FILE).exists()
    else:
        assert seen(warehouse, SCORES) == expected


@pytest.mark.fault(43)
def test_a_log_of_another_file_is_not_taken_for_this_one(built: Company, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        expected = con.execute(SCORES).fetchall()
    log = stop_uncleanly(warehouse, TAKE_LAST_DAY)
    bring(warehouse, built.first)
    stale = log.read_bytes()
    with duckdb.connect(str(warehouse / BUILD_FILE)) as con:
        con.execute("create table main.something_else as select 1 as one")
        con.execute("checkpoint")
    log.write_bytes(stale)
    try:
        published(warehouse, FIRST_DAY)
    except PublicationError:
        assert current(warehouse) is None
    else:
        assert seen(warehouse, SCORES) == expected


# -- faults of the machine


@pytest.mark.fault(37)
@pytest.mark.parametrize(
    "limit", [*(pytest.param(limit, marks=pytest.mark.slow) for limit in (100_000, 4_000_000)), 1_000_000]
)
def test_a_full_disk_is_named_and_nothing_changes(built: Company, warehouse: Path, limit: int) -> None:
    old = published(warehouse, FIRST_DAY)
    before = shown(warehouse)
    bring(warehouse, built.second)
    full = broken(warehouse, f"disk:{limit}")
    assert full.returncode == 1, full.stderr
    assert "free space" in full.stderr
    assert "Traceback" not in full.stderr
    assert shown(warehouse) == before
    assert current(warehouse) == old
    assert not Store(warehouse).work.exists()
    published(warehouse, SECOND_DAY, 72)
    assert_tidy(warehouse)


@pytest.mark.fault(38)
def test_too_little_memory_is_named_and_nothing_changes(
    built: Company, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = published(warehouse, FIRST_DAY)
    before = shown(warehouse)
    bring(warehouse, built.second)
    monkeypatch.setenv("CUSTOMER_HEALTH_MEMORY_LIMIT", "6MB")
    with pytest.raises(PublicationError, match=r"publishing: Out of Memory Error"):
        published(warehouse, SECOND_DAY, 24)
    assert shown(warehouse) == before
    assert current(warehouse) == old
    monkeypatch.delenv("CUSTOMER_HEALTH_MEMORY_LIMIT")
    published(warehouse, SECOND_DAY, 48)
    assert_tidy(warehouse)


@pytest.mark.fault(39)
def test_a_folder_that_cannot_be_written_is_named_and_nothing_changes(built: Company, warehouse: Path) -> None:
    old = published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    store = Store(warehouse)
    locked = [warehouse, store.folder, store.parquet, store.version_folder(old.publication_id)]
    modes = {path: path.stat().st_mode for path in locked}
    for path in locked:
        path.chmod(0o555)
    try:
        refused = broken(warehouse, "read-only")
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert refused.returncode == 1, refused.stderr
    assert "cannot be written" in refused.stderr
    assert current(warehouse) == old
    assert_tidy(warehouse)


# -- company


@pytest.mark.fault(40)
def test_a_second_publisher_is_refused_at_once(warehouse: Path) -> None:
    with only_publisher(Store(warehouse).folder), pytest.raises(PublicationError, match="another publication"):
        published(warehouse, FIRST_DAY)


@pytest.mark.fault(40)
def test_a_build_that_is_being_written_is_not_published(warehouse: Path) -> None:
    holding = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holding, str(warehouse / BUILD_FILE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "held\n"
        with pytest.raises(PublicationError, match="lock"):
            published(warehouse, FIRST_DAY)
        writer.communicate("")


@pytest.mark.fault(41)
def test_readers_that_hold_the_file_open_keep_what_they_opened(built: Company, warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    reading = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True)\n"
        "ask = lambda: con.execute('select max(date_day) from health.fct_health_scores').fetchall()[0][0]\n"
        "print(ask(), flush=True); sys.stdin.readline(); print(ask(), flush=True)"
    )
    command = [sys.executable, "-c", reading, str(warehouse / PUBLISHED_FILE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin
        assert reader.stdout
        assert reader.stdout.readline().strip() == str(FIRST_DAY)
        bring(warehouse, built.second)
        published(warehouse, SECOND_DAY, 24, keep=1)
        assert shown(warehouse)[1] == SECOND_DAY
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline().strip() == str(FIRST_DAY)
