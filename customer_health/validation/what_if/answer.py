"""From an edited folder to the difference that it makes.

Belongs here: the order of things, opening the build file, refusing what cannot be answered.
Does not belong here: how each of them is done.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from customer_health.configuration.folder import ConfigurationError, load_configuration
from customer_health.configuration.scorecards import SEALS, Violation, check_configuration
from customer_health.configuration.shape import ERROR
from customer_health.configuration.variables import project_vars
from customer_health.core.build_file import BUILD_FILE, BuildFileError, BuildFileInUseError, attach_build_file
from customer_health.core.settings import PROJECT_ROOT, read_settings
from customer_health.transform.run import BUILT_WITH, code_version
from customer_health.validation.what_if.difference import (
    Accuracy,
    GradeShare,
    Move,
    ScorecardChange,
    accuracies,
    grade_shares,
    moves,
    scorecard_changes,
)
from customer_health.validation.what_if.edits import VALUES, Edit, find_edited_vars, find_edits, load_tables
from customer_health.validation.what_if.errors import NeedsRebuildError, WhatIfError
from customer_health.validation.what_if.formulas import Formula, compiled
from customer_health.validation.what_if.in_memory import InMemory
from customer_health.validation.what_if.rescoring import SCORE_COLUMNS, Reached, judge, predictions_of_scores, rescore

# of the machine: the sums of all history should fit, what does not is written to disk and read again
MEMORY_LIMIT = "50%"


@dataclass(frozen=True)
class Answer:
    """What an edited configuration would change.

    Attributes:
        config, against: the two that are compared, as a person would name them.
        as_of: the last day of the warehouse; `today` in the report.
        warnings: what the checks of the configuration and the state of the warehouse give to think about.
        edits: what differs in files and vars.
        reached: what was therefore computed anew.
        seconds: how long it took, by step.
    """

    config: str
    against: str
    as_of: date
    warnings: tuple[str, ...]
    edits: tuple[Edit, ...]
    reached: Reached
    scorecards: tuple[ScorecardChange, ...]
    grades: tuple[GradeShare, ...]
    moves: tuple[Move, ...]
    accuracies: tuple[Accuracy, ...]
    seconds: dict[str, float] = field(compare=False)

    @property
    def is_same(self) -> bool:
        """No score and no grade differs on any day."""
        return not any(change.days_changed or change.days_regraded for change in self.scorecards)


def what_if(
    config: Path, warehouse: Path, against: Path | None = None, everything: bool = False, name: str | None = None
) -> Answer:
    """Score all history by an edited configuration and compare, without touching the warehouse.

    Args:
        config: edited configuration folder.
        warehouse: folder with the build file.
        against: folder to compare with; what the warehouse was built with, if none is given.
        everything: score all scorecards anew, whether or not an edit reaches them.
        name: what to call the edited configuration; its folder, if nothing is given.

    Raises:
        ConfigurationError: the folder cannot be read.
        WhatIfError: the configuration has errors, or there is no build file that can be opened.
        NeedsRebuildError: an edit changes values of metrics.
    """
    clock = _Clock()
    with opened(warehouse) as connection:
        built = read_build(connection, warehouse)
        warnings = [*built.warnings, *(str(found) for found in _checked(config, built.as_of))]
        clock.tick("opening and checks")
        if against is not None:
            _score_before(connection, built, against, everything)
            clock.tick("scores of the other folder")
        else:
            connection.execute(
                "create schema before;"
                f" create view before.scores as select {SCORE_COLUMNS} from build.health.fct_health_scores;"
                " create view before.drivers as select * from build.health.fct_score_drivers;"
                " create view before.predictions as"
                " select * from build.intermediate.int_predictions where predictor = 'scorecard'"
            )
        edits, formulas = prepared(connection, built, config)
        clock.tick("formulas")
        reached = rescore(connection, formulas, edits, everything)
        clock.tick("scores")
        compared = reached.scorecards if against is None else _all_scorecards(connection)
        changes = scorecard_changes(connection, compared, built.as_of)
        shares = grade_shares(connection, built.as_of)
        moved = moves(connection, built.as_of)
        clock.tick("comparison")
        judged: list[Accuracy] = []
        if any(change.days_changed for change in changes):
            judge(connection, formulas)
            judged = accuracies(connection, [change.scorecard for change in changes if change.days_changed])
        clock.tick("accuracy")
    return Answer(
        name or str(config),
        str(against) if against else "what the warehouse was built with",
        built.as_of,
        tuple(warnings),
        tuple(edits),
        reached,
        tuple(changes),
        tuple(shares),
        tuple(moved),
        tuple(judged),
        clock.seconds,
    )


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory beside the build file, attached as `build` and read-only."""
    build_file = warehouse / BUILD_FILE
    if not build_file.exists():
        raise WhatIfError(f"{build_file} is not there: a what-if needs the build file beside the published one")
    with tempfile.TemporaryDirectory(prefix="what_if_") as spill:
        settings = {
            "memory_limit": read_settings().memory_limit or MEMORY_LIMIT,
            "temp_directory": spill,
            "preserve_insertion_order": False,
        }
        with duckdb.connect(config=settings) as connection:
            connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
            # grades are looked up by their limits: a handful of comparisons each, instead of all scores put in order
            connection.execute("set nested_loop_join_threshold = 100")
            try:
                attach_build_file(connection, warehouse, "build")
            except BuildFileInUseError as error:
                raise WhatIfError(f"{build_file} is in use: ask again when the refresh has ended") from error
            except BuildFileError as error:
                raise WhatIfError(str(error)) from error
            # whatever an uploaded file may bring into a statement, it reads and writes no other file
            connection.execute("set enable_external_access = false; set lock_configuration = true")
            try:
                yield connection
            except duckdb.CatalogException as error:
                raise WhatIfError(
                    f"{build_file} was built by an older version and lacks what is asked for: run `make refresh` first"
                ) from error


@dataclass(frozen=True)
class Built:
    """What the build file says of the build that made it."""

    as_of: date
    vars: dict[str, Any]
    warnings: tuple[str, ...]


def read_build(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> Built:
    """The last complete build."""
    try:
        found = connection.execute(
            "select complete.as_of_date, started.vars from build.build_log.complete_builds as complete"
            " inner join build.build_log.started_runs as started on complete.invocation_id = started.invocation_id"
            " order by complete.completed_at desc limit 1"
        ).fetchall()
    except duckdb.CatalogException:
        found = []
    if not found:
        raise WhatIfError(f"{warehouse / BUILD_FILE} holds no complete build: run `make refresh` first")
    [(as_of, given)] = found
    built_with = warehouse / BUILT_WITH
    warnings = ()
    if built_with.exists() and built_with.read_text(encoding="utf-8") != code_version():
        warnings = (
            "the models have changed since this warehouse was built, so some of the difference may be theirs: "
            "compare with AGAINST=<folder>, or run `make refresh` first",
        )
    return Built(as_of, json.loads(given), warnings)


def _checked(config: Path, as_of: date) -> list[Violation]:
    """What the checks say; errors are refused, broken seals are not: what if it had been released otherwise?"""
    violations = check_configuration(config, as_of)
    errors = [found for found in violations if found.severity == ERROR and found.rule not in SEALS]
    if errors:
        raise WhatIfError("the configuration has errors:\n" + "\n".join(str(error) for error in errors))
    return violations


def prepared(
    connection: duckdb.DuckDBPyConnection, built: Built, config: Path
) -> tuple[list[Edit], dict[str, Formula]]:
    """Seeds loaded, edits found and judged, formulas compiled."""
    configuration = load_configuration(config)
    if configuration.missing:
        names = ", ".join(f"{name}.csv" for name in configuration.missing)
        raise ConfigurationError(f"{config}: missing {names}")
    load_tables(connection, configuration)
    edits = find_edits(connection, configuration.contracts, "build.configuration", "configuration")
    edits += find_edited_vars({**project_vars(PROJECT_ROOT / "no folder"), **built.vars}, project_vars(config))
    if needing := [str(edit) for edit in edits if edit.reach == VALUES]:
        raise NeedsRebuildError(needing)
    return edits, compiled(configuration.vars, built.as_of)


def _score_before(connection: duckdb.DuckDBPyConnection, built: Built, against: Path, everything: bool) -> None:
    """Score by the folder to compare with, and keep what comes out under `before`."""
    _checked(against, built.as_of)
    edits, formulas = prepared(connection, built, against)
    rescore(connection, formulas, edits, everything)
    connection.execute(
        "create schema before;"
        " create table before.scores as from after.scores;"
        f" create table before.drivers as from after.drivers where date_day = date '{built.as_of}';"
        " create table before.predictions as"
        f" {predictions_of_scores(InMemory(connection, formulas))};"
        " drop schema configuration cascade"
    )


def _all_scorecards(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select scorecard from before.scores union select scorecard from after.scores order by 1"
    ).fetchall()
    return [scorecard for (scorecard,) in found]


class _Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def tick(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step] = now - self._last
        self._last = now
