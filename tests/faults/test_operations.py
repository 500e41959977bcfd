"""A refresh in operation meets bad days, other runs, readers and what others left: what is shown stays good.

Belongs here: faults 31, 32, 40 to 45, 59, 60, 63 and 64, met by the real command or publication.
Does not belong here: kills (test_kills.py), disk, memory and folders (test_machine_faults.py), rules of the gate
(tests/expectations), jobs of Dagster (tests/orchestration/test_dagster_runs.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from customer_health.core.settings import PROJECT_ROOT
from customer_health.publication.publish import current, staleness
from tests.faults.operated_company import (
    DAY,
    DAY_BEFORE,
    NEXT_DAY,
    Operated,
    first_row,
    operated,
    rewrite_events,
    unequal,
    wait_until,
)

pytestmark = pytest.mark.slow

# one number of each of three tables: two publications never agree in them
GENERATION = (
    "select (select max(date_day) from health.fct_health_scores), (select count(*) from health.fct_metric_points),"
    " (select max(as_of_date) from quality.fct_publications)"
)
# under a name of the reader's own choice, as most do: the file is named like a schema in it
OPEN = """
import duckdb, sys
def opened():
    con = duckdb.connect()
    con.execute("attach '" + sys.argv[1].replace("'", "''") + "' as seen (read_only)")
    con.execute("use seen")
    return con
"""
HOLDING_READER = f"""{OPEN}
con = opened()
for line in sys.stdin:
    print(con.execute("{GENERATION}").fetchall()[0], flush=True)
"""
RETURNING_READER = f"""{OPEN}
import threading
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set())).start()
seen, reads = set(), 0
print("reading", flush=True)
while not stop.is_set():
    with opened() as con:
        seen.add(str(con.execute("{GENERATION}").fetchall()[0]))
    reads += 1
print(reads, *sorted(seen), sep="\\n", flush=True)
"""


@pytest.fixture(scope="module")
def night() -> Operated:
    return operated()


@contextmanager
def reader(code: str, file: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of somebody else who reads the published file."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def asked(process: subprocess.Popen[str]) -> str:
    """What a reader that holds the file open sees now."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("now\n")
    process.stdin.flush()
    answer = process.stdout.readline().strip()
    assert answer, "the reader has failed"
    return answer


# -- bad days


@pytest.mark.fault(31, 32, 60)
def test_a_bad_day_is_held_and_the_next_good_day_publishes_by_itself(night: Operated, tmp_path: Path) -> None:
    """Faults, row 31: a tenth of the usual volume; the scores of the day before stay readable, marked as stale."""
    company = night.restore(arrived=False)
    bad = tmp_path / "bad day"
    shutil.copytree(night.last_day, bad)
    rewrite_events(bad, "select * from events where hash(event_id) % 20 = 0")
    company.drop(bad)
    secret = "T0PS3CRET"
    held = company.refresh(DAY, CUSTOMER_HEALTH_WEBHOOK_URL=f"https://127.0.0.1:9/services/{secret}")
    assert held.returncode == 1
    assert "raw_arrivals/volume" in held.stderr
    assert "Traceback" not in held.stderr
    assert night.assert_old_or_new() == "old"
    verdict = staleness(company.warehouse)
    assert verdict.is_stale
    assert verdict.as_of == DAY_BEFORE
    assert "raw_arrivals/volume" in verdict.reason
    told = held.stdout + held.stderr + everything_written(company.warehouse)
    assert secret not in told, "row 60: the address of the webhook is a secret"

    company.drop(night.next_day)
    company.refreshed(NEXT_DAY)
    publication = current(company.warehouse)
    assert publication is not None
    assert publication.as_of == NEXT_DAY
    assert not staleness(company.warehouse, now=publication.published_at).is_stale
    history = "select list(status order by published_at) from quality.fct_publications"
    assert first_row(company.published_file, history) == (["published", "held", "published"],)


@pytest.mark.fault(31)
def test_a_day_of_tenfold_volume_is_held_until_it_is_mended(night: Operated, tmp_path: Path) -> None:
    company = night.restore(arrived=False)
    loud = tmp_path / "loud day"
    shutil.copytree(night.last_day, loud)
    rewrite_events(
        loud,
        "select events.* replace (event_id || '-again-' || copies.range as event_id)"
        " from events cross join range(14) as copies(range)",
    )
    company.drop(loud)
    held = company.refresh()
    assert held.returncode == 1
    assert "raw_arrivals/volume" in held.stderr
    assert night.assert_old_or_new() == "old"
    assert staleness(company.warehouse).is_stale


@pytest.mark.fault(32)
def test_sources_that_fell_silent_hold_the_publication(night: Operated) -> None:
    """Nothing arrives for two weeks, and the refresh runs on."""
    company = night.restore(arrived=False)
    held = company.refresh(DAY_BEFORE + timedelta(days=14))
    assert held.returncode == 1
    assert "raw_arrivals/freshness" in held.stderr
    assert night.assert_old_or_new() == "old"
    assert "raw_arrivals/freshness" in staleness(company.warehouse).reason


# -- others at the same time


@pytest.mark.fault(40, 41, 45)
def test_a_second_run_is_refused_and_readers_see_one_publication_at_a_time(night: Operated) -> None:
    company = night.restore()
    file = company.published_file
    with reader(HOLDING_READER, file) as holding, reader(RETURNING_READER, file) as returning:
        held = asked(holding)
        assert returning.stdout is not None and returning.stdout.readline() == "reading\n"
        first = company.start()
        assert wait_until(lambda: not (company.warehouse / "target" / "run_results.json").exists(), first)
        second = company.refresh()
        assert first.poll() is None, "the first one has to be there for the second to meet it"
        assert second.returncode == 1
        assert "another refresh is running here" in second.stderr
        assert "Traceback" not in second.stderr
        assert not staleness(company.warehouse).is_stale, "a run that was refused says nothing about the data"
        output, errors = first.communicate()
        assert first.returncode == 0, output + errors
        assert asked(holding) == held, "who holds the file open keeps what he opened"
        # let it come back at least once more
        read_once_more(file)
        output, errors = returning.communicate("")
    reads, *seen = output.splitlines()
    assert errors == ""
    assert int(reads) > 10
    assert seen == sorted({held, str(first_row(file, GENERATION))})
    assert len(seen) == 2
    night.assert_as_undisturbed()


def read_once_more(file: Path) -> None:
    with reader(HOLDING_READER, file) as other:
        asked(other)


BACK_FILL = """
import sys
from pathlib import Path
import dagster as dg
from customer_health.core.settings import Settings
from tests.orchestration.scheduled import Company
warehouse, landing, first, last = sys.argv[1:]
settings = Settings(warehouse=Path(warehouse), landing=Path(landing), retry_seconds=1)
tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
with dg.DagsterInstance.ephemeral() as instance:
    result = Company(settings).run("daily_refresh", instance, tags=tags)
failed = [event for event in result.all_events if event.is_step_failure]
print(*[event.event_specific_data.error.to_string() for event in failed], sep="\\n")
sys.exit(0 if result.success else 1)
"""


@pytest.mark.fault(42)
def test_back_fills_that_overlap_wait_or_are_refused(night: Operated) -> None:
    company = night.restore(arrived=False)
    undisturbed = company.marts()
    both = []
    for first, last in ((20, 5), (12, 8)):
        days = [(DAY_BEFORE - timedelta(days=number)).isoformat() for number in (first, last)]
        arguments = [sys.executable, "-c", BACK_FILL, str(company.warehouse), str(company.landing), *days]
        both.append(
            subprocess.Popen(arguments, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        )
    ended = [(*process.communicate(), process.returncode) for process in both]
    refused = [output for output, _, code in ended if code != 0]
    assert len(refused) < 2, ended
    assert all("another refresh is running here" in output for output in refused), refused
    assert unequal(company.marts(), undisturbed) == []
    assert unequal(company.shown(), night.before) == []
    assert current(company.warehouse).as_of == DAY_BEFORE


# -- secrets and personal data


def everything_written(warehouse: Path) -> str:
    """All text that lies in a warehouse beside its databases."""
    texts = (path for path in warehouse.rglob("*") if path.suffix in (".log", ".json", ".jsonl", ".html", ".txt"))
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in texts)


@pytest.mark.fault(59)
def test_what_people_wrote_is_in_no_publication_log_or_page(night: Operated) -> None:
    """It arrives in every column that may be personal, in one that nobody asked for, and in a row that is rejected."""
    company = night.restore()
    secret = "jane.roe@example.com"
    account = first_row(company.build_file, "select min(account_id) from health.dim_accounts where is_customer")[0]
    at = f"{DAY} 12:00:00"
    planted = {
        "usage_events": f"event_id,account_id,event_name,occurred_at,properties\nodd-1,{account},login,{at},{secret}\n",
        "csm_pulses": f"pulse_id,account_id,pulse,recorded_at,note\np-1,{account},4,{at},{secret}\n{secret}\n",
        "survey_responses": (
            "response_id,account_id,survey,score,sent_at,responded_at,comment\n"
            f"r-1,{account},nps,9,{at},{at},{secret}\nr-2,{account},nps,77,{at},{at},{secret}\n"
        ),
    }
    for table, text in planted.items():
        (company.landing / table).mkdir(exist_ok=True)
        (company.landing / table / "planted.csv").write_text(text, encoding="utf-8")
    done = company.refreshed()
    arrived = "select count(*) from raw.{0} as t where contains(cast(t as varchar), ?)"
    with duckdb.connect(str(company.build_file), read_only=True) as con:
        counts = {table: con.execute(arrived.format(table), [secret]).fetchall()[0][0] for table in planted}
    assert counts == {"usage_events": 1, "csm_pulses": 1, "survey_responses": 2}

    assert secret not in done.stdout + done.stderr + everything_written(company.warehouse)
    versions = sorted((company.warehouse / "publications").rglob("*.duckdb"))
    parquet = sorted((company.warehouse / "publications").rglob("*.parquet"))
    assert versions and parquet
    assert [file for file in parquet if rows_with(secret, f"read_parquet({literal(file)})")] == []
    for file in versions:
        with duckdb.connect() as con:
            con.execute(f"attach {literal(file)} as seen (read_only)")
            tables = con.execute(
                "select 'seen.' || schema_name || '.' || table_name from duckdb_tables() where database_name = 'seen'"
            ).fetchall()
            assert [name for (name,) in tables if rows_with(secret, name, con)] == []


def rows_with(text: str, relation: str, con: duckdb.DuckDBPyConnection | None = None) -> int:
    query = f"select count(*) from {relation} as r where contains(cast(r as varchar), ?)"
    return (con or duckdb).execute(query, [text]).fetchall()[0][0]


def literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


# -- a success that is none


@pytest.mark.fault(63)
def test_a_success_that_skipped_models_counts_as_failed(night: Operated) -> None:
    """Somebody has told dbt by its environment to build seeds only: dbt succeeds, and has built no model."""
    company = night.restore()
    done = company.refresh(DBT_RESOURCE_TYPES="seed")
    assert done.returncode == 1
    results = json.loads((company.warehouse / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert {result["status"] for result in results} == {"success"}, "dbt itself saw no fault"
    assert "error: dbt: the build did not complete (" in done.stderr
    assert "not run" in done.stderr
    assert night.assert_old_or_new() == "old"
    assert "did not complete" in staleness(company.warehouse).reason


@pytest.mark.fault(64)
def test_a_gate_that_raises_holds_the_publication(night: Operated, tmp_path: Path) -> None:
    """The gate's engine cannot even be imported: what was not judged has not passed."""
    company = night.restore()
    broken = tmp_path / "great_expectations"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise RuntimeError('half an upgrade')\n", encoding="utf-8")
    done = company.refresh(PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "the gate failed" in done.stderr
    assert "Traceback" not in done.stderr
    assert night.assert_old_or_new() == "old"
    assert staleness(company.warehouse).is_stale
