"""What publishing does to files: complete ones, replaced at once, and never half of one under a name that is read.

Belongs here: fsync, atomic replacement, copies, hashes, the lock, and telling a fault of the machine in plain words.
Does not belong here: which files there are (store.py), or what is in them.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from customer_health.core.build_file import DISK_SIGNS, first_line
from customer_health.core.errors import CustomerHealthError

LOCK_FILE = ".lock"
# a client that forgets to ask for read-only would lock others out, and change what a roll-back brings back
READ_ONLY_MODE = 0o444
COPY_BYTES = 64 * 1024 * 1024


class PublicationError(CustomerHealthError):
    """Nothing was published; what readers saw before is untouched. The message says why and what to do."""


@contextmanager
def clear_errors(doing: str) -> Iterator[None]:
    """Turn a fault of disk, folder or engine into one sentence that says what was going on."""
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise PublicationError(
                f"{doing}: the disk is full ({fault.strerror}); free space, then run again"
            ) from fault
        if fault.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            where = f" {fault.filename}" if fault.filename else ""
            raise PublicationError(f"{doing}: the folder cannot be written{where} ({fault.strerror})") from fault
        raise PublicationError(f"{doing}: {fault}") from fault
    except (duckdb.Error, MemoryError) as fault:
        full = "; free space on the disk, then run again" if DISK_SIGNS.search(str(fault)) else ""
        raise PublicationError(f"{doing}: {first_line(fault)}{full}") from fault


@contextmanager
def only_publisher(publications: Path) -> Iterator[None]:
    """Hold the publications for this process; a second publisher is refused at once."""
    with clear_errors("preparing the publications folder"):
        publications.mkdir(parents=True, exist_ok=True)
        lock = (publications / LOCK_FILE).open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PublicationError(
                f"{publications}: another publication is going on here; wait for it to end"
            ) from error
        yield


def sync(path: Path) -> None:
    """Have the disk really hold a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, document: Any) -> None:
    """Replace a JSON file at once: a reader sees the old text or the new one."""
    beside = path.with_name(f".{path.name}.next")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=2, ensure_ascii=False, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    sync(path.parent)


def read_json(path: Path) -> Any | None:
    """The document, or None where there is none yet."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as fault:
        raise PublicationError(f"{path} cannot be read: {fault}") from fault


def show(version: Path, name: Path) -> None:
    """Let `name` be that file from now on, in one step; readers that hold the old one open keep it."""
    beside = name.with_name(f".{name.name}.next")
    beside.unlink(missing_ok=True)
    try:
        os.link(version, beside)
    except OSError as fault:
        # a file system without hard links gets a second copy
        if fault.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV):
            raise
        copy_file(version, beside)
        beside.chmod(READ_ONLY_MODE)
        sync(beside)
    os.replace(beside, name)
    # the same file under both names would be left as it is by replace, the other name included
    beside.unlink(missing_ok=True)
    sync(name.parent)


def copy_file(source: Path, target: Path) -> None:
    """Copy inside the kernel; where the file system can share blocks, nothing is copied at all."""
    with source.open("rb") as read, target.open("wb") as write:
        left = os.fstat(read.fileno()).st_size
        while left:
            try:
                done = os.copy_file_range(read.fileno(), write.fileno(), min(left, COPY_BYTES))
            except OSError as fault:
                if fault.errno not in (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                    raise
                done = os.sendfile(write.fileno(), read.fileno(), None, min(left, COPY_BYTES))
            if done == 0:
                raise OSError(errno.EIO, "the file ended early", str(source))
            left -= done


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
