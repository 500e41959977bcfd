"""A real Dagster: web server, daemon and code server as `make dagster` starts them, asked as its pages ask.

Belongs here: starting and stopping it, launching runs and back-fills, waiting for what becomes of them, its processes.
Does not belong here: what must come of it (test_dagster_server.py).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from customer_health.core.settings import PROJECT_ROOT

# nothing starts by itself while a test looks on: the first of January, and a day between looks
QUIET = {"CUSTOMER_HEALTH_REFRESH_CRON": "0 0 1 1 *", "CUSTOMER_HEALTH_SENSOR_SECONDS": "86400"}
ENDED = ("SUCCESS", "FAILURE", "CANCELED")
LIMIT_SECONDS = 700.0

LAUNCH_RUN = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}
"""
LAUNCH_BACKFILL = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  }
}
"""
BACKFILL = "query ($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
RUNS = "query { runsOrError { ... on Runs { results { runId status tags { key value } } } } }"
ASSETS = "query ($selector: PipelineSelector!) { assetNodes(pipeline: $selector) { isPartitioned assetKey { path } } }"
PLACE = "query { repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }"


@dataclass
class Served:
    """One server; its runs, newest first."""

    port: int
    process: subprocess.Popen[str]

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    def selector(self, job: str) -> dict[str, str]:
        [place] = self.ask(PLACE)["repositoriesOrError"]["nodes"]
        return {
            "repositoryName": place["name"],
            "repositoryLocationName": place["location"]["name"],
            "pipelineName": job,
        }

    def launch(self, job: str, day: date) -> str:
        """Start a job for a day, as its page does; the id of the run."""
        tags = [{"key": "dagster/partition", "value": day.isoformat()}]
        launched = self.ask(
            LAUNCH_RUN,
            params={"selector": self.selector(job), "mode": "default", "executionMetadata": {"tags": tags}},
        )["launchRun"]
        return launched["run"]["runId"]

    def back_fill_job(self, job: str, days: Sequence[date]) -> str:
        """Materialize some days on the page of a job; the id of the back-fill."""
        place = self.selector(job)
        places = {name: place[name] for name in ("repositoryName", "repositoryLocationName")}
        selector = {"partitionSetName": f"{job}_partition_set", "repositorySelector": places}
        return self._back_fill(days, self._assets(job), selector=selector, fromFailure=False)

    def back_fill_assets(self, job: str, days: Sequence[date]) -> str:
        """Materialize some days of all assets of a job that have days, on the page of assets."""
        return self._back_fill(days, self._assets(job, only_partitioned=True), fromFailure=False)

    def _assets(self, job: str, only_partitioned: bool = False) -> list[dict[str, list[str]]]:
        nodes = self.ask(ASSETS, selector=self.selector(job))["assetNodes"]
        return [node["assetKey"] for node in nodes if node["isPartitioned"] or not only_partitioned]

    def _back_fill(self, days: Sequence[date], assets: list[dict[str, list[str]]], **given: Any) -> str:
        params = {"assetSelection": assets, "partitionNames": [day.isoformat() for day in days], **given}
        launched = self.ask(LAUNCH_BACKFILL, params=params)["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return launched["backfillId"]

    def runs(self) -> list[dict[str, Any]]:
        return self.ask(RUNS)["runsOrError"]["results"]

    def status(self, run_id: str) -> str:
        [run] = [run for run in self.runs() if run["runId"] == run_id]
        return run["status"]

    def ended(self, run_id: str) -> str:
        """Wait for the end of a run; how it ended."""
        self.wait(lambda: self.status(run_id) in ENDED)
        return self.status(run_id)

    def back_filled(self, backfill_id: str) -> str:
        """Wait for the end of a back-fill and of its runs; how it ended."""

        def status() -> str:
            return self.ask(BACKFILL, id=backfill_id)["partitionBackfillOrError"]["status"]

        self.wait(lambda: status() not in ("REQUESTED", "COMPLETING"))
        mine = [run["runId"] for run in self.runs() if tag_of(run, "dagster/backfill") == backfill_id]
        self.wait(lambda: all(self.status(run_id) in ENDED for run_id in mine))
        return status()

    def children_of_runs(self, warehouse: Path, word: str) -> list[tuple[int, int]]:
        """Processes beneath this server whose command names a warehouse and a word, each with its parent."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            pid = int(process.name)
            if word in command and any(str(warehouse) in argument for argument in command) and self._is_above(pid):
                found.append((pid, _parent_of(pid)))
        return found

    def _is_above(self, pid: int) -> bool:
        while pid > 1 and pid != self.process.pid:
            pid = _parent_of(pid)
        return pid == self.process.pid

    def wait(self, condition: Callable[[], bool], pause: float = 0.5) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not condition():
            assert self.process.poll() is None, "Dagster ended"
            assert time.monotonic() < deadline, "it takes too long"
            time.sleep(pause)


@contextmanager
def served(warehouse: Path, landing: Path, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Dagster on a free port, stopped with everything that it started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = {"CUSTOMER_HEALTH_WAREHOUSE": str(warehouse), "CUSTOMER_HEALTH_LANDING": str(landing)}
    log = warehouse.with_name("dagster.log")
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "customer_health", "dagster", "--port", str(port)],
            cwd=PROJECT_ROOT,
            env=os.environ | QUIET | places | (environment or {}),
            stdout=out,
            stderr=out,
            text=True,
        )
        server = Served(port, process)
        try:
            server.wait(lambda: _answers(server))
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=90)


def _answers(server: Served) -> bool:
    try:
        return len(server.ask(PLACE)["repositoriesOrError"].get("nodes", [])) == 1
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def tag_of(run: Mapping[str, Any], key: str) -> str | None:
    return next((tag["value"] for tag in run["tags"] if tag["key"] == key), None)


def _parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except FileNotFoundError:
        return 0
