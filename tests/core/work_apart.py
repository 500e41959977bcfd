"""Small pieces of work for test_apart.py, in a module that another process finds, too.

Belongs here: work that answers, stops, dies, or takes too much.
Does not belong here: what must come of it.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import duckdb

from customer_health.validation.what_if import NeedsRebuildError

MEGABYTE = 2**20


def add(left: int, right: int) -> tuple[int, int]:
    print("what is printed is no part of the answer")
    return left + right, os.getpid()


def never_end(started: Path) -> None:
    child = subprocess.Popen(["sleep", "1000"])
    started.write_text(str(child.pid), "utf-8")
    time.sleep(1000)


def take(megabytes: int) -> int:
    return len(bytearray(megabytes * MEGABYTE))


def take_in_the_engine() -> list[tuple[int]]:
    with duckdb.connect(config={"memory_limit": "20MB", "temp_directory": ""}) as connection:
        return connection.execute("select list(range) from range(20000000) group by range % 3").fetchall()


def stop() -> None:
    raise NeedsRebuildError(["one", "two"])


def crash() -> None:
    os._exit(3)
