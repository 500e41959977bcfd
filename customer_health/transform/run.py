"""How dbt is run against one warehouse, and whether it really did all that it was asked to do.

Belongs here: its arguments and environment, the effective configuration it reads, what its results say.
Does not belong here: the steps around it (refresh/steps.py), or who starts it (refresh/refresh.py,
orchestration/assets/dbt.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from customer_health.configuration.folder import (
    VARS_FILE,
    ConfigurationError,
    EffectiveConfiguration,
    effective_config,
)
from customer_health.configuration.var_checks import problems
from customer_health.core.build_file import BUILD_FILE
from customer_health.core.errors import RefreshError
from customer_health.core.paths import display_path
from customer_health.core.progress import progress
from customer_health.core.settings import DEFAULT_CONFIG, PREFIX, PROJECT_ROOT, read_settings
from customer_health.transform.events import AS_EVENTS, follow
from customer_health.transform.parsed import place_to_parse

# of this environment, whether or not that is on the PATH
DBT = str(Path(sys.executable).with_name("dbt"))
SEED_PATH = f"{PREFIX}SEED_PATH"
# of our settings, what dbt's profiles are made of
PARSED_WITH = tuple(f"{PREFIX}{name}" for name in ("DBT_TARGET", "MEMORY_LIMIT", "PUBLISHED_FILE"))
# beside the build file: the fingerprint of the SQL that its rows were computed with
BUILT_WITH = ".built_with"
EXPECTED_TYPES = ("model", "seed", "snapshot", "test")
DONE = {"success", "pass", "warn"}
FAULTS_OF_THE_ENGINE = ("INTERNAL Error", "database has been invalidated")
WANT_OF_MEMORY = ("Out of Memory Error",)
# begins the line that dbt writes into its log at the start of each run
LOG_OF_A_RUN = "=" * 30 + " "
NODES_NAMED = 5
# what dbt reads as its seeds is written by each build anew, and read in the build's first minutes
CONFIGURATIONS_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class DbtRun:
    """How dbt is to run against one warehouse.

    `vars` override those of dbt_project.yml; `memory_limit` is DuckDB's (for example `2GB`); so are `engine_threads`
    (one per core, unless given). `environment_besides` is what dbt is to find in its environment beside what it always
    does.
    """

    warehouse: Path
    config: Path = DEFAULT_CONFIG
    as_of: date | None = None
    memory_limit: str | None = None
    engine_threads: int | None = None
    vars: dict[str, Any] = field(default_factory=dict)
    environment_besides: Mapping[str, str] = field(default_factory=dict)

    def run(self, command: Sequence[str]) -> int:
        """Run one dbt command and return its exit code; its output goes where this process writes."""
        with self._process(command) as dbt:
            return dbt.wait()

    def run_and_show(self, command: Sequence[str], say: Callable[[str], None]) -> int:
        """Run a dbt command that speaks in events, show how far it is, and return its exit code."""
        with (
            progress("build", f"log: {display_path(self.log_folder / 'dbt.log')}", say) as advance,
            self._process(command, stdout=subprocess.PIPE) as dbt,
        ):
            follow(dbt.stdout or (), advance, say)
            return dbt.wait()

    @contextmanager
    def _process(self, command: Sequence[str], stdout: int | None = None) -> Iterator[subprocess.Popen[str]]:
        with (
            self.prepared(command) as (arguments, environment),
            subprocess.Popen(
                [DBT, *arguments], cwd=self.warehouse, env=environment, stdout=stdout, text=True
            ) as process,
        ):
            yield process

    @contextmanager
    def prepared(self, command: Sequence[str]) -> Iterator[tuple[list[str], dict[str, str]]]:
        """Arguments and environment of a dbt that works in the warehouse's folder, where it finds what was parsed."""
        arguments = self.arguments(command)
        environment = os.environ | self.environment | {f"{PREFIX}BUILD_FILE": BUILD_FILE}
        shaped_by = [arguments[arguments.index("--vars") + 1], *(environment.get(name, "") for name in PARSED_WITH)]
        if "--target" in arguments:
            shaped_by.append(arguments[arguments.index("--target") + 1])
        with place_to_parse(self.target, *shaped_by) as seeds:
            self._write_configuration(seeds)
            yield arguments, environment | {SEED_PATH: str(seeds.relative_to(PROJECT_ROOT))}

    def build(self, *options: str, say: Callable[[str], None] = print) -> int:
        """Run dbt build with these options and return its exit code.

        An internal error of the engine hangs on how its threads met, not on the data, and what does not fit into memory
        with all threads may fit with one: such a build is done once more from where it began, by one thread.
        """
        command = ["build", *AS_EVENTS, *options]
        self.forget_results()
        code = self.run_and_show(command, say)
        if code != 0 and (self.engine_failed() or self.lacked_memory()):
            say("the engine failed, of itself or for memory: once more from where this build began, by one thread")
            self.forget_results()
            code = replace(self, engine_threads=1).run_and_show(command, say)
        return code

    def arguments(self, command: Sequence[str]) -> list[str]:
        """The command with all options, after the configuration that it is to read has been written."""
        self.warehouse.mkdir(parents=True, exist_ok=True)
        effective = self._write_configuration(self._config_folder)
        _remove_old_configurations(self._config_folder.parent)
        return [
            *command,
            *("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)),
            *("--target-path", str(self.target), "--log-path", str(self.log_folder)),
            *("--vars", json.dumps({**effective.vars, **self.vars})),
        ]

    @property
    def target(self) -> Path:
        return self.warehouse.resolve() / "target"

    @property
    def log_folder(self) -> Path:
        return self.warehouse.resolve() / "logs"

    @property
    def environment(self) -> dict[str, str]:
        """What dbt finds in its environment, beside what is there already."""
        environment = {
            f"{PREFIX}BUILD_FILE": str(self.warehouse.resolve() / BUILD_FILE),
            SEED_PATH: str(self._config_folder.relative_to(PROJECT_ROOT)),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        if self.as_of:
            # a var would have dbt parse the whole project anew every day
            environment[f"{PREFIX}AS_OF"] = self.as_of.isoformat()
        own = {"memory_limit": self.memory_limit, "engine_threads": self.engine_threads}
        settings = read_settings(**{name: value for name, value in own.items() if value})
        limits = settings.model_dump(include={"memory_limit", "engine_threads", "dbt_threads"})
        environment |= {f"{PREFIX}{name.upper()}": str(value) for name, value in limits.items() if value}
        if settings.raw_file:
            environment[f"{PREFIX}RAW_FILE"] = str(settings.raw_file)
        return {**environment, **self.environment_besides}

    @contextmanager
    def environment_in_place(self) -> Iterator[None]:
        """For whoever starts dbt through a library that hands its own environment on."""
        before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def engine_failed(self) -> bool:
        """Whether the last run ended in an internal error of DuckDB."""
        return self._failed_by(FAULTS_OF_THE_ENGINE)

    def lacked_memory(self) -> bool:
        """Whether the last run ended because a model did not fit into the memory that the engine may use."""
        return self._failed_by(WANT_OF_MEMORY)

    def _failed_by(self, messages: Sequence[str]) -> bool:
        results = self.target / "run_results.json"
        # a fault that invalidates the database ends dbt before it writes its results: then only its log has the reason
        said = results.read_text(encoding="utf-8") if results.exists() else self._log_of_last_run()
        return any(message in said for message in messages)

    def _log_of_last_run(self) -> str:
        log = self.log_folder / "dbt.log"
        return log.read_text(encoding="utf-8", errors="replace").rpartition(LOG_OF_A_RUN)[2] if log.exists() else ""

    def forget_results(self) -> None:
        """What an earlier run left must not be taken for results of this one, should dbt die before it writes any."""
        (self.target / "run_results.json").unlink(missing_ok=True)

    def not_done(self, expected: Collection[str] | None = None) -> list[str]:
        """What the last run should have done and did not: each node and what became of it.

        Args:
            expected: unique ids of nodes; every seed, model, snapshot and data test of the project if none are named.
        """
        nodes = _read(self.target / "manifest.json")["nodes"]
        statuses = {
            result["unique_id"]: result["status"] for result in _read(self.target / "run_results.json")["results"]
        }
        if expected is None:
            expected = [name for name, node in nodes.items() if _is_run(node)]
        missing = [name for name in expected if statuses.get(name) not in DONE]
        return [f"{_short(name)}: {statuses.get(name, 'not run')}" for name in sorted(missing)]

    @property
    def _config_folder(self) -> Path:
        # inside the project, and passed as a relative path: dbt writes what it compiles from an absolute seed path over
        # the seed files themselves
        name = hashlib.sha256(str(self.warehouse.resolve()).encode()).hexdigest()[:12]
        return PROJECT_ROOT / "target" / f"configuration-{name}"

    def _write_configuration(self, folder: Path) -> EffectiveConfiguration:
        try:
            effective = effective_config(self.config, folder)
        except ConfigurationError as error:
            raise RefreshError(f"configuration: {error}") from error
        # check-config said so already; here is the last place before vars become SQL
        for name, (_, message) in problems(effective.vars):
            raise RefreshError(f"configuration: {self.config / VARS_FILE}: var '{name}' {message}")
        return effective


def _remove_old_configurations(target: Path) -> None:
    """Of warehouses that were built elsewhere, moved or deleted, and what a kill left half-written."""
    oldest = time.time() - CONFIGURATIONS_KEPT_SECONDS
    for pattern in ("configuration-*", ".configuration-*"):
        for folder in target.glob(pattern):
            # another build may be removing it, too
            with suppress(FileNotFoundError):
                if folder.stat().st_mtime < oldest:
                    shutil.rmtree(folder)


def say_not_done(nodes: Sequence[str]) -> str:
    """A few of the nodes by name, failures before what only waited for them."""
    ordered = sorted(nodes, key=lambda line: line.endswith((": skipped", ": not run")))
    more = f" and {len(nodes) - NODES_NAMED} more" if len(nodes) > NODES_NAMED else ""
    return ", ".join(ordered[:NODES_NAMED]) + more


def code_version() -> str:
    """Fingerprint of SQL and engine: rows computed by others must not stand beside new ones."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    digest.update((PROJECT_ROOT / "dbt_project.yml").read_bytes())
    for folder in ("macros", "models"):
        for path in sorted(path for path in (PROJECT_ROOT / folder).rglob("*") if path.suffix in (".sql", ".py")):
            digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_run(node: dict[str, Any]) -> bool:
    return node["resource_type"] in EXPECTED_TYPES and node["config"].get("materialized") != "ephemeral"


def _short(unique_id: str) -> str:
    kind, _, name, *_ = unique_id.split(".")
    return f"{kind} {name}"


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        # dbt died before it had written it, or in the middle: on a full disk it leaves an empty file
        return {"nodes": {}, "results": []}
