"""Run one piece of work in a process of its own, with its memory and its time bounded.

What a reader asks a server to compute may need more than there is, or never end. Apart, it ends alone: the server goes
on, and the reader gets a sentence.

Belongs here: starting the process, its bounds, carrying question and answer.
Does not belong here: what is computed.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from customer_health.core.errors import CustomerHealthError
from customer_health.core.settings import PROJECT_ROOT

Answer = TypeVar("Answer")

SECONDS = 600.0
# of the machine, for everything that the process allocates; the engine's own limit is lower and makes it spill first
MEMORY_SHARE = 0.75


class BoundError(CustomerHealthError):
    """The work needed more memory or time than it may have, or ended without an answer."""


def run_apart(
    work: Callable[..., Answer], *given: Any, seconds: float = SECONDS, memory_bytes: int | None = None
) -> Answer:
    """The answer of `work(*given)`, computed in another process.

    Args:
        work: a function at the top of a module.
        given: its arguments; they and the answer are copied from process to process.
        seconds: when it is ended, with whatever it started.
        memory_bytes: the most that it may allocate (default: three quarters of the machine).

    Raises:
        BoundError: it reached a bound, or ended without an answer.
        CustomerHealthError: whichever the work raised.
    """
    memory = memory_bytes or int(MEMORY_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    path = os.pathsep.join([str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with tempfile.TemporaryDirectory(prefix="apart_") as folder:
        answer = Path(folder) / "answer"
        process = subprocess.Popen(
            [sys.executable, "-m", "customer_health.core.apart", str(answer), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            # a group of its own: what it starts is ended with it
            start_new_session=True,
        )
        try:
            process.communicate(pickle.dumps((work, given)), timeout=seconds)
        except subprocess.TimeoutExpired:
            raise BoundError(
                f"this takes longer than {seconds:.0f} seconds and was ended: ask for less, or run it on the command"
                " line, where nobody waits"
            ) from None
        finally:
            _end(process)
        if not answer.exists():
            raise BoundError(
                "this ended without an answer, most likely because it needs more memory than it may have"
                f" ({memory // 2**20} MB): ask for less; the server's log may say more"
            )
        kind, value = pickle.loads(answer.read_bytes())
    if kind == "answered":
        return value
    if kind == "stopped":
        raise value
    raise BoundError(f"this needs more memory than it may have ({memory // 2**20} MB): ask for less")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and its group, whether or not it has ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _main(answer: Path, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    found: tuple[str, Any]
    try:
        work, given = pickle.loads(sys.stdin.buffer.read())
        found = ("answered", work(*given))
    except CustomerHealthError as error:
        found = ("stopped", error)
    except (MemoryError, duckdb.OutOfMemoryException):
        found = ("memory", None)
    written = answer.with_suffix(".part")
    written.write_bytes(pickle.dumps(found))
    written.replace(answer)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]))
