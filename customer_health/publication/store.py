"""The publications of a warehouse on disk, and which of them is shown.

    <warehouse>/customer_health.duckdb                      what readers open: always one whole publication
    <warehouse>/health.duckdb                               the same file under the name that it had before
    <warehouse>/publications/<id>/customer_health.duckdb    each kept publication, and its manifest.json
    <warehouse>/publications/manifest.json                  names the one that is shown, and those that are kept
    <warehouse>/publications/status.json                    staleness, and attempts that were held back
    <warehouse>/publications/parquet/...                    files named by manifests, shared between publications

**customer_health.duckdb being replaced is the moment of publication.** Whatever a kill left undone after it
(manifest.json, the second name) is caught up by `mend`, which every command of the publisher runs first; what was left
undone before it is deleted. Publications that were written under the name of before keep it in their folders.

Belongs here: names and places, manifests as text, which publication is shown, what is deleted.
Does not belong here: how a published file comes about (copy.py, parquet.py), staleness
(status.py).
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.publication.files import READ_ONLY_MODE, read_json, show, sync, write_json

MANIFEST_FILE = "manifest.json"
MANIFEST_FORMAT = 1


@dataclass(frozen=True)
class ParquetFile:
    """One immutable file, its path relative to the warehouse; `month` is None for a table that is one file."""

    table: str
    month: date | None
    path: str
    rows: int
    fingerprint: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Publication:
    """One whole set of marts as readers see it, and what it was made from."""

    publication_id: str
    status: str
    published_at: datetime
    as_of: date
    previous_publication_id: str | None
    restores_publication_id: str | None
    build_id: str
    input_version: str
    configuration_version: str
    code_version: str
    rebuilt_from: date
    since_whole_copy: int
    restated_scores: int
    gate_checks: int
    gate_warnings: int
    file: str
    row_counts: dict[str, int] = field(default_factory=dict)
    table_shapes: dict[str, str] = field(default_factory=dict)
    source_counts: dict[str, dict[str, int]] = field(default_factory=dict)
    parquet: tuple[ParquetFile, ...] = ()

    @property
    def is_incremental(self) -> bool:
        return self.since_whole_copy > 0

    def to_json(self) -> dict[str, Any]:
        document = asdict(self)
        document["format"] = MANIFEST_FORMAT
        document["published_at"] = self.published_at.isoformat()
        document["as_of"] = self.as_of.isoformat()
        document["rebuilt_from"] = self.rebuilt_from.isoformat()
        document["parquet"] = [
            {**asdict(file), "month": file.month.isoformat() if file.month else None} for file in self.parquet
        ]
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Publication:
        values = {name: value for name, value in document.items() if name != "format"}
        values["published_at"] = datetime.fromisoformat(values["published_at"])
        values["as_of"] = date.fromisoformat(values["as_of"])
        values["rebuilt_from"] = date.fromisoformat(values["rebuilt_from"])
        values["parquet"] = tuple(
            ParquetFile(**{**file, "month": date.fromisoformat(file["month"]) if file["month"] else None})
            for file in values["parquet"]
        )
        return cls(**values)


@dataclass(frozen=True)
class Store:
    """Where the publications of one warehouse lie."""

    warehouse: Path

    @property
    def folder(self) -> Path:
        return self.warehouse / "publications"

    @property
    def parquet(self) -> Path:
        return self.folder / "parquet"

    @property
    def work(self) -> Path:
        return self.folder / ".work"

    @property
    def published_file(self) -> Path:
        return self.warehouse / PUBLISHED_FILE

    def version_folder(self, publication_id: str) -> Path:
        return self.folder / publication_id

    def version_file(self, publication_id: str) -> Path:
        folder = self.version_folder(publication_id)
        of_before = folder / SECOND_NAME
        return of_before if of_before.exists() else folder / PUBLISHED_FILE

    def versions(self) -> list[Publication]:
        """Every publication whose folder is whole, oldest first."""
        found = []
        for path in sorted(self.folder.glob(f"*/{MANIFEST_FILE}")):
            document = read_json(path)
            if document and self.version_file(path.parent.name).exists():
                found.append(Publication.from_json(document))
        return sorted(found, key=lambda version: (version.published_at, version.publication_id))

    def current(self) -> Publication | None:
        """What readers see: the publication whose file is shown, whatever a kill left undone elsewhere."""
        if not any(name.exists() for name in self._names):
            return None
        versions = self.versions()
        # where a publisher of before was killed, the name of before is ahead
        shown = [version for version in versions if any(self._is_shown(version, name) for name in self._names)]
        if shown:
            return shown[-1]
        named = read_json(self.folder / MANIFEST_FILE)
        return {version.publication_id: version for version in versions}.get(named["current"]) if named else None

    @property
    def _names(self) -> tuple[Path, Path]:
        return self.published_file, self.warehouse / SECOND_NAME

    def _is_shown(self, version: Publication, name: Path) -> bool:
        return name.exists() and self.version_file(version.publication_id).samefile(name)

    def shown_ids(self) -> list[str]:
        """The kept publications that readers have seen, as manifest.json names them."""
        document = read_json(self.folder / MANIFEST_FILE)
        if document:
            return list(document["kept"])
        # without manifest.json, whatever lies beside a shown file may have been shown
        return (
            [version.publication_id for version in self.versions()]
            if any(name.exists() for name in self._names)
            else []
        )

    def show_file(self, publication: Publication) -> None:
        """The moment of publication, of a version whose folder is whole."""
        self._forget_logs()
        show(self.version_file(publication.publication_id), self.published_file)

    def name_current(self, publication: Publication, keep: int) -> None:
        """Let the second name and manifest.json follow."""
        show(self.version_file(publication.publication_id), self.warehouse / SECOND_NAME)
        seen = [*self.shown_ids(), publication.publication_id]
        kept = [name for name in dict.fromkeys(seen) if self.version_file(name).exists()]
        kept = [name for name in kept if name != publication.publication_id][-(keep - 1) :] if keep > 1 else []
        self._write_manifest(publication, [*kept, publication.publication_id])

    def _write_manifest(self, publication: Publication, kept: list[str]) -> None:
        document = {
            "format": MANIFEST_FORMAT,
            "current": publication.publication_id,
            "as_of": publication.as_of.isoformat(),
            "published_at": publication.published_at.isoformat(),
            "file": publication.file,
            "manifest": f"publications/{publication.publication_id}/{MANIFEST_FILE}",
            "kept": kept,
        }
        write_json(self.folder / MANIFEST_FILE, document)

    def write_version(self, folder: Path, publication: Publication) -> None:
        """Give a finished folder its manifest and its name; its file is written no more."""
        (folder / PUBLISHED_FILE).chmod(READ_ONLY_MODE)
        write_json(folder / MANIFEST_FILE, publication.to_json())
        folder.rename(self.version_folder(publication.publication_id))
        sync(self.folder)

    def mend(self) -> None:
        """Catch up with what a kill left undone, and delete what nobody has seen."""
        shutil.rmtree(self.work, ignore_errors=True)
        self._forget_logs()
        named = read_json(self.folder / MANIFEST_FILE)
        if named and not self.published_file.exists() and self.version_file(named["current"]).exists():
            show(self.version_file(named["current"]), self.published_file)
        current = self.current()
        if current and self._is_shown(current, self._names[1]) and not self._is_shown(current, self.published_file):
            # deleted, or a publisher of before was killed: it named this file last
            show(self.version_file(current.publication_id), self.published_file)
        if current and (named is None or named["current"] != current.publication_id):
            self.name_current(current, keep=len(self.shown_ids()) + 1)
        seen = set(self.shown_ids())
        for path in self.folder.glob("*Z-*"):
            if path.is_dir() and path.name not in seen:
                shutil.rmtree(path)
        for name in self._names:
            for leftover in self.warehouse.glob(f".{name.name}.next*"):
                leftover.unlink(missing_ok=True)
        for leftover in self.folder.glob(".*.next"):
            leftover.unlink(missing_ok=True)

    def _forget_logs(self) -> None:
        """A client that opened a published file for writing and was killed left a log: no file may be read with it."""
        for name in self._names:
            name.with_name(f"{name.name}.wal").unlink(missing_ok=True)

    def prune(self) -> None:
        """Delete the publications that manifest.json no longer names, and the Parquet files that no kept one names."""
        kept = set(self.shown_ids())
        for path in self.folder.glob("*Z-*"):
            if path.is_dir() and path.name not in kept:
                shutil.rmtree(path)
        named = {self.warehouse / file.path for version in self.versions() for file in version.parquet}
        for path in sorted(self.parquet.rglob("*"), reverse=True):
            if path.is_file() and path not in named:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
