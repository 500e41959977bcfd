"""Make one version: a folder that holds a whole published file and its manifest, under its final name.

Belongs here: the order in which a version is filled, reconciled, exported and described; the copy of an earlier one.
Does not belong here: showing it to readers (publish.py), each step (the other modules here).
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.publication.build import Build, inspect, open_build
from customer_health.publication.copy import (
    PUBLISHED,
    STORAGE_VERSION,
    attached,
    can_follow,
    engine,
    shapes,
    write_incremental,
    write_whole,
)
from customer_health.publication.files import copy_file, sync
from customer_health.publication.history import (
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
from customer_health.publication.parquet import export
from customer_health.publication.reconciliation import (
    BaseDiffersError,
    expected_counts,
    incremental_counts,
    published_counts,
    read_views,
    reconcile,
    source_counts,
)
from customer_health.publication.status import compact, held_attempts, new_id
from customer_health.publication.store import Publication, Store
from customer_health.publication.tables import PublishedTable, PublishedView, published_relations
from expectations.report import GateReport


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


def write(store: Store, as_of: date, gate: GateReport, moment: datetime) -> Publication:
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


def restore(store: Store, shown: Publication, target: Publication, moment: datetime) -> Publication:
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
