"""A publisher to which something happens on its way, as a process of its own.

    python -m tests.orchestration.broken_publisher <warehouse> <as_of> <what happens> [<where>]

What happens: `kill:before`, `kill:after` or `kill:during` the step named by <where>; `disk:<bytes>`, a file may not
grow beyond that; `read-only`, the process may do no more than the permissions of files allow, superuser or not.

Belongs here: the mishaps. Does not belong here: what must be left after them (test_publication_faults.py).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from customer_health.publication import parquet as publication_parquet
from customer_health.publication import publish as publication
from customer_health.publication import version as publication_version
from customer_health.publication.files import PublicationError
from customer_health.publication.store import Store
from tests.orchestration.published_company import gate_report

# each step of publishing, and the place where it is looked up
STEPS: dict[str, Any] = {
    "open_build": publication_version,
    "inspect": publication_version,
    "copy_file": publication_version,
    "write_whole": publication_version,
    "write_incremental": publication_version,
    "carry_history": publication_version,
    "add_restatements": publication_version,
    "add_publications": publication_version,
    "reconcile": publication_version,
    "export": publication_version,
    "write_version": Store,
    "show_file": Store,
    "name_current": Store,
    "write_status": publication,
    "prune": Store,
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(step: str, when: str) -> None:
    """Kill this process around a step, or in the middle of the export."""
    if when == "during":
        step, owner = "file_hash", publication_parquet
    else:
        owner = STEPS[step]
    real: Callable[..., Any] = getattr(owner, step)
    calls = []

    def around(*given: Any, **named: Any) -> Any:
        calls.append(step)
        if when == "before":
            die()
        result = real(*given, **named)
        if when == "after" or len(calls) == 2:
            die()
        return result

    setattr(owner, step, around)


def without_privileges() -> None:
    """Drop every capability, so that a folder without write permission cannot be written even by root."""
    libc = ctypes.CDLL(None, use_errno=True)
    version_3 = 0x20080522
    header = (ctypes.c_uint32 * 2)(version_3, 0)
    data = (ctypes.c_uint32 * 6)(*([0] * 6))
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def main() -> int:
    warehouse, as_of, mishap, *where = sys.argv[1:]
    kind, _, detail = mishap.partition(":")
    if kind == "kill":
        kill_at(where[0], detail)
    elif kind == "disk":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(detail), int(detail)))
    else:
        without_privileges()
    day = date.fromisoformat(as_of)
    try:
        publication.publish(Path(warehouse), as_of=day, gate=gate_report(day), now=datetime(2026, 7, 3))
    except PublicationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
