"""Dagster as `make dagster` starts it: a back-fill from its page, and runs whose process is killed.

Belongs here: what only the daemon and processes of its own can show.
Does not belong here: what a run does (test_dagster_runs.py), kills of the command line (tests/faults/test_kills.py).
"""

from __future__ import annotations

import os
import signal
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta

import pytest

from customer_health.publication.publish import current
from tests.faults.operated_company import DAY, Operated, operated
from tests.orchestration.served import Served, served, tag_of


@pytest.fixture(scope="module")
def night() -> Operated:
    return operated()


@pytest.mark.slow
def test_a_back_fill_is_one_run_and_ends_in_a_publication(night: Operated) -> None:
    company = night.restore_evening()
    with served(company.warehouse, company.landing) as dagster:
        for back, back_fill in ((6, dagster.back_fill_job), (12, dagster.back_fill_assets)):
            before = current(company.warehouse)
            days = [DAY - timedelta(days=back - number) for number in range(3)]
            asked_for = back_fill("daily_refresh", days)
            assert dagster.back_filled(asked_for) in ("COMPLETED", "COMPLETED_SUCCESS")
            [run] = [run for run in dagster.runs() if tag_of(run, "dagster/backfill") == asked_for]
            assert run["status"] == "SUCCESS"
            assert tag_of(run, "dagster/asset_partition_range_start") == days[0].isoformat()
            assert tag_of(run, "dagster/asset_partition_range_end") == days[-1].isoformat()
            shown = current(company.warehouse)
            assert shown.publication_id != before.publication_id
            assert (shown.rebuilt_from, shown.as_of) == (days[0], DAY)
            night.assert_as_undisturbed()


@pytest.mark.slow
@pytest.mark.fault(66)
def test_a_foreign_page_is_refused_by_the_server_as_it_is_started(night: Operated) -> None:
    company = night.restore_evening()
    wipe = urllib.parse.quote('mutation{wipeAssets(assetPartitionRanges:[{assetKey:{path:["a"]}}]){__typename}}')
    foreign = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    with served(company.warehouse, company.landing) as dagster:
        address = f"http://127.0.0.1:{dagster.port}"
        for path, headers in (
            (f"/graphql?query={wipe}", {}),
            (f"/graphql?query={wipe}", foreign),
            ("/server_info", foreign),
            ("/server_info", {"Host": "evil.example"}),
        ):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(address + path, headers=headers), timeout=60)
            assert refused.value.code in (400, 403)
        # its own page, and a program of this machine, are answered
        own = urllib.request.Request(address + "/server_info", headers={"Origin": address})
        assert urllib.request.urlopen(own, timeout=60).status == 200
        assert dagster.runs() == []


@pytest.mark.slow
@pytest.mark.fault(34)
def test_a_killed_run_fails_and_the_next_one_ends_as_undisturbed(night: Operated) -> None:
    """First the run's process alone is killed, and its dbt goes on or not; then both of the next run."""
    company = night.restore()
    with served(company.warehouse, company.landing, {"CUSTOMER_HEALTH_RETRY_SECONDS": "5"}) as dagster:
        for with_dbt in (False, True):
            run = dagster.launch("daily_refresh", DAY)
            dbt, worker = _building(dagster, night)
            os.kill(worker, signal.SIGKILL)
            if with_dbt:
                os.kill(dbt, signal.SIGKILL)
            assert dagster.ended(run) == "FAILURE"
            assert night.assert_old_or_new() == "old"
        assert dagster.ended(dagster.launch("daily_refresh", DAY)) == "SUCCESS"
    night.assert_as_undisturbed()


def _building(dagster: Served, night: Operated) -> tuple[int, int]:
    """Wait until a run builds, and has built some models; its dbt, and the process of the run."""
    log = night.company.warehouse / "logs" / "dbt.log"
    found: list[tuple[int, int]] = []

    def builds() -> bool:
        # the dbt of a run that was killed before may still be there, without a parent
        found[:] = dagster.children_of_runs(night.company.warehouse, "build")
        return len(found) == 1

    dagster.wait(builds, pause=0.05)
    written = log.stat().st_size
    dagster.wait(lambda: log.stat().st_size > written + 300_000, pause=0.05)
    return found[0]
