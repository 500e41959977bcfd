"""Build any data set in the raw contract: check its configuration, load its landing files, run dbt.

Belongs here: the order of the steps, the lock that keeps a warehouse to one run, and how dbt is started.
Does not belong here: what a step does (configuration*.py, landing.py, the models) or what is printed of its result
(summary.py).
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.configuration import DEFAULT_CONFIG, PROJECT_ROOT, ConfigurationError, effective_config
from orchestration.configuration_checks import main as check_configuration_command
from orchestration.landing import load_landing
from orchestration.landing_build_file import LandingError

BUILD_FILE = "build.duckdb"
BUILT_WITH = ".built_with"


class RefreshError(RuntimeError):
    """A refresh stopped; the message says at which step and what to do."""


@dataclass(frozen=True)
class DbtRun:
    """How dbt is to run against one warehouse.

    `vars` override those of dbt_project.yml; `memory_limit` is DuckDB's (for example `2GB`).
    """

    warehouse: Path
    config: Path = DEFAULT_CONFIG
    as_of: date | None = None
    memory_limit: str | None = None
    vars: dict[str, Any] = field(default_factory=dict)

    def run(self, command: Sequence[str]) -> int:
        """Run one dbt command and return its exit code; its output goes where this process writes."""
        self.warehouse.mkdir(parents=True, exist_ok=True)
        try:
            effective = effective_config(self.config, self._config_folder)
        except ConfigurationError as error:
            raise RefreshError(f"configuration: {error}") from error
        dbt_vars = {**effective.vars, **self.vars}
        if self.as_of:
            dbt_vars["as_of_date"] = self.as_of.isoformat()
        target = self.warehouse.resolve()
        arguments = [
            *(str(Path(sys.executable).with_name("dbt")), *command),
            *("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)),
            *("--target-path", str(target / "target"), "--log-path", str(target / "logs")),
            *("--vars", json.dumps(dbt_vars)),
        ]
        return subprocess.run(arguments, cwd=PROJECT_ROOT, env=self._environment(), check=False).returncode

    def engine_failed(self) -> bool:
        """Whether the last run ended in an internal error of DuckDB, which a new process may well not meet again."""
        results = self.warehouse / "target" / "run_results.json"
        return results.exists() and "INTERNAL Error" in results.read_text(encoding="utf-8")

    @property
    def _config_folder(self) -> Path:
        # inside the project, and passed as a relative path: dbt writes what it compiles from an absolute seed path over
        # the seed files themselves
        name = hashlib.sha256(str(self.warehouse.resolve()).encode()).hexdigest()[:12]
        return PROJECT_ROOT / "target" / f"configuration-{name}"

    def _environment(self) -> dict[str, str]:
        environment = {
            **os.environ,
            "CUSTOMER_HEALTH_BUILD_FILE": str(self.warehouse.resolve() / BUILD_FILE),
            "CUSTOMER_HEALTH_CONFIG": str(self._config_folder.relative_to(PROJECT_ROOT)),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        if self.memory_limit:
            environment["CUSTOMER_HEALTH_MEMORY_LIMIT"] = self.memory_limit
        return environment


def code_version() -> str:
    """Fingerprint of the SQL: rows computed by other SQL must not stand beside new ones."""
    digest = hashlib.sha256((PROJECT_ROOT / "dbt_project.yml").read_bytes())
    for folder in ("macros", "models"):
        for path in sorted((PROJECT_ROOT / folder).rglob("*.sql")):
            digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def only_run(warehouse: Path) -> Iterator[None]:
    """Hold the warehouse for this run; a second one is refused at once instead of corrupting anything."""
    warehouse.mkdir(parents=True, exist_ok=True)
    with (warehouse / ".refresh.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefreshError(f"{warehouse}: another refresh is running here; wait for it to end") from error
        yield


def refresh(landing: Path | None, run: DbtRun, full_refresh: bool = False) -> None:
    """Bring a warehouse up to date.

    Args:
        landing: folder with one folder per raw table; None where another tool has loaded the raw tables.
        run: warehouse, configuration and day to build.
        full_refresh: compute everything anew instead of from the first day that changed.

    Raises:
        RefreshError: naming the step that failed; what had been published before is untouched.
    """
    with only_run(run.warehouse):
        if check_configuration_command(["--config", str(run.config)]) != 0:
            raise RefreshError(f"{run.config}: fix the configuration first; nothing was loaded or built")
        if landing is not None:
            try:
                report = load_landing(landing, run.warehouse, progress=print)
            except LandingError as error:
                raise RefreshError(f"landing: {error}") from error
            print("\n".join(report.lines()))
        built_with = run.warehouse / BUILT_WITH
        version = code_version()
        if built_with.exists() and built_with.read_text(encoding="utf-8") != version:
            print("the models have changed since the last build: computing everything anew")
            full_refresh = True
        command = ["build", "--quiet", "--exclude-resource-type", "unit_test"]
        if full_refresh:
            command.append("--full-refresh")
        code = run.run(command)
        if code != 0 and run.engine_failed():
            print("the engine failed by a fault of its own: once more from where this build began")
            code = run.run(command)
        if code != 0:
            raise RefreshError(
                f"dbt: the build did not complete (see {run.warehouse / 'logs' / 'dbt.log'}); "
                "the next refresh starts from where this one did"
            )
        built_with.write_text(version, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m orchestration.refresh", description=refresh.__doc__)
    parser.add_argument("--landing", type=Path, help="folder with one folder per raw table")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="configuration folder (default: seeds)")
    parser.add_argument("--warehouse", type=Path, default=Path("warehouse"))
    parser.add_argument("--as-of", type=date.fromisoformat, help="last day to build (default: yesterday)")
    parser.add_argument("--memory-limit", help="for DuckDB, such as 2GB")
    parser.add_argument("--full-refresh", action="store_true", help="compute everything anew")
    given = parser.parse_args(arguments)
    run = DbtRun(given.warehouse, given.config, given.as_of, given.memory_limit)
    try:
        refresh(given.landing, run, given.full_refresh)
    except RefreshError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
