"""Publish the marts of a finished build as one versioned file that readers can always trust.

A publication is written, reconciled and synced to disk in a folder of its own before `customer_health.duckdb` is
replaced by it in one step. Readers that hold the old file open keep it; whoever opens it afterwards sees the new one.

Belongs here: the order of the steps, rolling back, the commands.
Does not belong here: each step (the other modules here), deciding whether a build is good enough (expectations/).
"""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path

from customer_health.publication.files import PublicationError, clear_errors, only_publisher
from customer_health.publication.status import Staleness, held_attempts, hold, staleness, utc, write_status
from customer_health.publication.store import Publication, Store
from customer_health.publication.version import restore, write
from expectations.report import GateReport

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
            publication = write(store, as_of, gate, moment)
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
                publication = restore(store, shown, target, moment)
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


def list_publications(warehouse: Path) -> list[str]:
    """What is kept and what is shown, the newest first, and whether it is stale; lines to print."""
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
