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

from customer_health.core.errors import CustomerHealthError, RefreshError, TransientError
from customer_health.core.sql import quote_name, quote_text

BUILD_FILE = "build.duckdb"
# lies beside the build file while somebody is being forgotten
FORGETTING_FILE = ".forgetting.json"
DISK_SIGNS = re.compile(
    "no space left|could not write|failed to write|file too large|read-only file system|quota|could not sync",
    re.IGNORECASE,
)


class LandingError(CustomerHealthError):
    """The load cannot go on (disk, lock, memory): nothing of the file in hand was kept."""


class BuildFileError(LandingError, RefreshError):
    """The build file cannot be opened or written."""


class BuildFileInUseError(BuildFileError, TransientError):
    """Somebody else has it open: trying again may help."""


@contextmanager
def open_build_file(
    warehouse: Path, memory_limit: str | None = None, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the build file; a lock or a disk fault becomes a clear error.

    Args:
        warehouse: its folder; made, unless the file is only to be read.
        memory_limit: DuckDB's, for example `2GB`.
        read_only: write nothing, and need a file that is there.

    Raises:
        BuildFileError: it cannot be opened, or not be written when it is closed.
    """
    path = warehouse / BUILD_FILE
    if read_only and not path.exists():
        raise BuildFileError(f"{path} is not there: run a refresh first")
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(str(path), read_only=read_only)
    except OSError as fault:
        raise BuildFileError(f"the warehouse folder {warehouse} cannot be used: {fault.strerror}") from fault
    except duckdb.Error as fault:
        raise _not_opened(path, fault) from fault
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
            raise BuildFileError(f"{path} cannot be written: {first_line(fault)}") from fault


def attach_build_file(con: duckdb.DuckDBPyConnection, warehouse: Path, name: str) -> None:
    """Attach the build file for reading, beside what a connection has open.

    Raises:
        BuildFileError: it cannot be opened.
    """
    path = warehouse / BUILD_FILE
    if not path.exists():
        raise BuildFileError(f"{path} is not there: run a refresh first")
    try:
        con.execute(f"attach {quote_text(path)} as {quote_name(name)} (read_only)")
    except duckdb.Error as fault:
        raise _not_opened(path, fault) from fault


def _not_opened(path: Path, fault: duckdb.Error) -> BuildFileError:
    said = str(fault).lower()
    # in this process, or in another one
    if "lock" in said or "different configuration" in said or "already attached" in said:
        holder = re.search(r"PID \d+", str(fault))
        by = f" ({holder.group()})" if holder else ""
        return BuildFileInUseError(
            f"{path} is in use by another process{by}; wait for it to end or stop it, then run again"
        )
    return BuildFileError(f"{path} cannot be opened: {first_line(fault)}")


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
