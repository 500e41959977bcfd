"""Publish the marts of a finished build as one versioned file that readers can always trust.

    python -m orchestration.publication list --warehouse <folder>
    python -m orchestration.publication rollback --warehouse <folder> [--to <publication_id>]

A publication is written, reconciled and synced to disk in a folder of its own before `health.duckdb` is replaced by it
in one step. Readers that hold the old file open keep it; whoever opens it afterwards sees the new one.

Belongs here: the order of the steps, rolling back, the commands.
Does not belong here: each step (publication_*.py), deciding whether a build is good enough (expectations/).
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from expectations.report import GateReport
from orchestration.publication_build import Build, inspect, open_build
from orchestration.publication_copy import (
    PUBLISHED,
    STORAGE_VERSION,
    attached,
    can_follow,
    engine,
    shapes,
    write_incremental,
    write_whole,
)
from orchestration.publication_files import PublicationError, clear_errors, copy_file, only_publisher, sync
from orchestration.publication_history import (
    FIRST_DAY,
    PREVIOUS,
    ROLL_BACK,
    add_publications,
    add_restatements,
    carry_history,
    forget_history,
    own_tables,
    publication_row,
    reason_of,
)
from orchestration.publication_parquet import export
from orchestration.publication_reconciliation import (
    BaseDiffersError,
    expected_counts,
    incremental_counts,
    published_counts,
    read_views,
    reconcile,
    source_counts,
)
from orchestration.publication_status import (
    Staleness,
    compact,
    held_attempts,
    hold,
    new_id,
    staleness,
    utc,
    write_status,
)
from orchestration.publication_store import PUBLISHED_FILE, Publication, Store
from orchestration.publication_tables import PublishedTable, PublishedView, published_relations

__all__ = [
    "Publication",
    "PublicationError",
    "Staleness",
    "current",
    "hold",
    "publish",
    "rollback",
    "staleness",
]

KEEP = 5


@dataclass(frozen=True)
class _Job:
    """One publication in the making."""

    store: Store
    con: duckdb.DuckDBPyConnection
    publication_id: str
    moment: datetime
    build: Build
    tables: list[PublishedTable]
    views: list[PublishedView]
    gate: GateReport
    previous: Publication | None

    @property
    def folder(self) -> Path:
        return self.store.work / self.publication_id

    @property
    def file(self) -> Path:
        return self.folder / PUBLISHED_FILE


def current(warehouse: Path) -> Publication | None:
    """What readers see now; None before the first publication."""
    return Store(warehouse).current()


def publish(
    warehouse: Path, *, as_of: date, gate: GateReport, keep: int = KEEP, now: datetime | None = None
) -> Publication:
    """Publish the last build.

    Args:
        warehouse: folder of the build file.
        as_of: the day that the build must have reached.
        gate: what the gate found about this build.
        keep: how many publications to keep for rolling back, this one included.
        now: moment of publication.

    Raises:
        PublicationError: nothing was published; what readers see is untouched.
    """
    if not gate.passed:
        raise PublicationError(f"the gate failed, so nothing is published: {gate.lines()[0]}")
    if gate.as_of != as_of:
        raise PublicationError(f"the gate judged {gate.as_of}, not {as_of}: run it on this build")
    store = Store(warehouse)
    moment = utc(now)
    with only_publisher(store.folder):
        return _publish(store, as_of, gate, keep, moment)


def _publish(store: Store, as_of: date, gate: GateReport, keep: int, moment: datetime) -> Publication:
    with clear_errors("publishing"):
        store.mend()
        try:
            publication = _write(store, as_of, gate, moment)
        finally:
            shutil.rmtree(store.work, ignore_errors=True)
        store.show_file(publication)
    with _catching_up(publication):
        store.name_current(publication, keep)
        write_status(store, publication, moment, [], as_of)
        store.prune()
    return publication


def _catching_up(publication: Publication) -> AbstractContextManager[None]:
    """What fails from here on no longer concerns what readers see."""
    return clear_errors(f"{publication.publication_id} is shown, but cleaning up failed (the next run does it)")


def _write(store: Store, as_of: date, gate: GateReport, moment: datetime) -> Publication:
    """Write a whole version folder, under its final name."""
    store.work.mkdir(parents=True)
    with engine(store.work) as con:
        open_build(store.warehouse, con)
        build = inspect(store.warehouse, con, as_of)
        tables, views = published_relations(con, build)
        previous = store.current()
        job = _Job(store, con, new_id(moment), moment, build, tables, views, gate, previous)
        with ExitStack() as stack:
            if previous:
                stack.enter_context(attached(con, store.version_file(previous.publication_id), PREVIOUS))
            try:
                publication = _write_version(job, previous if can_follow(build, tables, previous) else None)
            except BaseDiffersError as difference:
                print(f"publication: {difference}; writing the file anew")
                publication = _write_version(job, None)
    sync(job.file)
    store.write_version(job.folder, publication)
    return publication


def _write_version(job: _Job, base: Publication | None) -> Publication:
    """Fill the version's folder, as a whole copy or from the version before."""
    shutil.rmtree(job.folder, ignore_errors=True)
    job.folder.mkdir(parents=True)
    if base:
        copy_file(job.store.version_file(base.publication_id), job.file)
    with attached(job.con, job.file, PUBLISHED, f"storage_version '{STORAGE_VERSION}'"):
        sources = source_counts(job.con, job.tables, job.build, base)
        if base:
            write_incremental(job.con, job.tables, job.views, job.build, base)
            expected = incremental_counts(job.con, job.tables, job.build)
        else:
            write_whole(job.con, job.tables, job.views)
            expected = expected_counts(job.con, job.tables)
        carry_history(job.con, from_previous=job.previous is not None)
        restated = 0
        if job.previous:
            since = job.build.rebuilt_from if base else FIRST_DAY
            reason = reason_of(job.build, job.previous)
            restated = add_restatements(job.con, job.publication_id, job.moment, job.previous, reason, since)
        publication = _describe(job, base, restated, expected, sources)
        add_publications(job.con, [*held_attempts(job.store), publication_row(publication, compact(job.gate))])
        job.con.execute(f"checkpoint {PUBLISHED}")
    with attached(job.con, job.file, PUBLISHED):
        reconcile(expected, published_counts(job.con, list(expected)))
        read_views(job.con, job.views)
        parquet = export(job.con, job.store, [*job.tables, *own_tables()], job.build, base)
    return replace(publication, parquet=parquet)


def _describe(
    job: _Job,
    base: Publication | None,
    restated: int,
    expected: dict[str, int],
    sources: dict[str, dict[str, int]],
) -> Publication:
    return Publication(
        publication_id=job.publication_id,
        status="published",
        published_at=job.moment,
        as_of=job.build.as_of,
        previous_publication_id=job.previous.publication_id if job.previous else None,
        restores_publication_id=None,
        build_id=job.build.build_id,
        input_version=job.build.input_version,
        configuration_version=job.build.configuration_version,
        code_version=job.build.code_version,
        rebuilt_from=job.build.rebuilt_from,
        since_whole_copy=base.since_whole_copy + 1 if base else 0,
        restated_scores=restated,
        gate_checks=len(job.gate.results),
        gate_warnings=len(job.gate.warnings),
        file=f"publications/{job.publication_id}/{PUBLISHED_FILE}",
        row_counts=expected,
        table_shapes=shapes(job.tables),
        source_counts=sources,
    )


def rollback(warehouse: Path, to: str | None = None, now: datetime | None = None) -> Publication:
    """Show an earlier publication again, as a publication of its own: what happened in between stays on record.

    Args:
        warehouse: folder of the published file.
        to: publication_id of a kept publication; default: the one that was shown before.
        now: moment of rolling back.
    """
    store = Store(warehouse)
    moment = utc(now)
    with only_publisher(store.folder):
        with clear_errors("rolling back"):
            store.mend()
            shown = store.current()
            if shown is None:
                raise PublicationError(f"{warehouse}: nothing has been published here yet")
            target = _target(store, shown, to)
            try:
                publication = _restore(store, shown, target, moment)
            finally:
                shutil.rmtree(store.work, ignore_errors=True)
            store.show_file(publication)
        with _catching_up(publication):
            store.name_current(publication, keep=len(store.shown_ids()) + 1)
            write_status(store, publication, moment, held_attempts(store), publication.as_of)
    return publication


def _target(store: Store, shown: Publication, to: str | None) -> Publication:
    others = {version.publication_id: version for version in store.versions() if version != shown}
    wanted = to or shown.previous_publication_id
    if wanted is None or wanted not in others:
        kept = ", ".join(others) or "none"
        raise PublicationError(f"{wanted or 'an earlier publication'} is not kept; kept besides the one shown: {kept}")
    return others[wanted]


def _restore(store: Store, shown: Publication, target: Publication, moment: datetime) -> Publication:
    """Copy the marts of the target, and the history of what is shown now."""
    publication_id = new_id(moment)
    publication = replace(
        target,
        publication_id=publication_id,
        status="rolled_back",
        published_at=moment,
        previous_publication_id=shown.publication_id,
        restores_publication_id=target.restores_publication_id or target.publication_id,
        file=f"publications/{publication_id}/{PUBLISHED_FILE}",
    )
    folder = store.work / publication_id
    folder.mkdir(parents=True)
    file = folder / PUBLISHED_FILE
    copy_file(store.version_file(target.publication_id), file)
    with (
        engine(store.work) as con,
        attached(con, store.version_file(shown.publication_id), PREVIOUS),
        attached(con, file, PUBLISHED, f"storage_version '{STORAGE_VERSION}'"),
    ):
        forget_history(con)
        carry_history(con, from_previous=True)
        restated = add_restatements(con, publication_id, moment, shown, ROLL_BACK, database=PUBLISHED)
        publication = replace(publication, restated_scores=restated)
        reason = f"rolled back from {shown.publication_id} to {target.publication_id}"
        add_publications(con, [publication_row(publication, None, reason)])
        con.execute(f"checkpoint {PUBLISHED}")
    with engine(store.work) as con, attached(con, file, PUBLISHED):
        reconcile(target.row_counts, published_counts(con, list(target.row_counts)))
    sync(file)
    store.write_version(folder, publication)
    return publication


def main(arguments: Sequence[str] | None = None) -> int:
    """List what is kept, or show an earlier publication again."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.publication", description=main.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("list", "what is kept, and what is shown"), ("rollback", "show an earlier publication again")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--warehouse", type=Path, default=Path("warehouse"))
        if name == "rollback":
            command.add_argument("--to", help="publication_id; default: the one that was shown before")
    given = parser.parse_args(arguments)
    try:
        if given.command == "rollback":
            publication = rollback(given.warehouse, given.to)
            print(f"{publication.publication_id} shows {publication.restores_publication_id} again")
        print("\n".join(_listing(given.warehouse)))
    except PublicationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _listing(warehouse: Path) -> list[str]:
    store = Store(warehouse)
    shown = store.current()
    if shown is None:
        return [f"{warehouse}: nothing has been published here yet"]
    lines = []
    for version in reversed(store.versions()):
        restores = f" of {version.restores_publication_id}" if version.restores_publication_id else ""
        rows = sum(version.row_counts.values())
        mark = "shown" if version.publication_id == shown.publication_id else ""
        what = f"{version.publication_id}  as of {version.as_of}  {rows:>13,} rows  {version.status}{restores}"
        lines.append(f"{what}  {mark}".rstrip())
    verdict = staleness(warehouse)
    return [*lines, f"stale: {verdict.reason}" if verdict.is_stale else "not stale"]


if __name__ == "__main__":
    sys.exit(main())
