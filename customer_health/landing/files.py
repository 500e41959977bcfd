"""Find the files of a landing folder, and refuse the ones that are not where or what they claim to be.

Belongs here: walking the folder, path tricks, unknown folders and file types, the identity of a file.
Does not belong here: what is inside a file (relations.py).
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from customer_health.core.contract import Contract
from customer_health.core.words import did_you_mean

FILE_TYPES = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}
SETTLED_AFTER_SECONDS = 2.0


@dataclass(frozen=True)
class LandingFile:
    """A file of a table's folder; `fault` says why it must not be opened."""

    table_name: str
    name: str
    path: Path
    file_type: str
    fault: str | None = None


@dataclass(frozen=True)
class Misplaced:
    """Something in the landing folder that belongs to no table."""

    entity: str
    detail: str


def find_files(landing: Path, contract: Contract) -> tuple[list[LandingFile], list[Misplaced]]:
    """All files to load, by table in the order of the contract and then by name."""
    files: list[LandingFile] = []
    misplaced: list[Misplaced] = []
    root = landing.resolve()
    folders: dict[str, Path] = {}
    for entry in sorted(landing.iterdir()):
        name = printable(entry.name)
        if _is_hidden(entry):
            continue
        if not entry.is_dir():
            misplaced.append(Misplaced(name, "a file has to lie in the folder of its table"))
        elif entry.name not in contract.tables:
            hint = did_you_mean(name, contract.tables)
            misplaced.append(Misplaced(name, f"no table of the raw contract has this name{hint}"))
        else:
            folders[entry.name] = entry
    for table_name in contract.tables:
        if table_name in folders:
            _look_into(table_name, folders[table_name], root, files, misplaced)
    return files, misplaced


def _look_into(table_name: str, folder: Path, root: Path, files: list[LandingFile], misplaced: list[Misplaced]) -> None:
    if not folder.resolve().is_relative_to(root):
        misplaced.append(Misplaced(table_name, "the folder is a link that leaves the landing folder"))
        return
    for path in sorted(folder.iterdir()):
        if _is_hidden(path):
            continue
        name = f"{table_name}/{printable(path.name)}"
        file_type = FILE_TYPES.get(path.suffix.lower())
        if path.is_dir():
            misplaced.append(Misplaced(name, "folders inside a table's folder are not read"))
        elif file_type is None:
            known = ", ".join(FILE_TYPES)
            misplaced.append(Misplaced(name, f"file type '{path.suffix}' is not one of {known}"))
        else:
            files.append(LandingFile(table_name, name, path, file_type, _path_fault(path, root)))


def _is_hidden(path: Path) -> bool:
    return path.name.startswith((".", "_")) and not path.name.startswith("..")


def _path_fault(path: Path, root: Path) -> str | None:
    if ".." in path.name.replace("\\", "/").split("/"):
        return "the file name leads out of its folder"
    if printable(path.name) != path.name:
        return "the file name is not printable text"
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "the link leads nowhere"
    if not resolved.is_relative_to(root):
        return "the link leaves the landing folder"
    if not stat.S_ISREG(resolved.stat().st_mode):
        return "not a regular file"
    return None


def printable(name: str) -> str:
    """A file name that can be shown and stored: odd bytes and control characters are escaped."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def content_hash(path: Path) -> str:
    """SHA-256 of the content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stat_signature(path: Path) -> str:
    """Changes with every write to the file, so that unchanged files need not be hashed again."""
    status = path.stat()
    return f"{status.st_dev}:{status.st_ino}:{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}"


def is_settled(path: Path) -> bool:
    """Whether a write from now on would show in the signature (file systems keep coarse times)."""
    return time.time() - path.stat().st_ctime > SETTLED_AFTER_SECONDS


@contextmanager
def safe_name(path: Path) -> Iterator[Path]:
    """A link with a plain name: the engine would expand `*`, `?` and `[`, even of an existing file."""
    with tempfile.TemporaryDirectory(prefix="landing-") as folder:
        link = Path(folder) / f"file{path.suffix.lower()}"
        link.symlink_to(path.resolve())
        yield link


def file_id(table_name: str, name: str, hash_of_content: str | None) -> str:
    """Identity of a file in the ledger."""
    key = "\0".join((table_name, name, hash_of_content or ""))
    return hashlib.sha256(key.encode()).hexdigest()[:32]
