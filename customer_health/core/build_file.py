"""The private build file: opening it for writing, and the tables that landing needs in it.

Belongs here: locks, the raw tables of the contract, the loader's own tables, telling a fault of the machine from a
fault of a file.
Does not belong here: what is written into them (landing/load.py).
"""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from customer_health.core.errors import CustomerHealthError
from customer_health.core.sql import quote_text

BUILD_FILE = "build.duckdb"
# lies beside the build file while somebody is being forgotten
FORGETTING_FILE = ".forgetting.json"
DISK_SIGNS = re.compile(
    "no space left|could not write|failed to write|file too large|read-only file system|quota|could not sync",
    re.IGNORECASE,
)


class LandingError(CustomerHealthError):
    """The load cannot go on (disk, lock, memory): nothing of the file in hand was kept."""


@contextmanager
def open_build_file(warehouse: Path, memory_limit: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the build file for writing; a lock or a disk fault becomes a clear LandingError."""
    path = warehouse / BUILD_FILE
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(str(path))
    except OSError as fault:
        raise LandingError(f"the warehouse folder {warehouse} cannot be used: {fault.strerror}") from fault
    except duckdb.Error as fault:
        if "lock" in str(fault).lower():
            holder = re.search(r"PID \d+", str(fault))
            by = f" ({holder.group()})" if holder else ""
            message = f"{path} is in use by another process{by}; wait for it to end or stop it, then run again"
            raise LandingError(message) from fault
        raise LandingError(f"{path} cannot be opened: {first_line(fault)}") from fault
    try:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        if memory_limit:
            con.execute(f"set memory_limit = {quote_text(memory_limit)}")
        yield con
    finally:
        try:
            con.close()
        except duckdb.Error as fault:
            raise LandingError(f"{path} cannot be written: {first_line(fault)}") from fault


def is_fault_of_the_machine(fault: BaseException) -> bool:
    """Whether disk, memory or the build file failed, rather than the landing file."""
    if isinstance(fault, duckdb.OutOfMemoryException | duckdb.FatalException | duckdb.InternalException | MemoryError):
        return True
    if isinstance(fault, OSError):
        return fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO, errno.ENOMEM)
    return DISK_SIGNS.search(str(fault)) is not None


def first_line(fault: BaseException) -> str:
    lines = str(fault).strip().splitlines()
    return without_work_paths(lines[0]) if lines else type(fault).__name__


def without_work_paths(text: str) -> str:
    """Messages name the landing file, not the link that it was read through."""
    folder = re.escape(tempfile.gettempdir())
    return re.sub(rf"[\"']?{folder}[^\s\"']*landing-[^\s\"']*[\"']?", "the file", text)
