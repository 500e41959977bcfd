"""Disk, memory, folders and logs fail under a refresh or a publication: a clear error, and nothing half-done is shown.

Belongs here: faults 37, 38, 39, 43 and 44, provoked in the machine itself.
Does not belong here: the same faults of loading alone (test_landing.py), kills (test_kills.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from customer_health.core.build_file import BUILD_FILE
from customer_health.publication.publish import PublicationError, current, publish, staleness
from tests.faults.operated_company import DAY, Company, Operated, fingerprint, limit_files, operated, unequal
from tests.orchestration.published_company import gate_report

pytestmark = pytest.mark.slow

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def night() -> Operated:
    return operated()


@pytest.fixture
def built(night: Operated) -> Company:
    """The last day is built, judged and published."""
    return night.restore_evening()


def mounted(*arguments: str) -> bool:
    """Whether this machine lets us mount; it does where tests run as root."""
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


# -- 37 disk full


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[int], dict[str, int]]]:
    """Have a folder on a disk of its own that is nearly full; how nearly is said by calling what is yielded.

    Where nothing can be mounted, no file may grow beyond a size instead.
    """
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.mkdir()
    if mounted("-t", "tmpfs", "-o", "size=4g", "tmpfs", str(folder)):
        try:
            shutil.copytree(aside, folder, dirs_exist_ok=True)

            def leave(spare: int) -> dict[str, int]:
                used = os.statvfs(folder)
                size = (used.f_blocks - used.f_bfree) * used.f_frsize + spare
                subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)
                return {}

            yield leave
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    else:
        folder.rmdir()
        aside.rename(folder)
        yield lambda spare: {"largest_file": max(spare // 4, 4096)}


@pytest.mark.fault(37)
def test_a_full_disk_is_a_clear_error_until_there_is_space(night: Operated) -> None:
    """With more and more space, another step is the one that fails: loading, then dbt, then what comes after."""
    company = night.restore()
    stopped = []
    with small_disk(company.warehouse) as leave:
        for spare in (64 * 1024, 3 * MEGABYTE, 24 * MEGABYTE):
            done = company.refresh(**leave(spare))
            assert night.assert_old_or_new() == "old" or done.returncode == 0
            if done.returncode == 0:
                break
            last = done.stderr.strip().splitlines()[-1]
            stopped.append(last)
            assert last.startswith("error: "), done.stderr
            assert "space" in last or "disk" in last, done.stderr
        leave(2048 * MEGABYTE)
        company.refreshed()
        night.assert_as_undisturbed()
    assert stopped[0].startswith("error: landing: ")
    assert len(stopped) > 1


@pytest.mark.fault(37)
def test_a_disk_that_fills_up_while_publishing_shows_no_part_of_it(built: Company) -> None:
    shown, before = current(built.warehouse), built.shown()
    with small_disk(built.warehouse) as leave:
        limit = leave(2 * MEGABYTE).get("largest_file")
        code = (
            "import sys; from datetime import date; from pathlib import Path\n"
            "from customer_health.publication.publish import PublicationError, publish\n"
            "from tests.orchestration.published_company import gate_report\n"
            "day = date.fromisoformat(sys.argv[2])\n"
            "try: publish(Path(sys.argv[1]), as_of=day, gate=gate_report(day))\n"
            "except PublicationError as error: sys.exit(f'refused: {error}')\n"
        )
        # of other code, so that it is written whole
        (built.warehouse / ".built_with").write_text("other code", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", code, str(built.warehouse), DAY.isoformat()],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=limit_files(limit) if limit else None,
        )
        assert done.returncode == 1, done.stderr
        assert done.stderr.startswith("refused: publishing: "), done.stderr
        assert "free space" in done.stderr
        assert current(built.warehouse) == shown
        assert unequal(built.shown(), before) == []
        assert not (built.warehouse / "publications" / ".work").exists()
        leave(512 * MEGABYTE)
        assert publish(built.warehouse, as_of=DAY, gate=gate_report(DAY)) == current(built.warehouse)
        assert unequal(built.shown(), before) == []


# -- 38 out of memory


@pytest.mark.fault(38)
def test_too_little_memory_is_a_clear_error(night: Operated) -> None:
    company = night.restore()
    done = company.refresh(DAY, "--memory-limit", "20MB")
    assert done.returncode == 1
    assert "error: dbt: the build did not complete" in done.stderr
    assert "Traceback" not in done.stderr
    assert night.assert_old_or_new() == "old"
    assert "did not complete" in staleness(company.warehouse).reason


@pytest.mark.fault(38)
def test_too_little_memory_for_publishing_shows_no_part_of_it(built: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, before = current(built.warehouse), built.shown()
    (built.warehouse / ".built_with").write_text("other code", encoding="utf-8")
    monkeypatch.setenv("CUSTOMER_HEALTH_MEMORY_LIMIT", "1MB")
    with pytest.raises(PublicationError, match="publishing: .*emory"):
        publish(built.warehouse, as_of=DAY, gate=gate_report(DAY))
    monkeypatch.delenv("CUSTOMER_HEALTH_MEMORY_LIMIT")
    assert current(built.warehouse) == shown
    assert unequal(built.shown(), before) == []
    publish(built.warehouse, as_of=DAY, gate=gate_report(DAY))
    assert unequal(built.shown(), before) == []


# -- 39 folders that cannot be written


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write into a folder, root included."""
    if mounted("--bind", str(folder), str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    else:
        folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
        for path in folders:
            path.chmod(0o555)
        try:
            yield
        finally:
            for path in folders:
                path.chmod(0o755)


@pytest.mark.fault(39)
def test_a_warehouse_that_cannot_be_written_is_a_clear_error(night: Operated) -> None:
    company = night.restore()
    with read_only(company.warehouse):
        done = company.refresh()
        assert night.assert_old_or_new() == "old"
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: ") and str(company.warehouse) in last
    assert "Traceback" not in done.stderr
    company.refreshed()
    night.assert_as_undisturbed()


@pytest.mark.fault(39)
def test_publications_that_cannot_be_written_are_a_clear_error(built: Company) -> None:
    shown = current(built.warehouse)
    with (
        read_only(built.warehouse / "publications"),
        pytest.raises(PublicationError, match="the folder cannot be written"),
    ):
        publish(built.warehouse, as_of=DAY, gate=gate_report(DAY))
    assert current(built.warehouse) == shown
    blocked = built.warehouse.with_name("a new warehouse")
    blocked.mkdir()
    shutil.copyfile(built.build_file, blocked / BUILD_FILE)
    (blocked / "publications").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(PublicationError, match="preparing the publications folder"):
        publish(blocked, as_of=DAY, gate=gate_report(DAY))
    assert not (blocked / "customer_health.duckdb").exists()


# -- 43, 44 logs of an unclean stop

GROWN = ("health.fct_health_scores", "health.fct_metric_points", "journey.fct_milestones", "health.dim_accounts")
# commits as at the end of a build, and a stop before any of them was brought into the file
COMMIT_AND_DIE = """
import duckdb, os, signal, sys
con = duckdb.connect(sys.argv[1])
con.execute("set wal_autocheckpoint = '1TB'")
for statement in sys.argv[2:]:
    con.execute(statement)
os.kill(os.getpid(), signal.SIGKILL)
"""


def commits() -> list[str]:
    last = "(select invocation_id from build_log.complete_builds order by completed_at desc limit 1)"
    rows = [f"insert into {table} (from {table} limit 40)" for table in GROWN]
    counts = [
        f"update build_log.row_counts set row_count = (select count(*) from {table})"
        f" where table_name = '{table}' and invocation_id = {last}"
        for table in GROWN
    ]
    day = f"update build_log.complete_builds set as_of_date = date '{DAY}' where invocation_id = {last}"
    return [*rows, *counts, day]


def stop_uncleanly(build_file: Path, statements: list[str]) -> Path:
    process = subprocess.run([sys.executable, "-c", COMMIT_AND_DIE, str(build_file), *statements], check=False)
    assert process.returncode == -9
    log = build_file.with_name(f"{build_file.name}.wal")
    assert log.stat().st_size > 0
    return log


def only_build(night: Operated, folder: Path) -> Path:
    """A warehouse with the build of the day before only."""
    folder.mkdir(parents=True)
    shutil.copyfile(night.morning / "warehouse" / BUILD_FILE, folder / BUILD_FILE)
    return folder


def counted(file: Path) -> dict[str, int]:
    found = fingerprint(file)
    return {table: found[table][0] for table in GROWN}


@pytest.mark.fault(43, 44)
def test_a_log_that_an_unclean_stop_left_is_read_or_refused_and_never_half(night: Operated, tmp_path: Path) -> None:
    """A flipped byte loses commits without a word: wherever it is, nothing is published with rows missing."""
    stopped = only_build(night, tmp_path / "stopped")
    log = stop_uncleanly(stopped / BUILD_FILE, commits())
    size = log.stat().st_size

    sound = tmp_path / "sound"
    shutil.copytree(stopped, sound)
    publish(sound, as_of=DAY, gate=gate_report(DAY))
    expected = counted(sound / "customer_health.duckdb")
    assert all(expected[table] > night.before[table][0] for table in ("health.fct_health_scores",))

    ends = []
    for place in range(12):
        damaged = tmp_path / f"damaged {place}"
        shutil.copytree(stopped, damaged)
        with (damaged / log.name).open("r+b") as file:
            file.seek(size * place // 12 + size // 24)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 0xFF]))
        try:
            publish(damaged, as_of=DAY, gate=gate_report(DAY))
        except PublicationError:
            assert not (damaged / "customer_health.duckdb").exists()
            ends.append("refused")
        else:
            assert counted(damaged / "customer_health.duckdb") == expected
            ends.append("whole")
        shutil.rmtree(damaged)
    assert "refused" in ends


@pytest.mark.fault(43)
def test_a_log_of_an_older_file_is_not_read_into_a_newer_one(night: Operated, tmp_path: Path) -> None:
    """The log was saved from before its commits came into the file, and lies beside it once more."""
    stopped = only_build(night, tmp_path / "stopped")
    log = stop_uncleanly(stopped / BUILD_FILE, commits())
    stale = log.read_bytes()
    with duckdb.connect(str(stopped / BUILD_FILE)) as con:
        con.execute("force checkpoint")
    assert not log.exists()
    expected = counted(stopped / BUILD_FILE)
    log.write_bytes(stale)
    try:
        publish(stopped, as_of=DAY, gate=gate_report(DAY))
    except PublicationError:
        assert not (stopped / "customer_health.duckdb").exists()
    else:
        assert counted(stopped / BUILD_FILE) == expected
    # and beside a file that was brought back from before
    restored = only_build(night, tmp_path / "restored")
    (restored / log.name).write_bytes(stale[: len(stale) // 2])
    with pytest.raises(PublicationError):
        publish(restored, as_of=DAY, gate=gate_report(DAY))
    assert not (restored / "customer_health.duckdb").exists()


@pytest.mark.fault(43, 44)
def test_a_log_beside_the_published_file_misleads_nobody(built: Company) -> None:
    """A client opened the published file for writing and was killed: its log must not meet the next publication."""
    expected = built.shown()
    log = stop_uncleanly(built.published_file, ["delete from health.fct_health_scores"])
    (built.warehouse / ".built_with").write_text("other code", encoding="utf-8")
    publish(built.warehouse, as_of=DAY, gate=gate_report(DAY))
    assert not log.exists()
    assert unequal(built.shown(), expected) == []
