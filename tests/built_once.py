"""What several files of tests only read or copy, built once for all workers of a run.

Belongs here: the folder of the run, and that the others wait while one worker fills it.
Does not belong here: what is built (the modules that call it).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

# workers inherit it from the process that starts them
FOLDER = "CUSTOMER_HEALTH_BUILT_ONCE"


def open_folder() -> None:
    """Before any worker starts."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="built once ")


def remove_folder() -> None:
    """After all workers have ended."""
    shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


def built_once(name: str, build: Callable[[Path], None]) -> Path:
    """The folder that `build` filled; its path holds a space. A build that failed is tried again by who asks next."""
    folder = Path(os.environ[FOLDER]) / name
    done = folder.with_suffix(".done")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder)
            done.touch()
    return folder
