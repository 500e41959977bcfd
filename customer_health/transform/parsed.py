"""Where dbt finds what it has parsed before, also for a warehouse that is new and a configuration that was edited.

Parsing everything takes dbt longer than building a small company. It parses only what changed where the paths of its
seeds and of its build file and its vars are what they were. So all who run dbt share a few places beneath target/, each
with the seeds of one configuration and what was parsed there last. A process holds its place while it runs, and works
in the folder of its warehouse, where the build file always has the same name.

Belongs here: places, who holds one, what is kept there.
Does not belong here: whether what was parsed still holds (dbt asks that itself), or what dbt is told (run.py).
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from customer_health.core.settings import PROJECT_ROOT

PARSED = "partial_parse.msgpack"
SEEDS = "seeds"
PLACES = PROJECT_ROOT / "target"
# what nobody has used for a day belongs to a configuration that is not built any more
KEPT_SECONDS = 24 * 3600


@contextmanager
def place_to_parse(target: Path, *shaped_by: str) -> Iterator[Path]:
    """A folder for seeds that dbt may have parsed before, held until the end.

    Args:
        target: dbt's target path; what was parsed is brought there first and fetched back at the end.
        shaped_by: whatever else has dbt parse everything anew when it changes, such as its vars.
    """
    key = hashlib.sha256("\n".join(shaped_by).encode()).hexdigest()[:12]
    for number in itertools.count():
        place = PLACES / f"parsed-{key}-{number}"
        place.mkdir(parents=True, exist_ok=True)
        with suppress(Timeout), FileLock(place / "lock", blocking=False):
            os.utime(place)
            _remove_old(place)
            _bring(place / PARSED, target / PARSED)
            yield place / SEEDS
            _bring(target / PARSED, place / PARSED)
            return


def _bring(source: Path, destination: Path) -> None:
    with suppress(FileNotFoundError):
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, destination)


def _remove_old(own: Path) -> None:
    oldest = time.time() - KEPT_SECONDS
    for place in PLACES.glob("parsed-*"):
        # another process may be removing it, too
        with suppress(FileNotFoundError, Timeout):
            if place != own and place.stat().st_mtime < oldest:
                with FileLock(place / "lock", blocking=False):
                    shutil.rmtree(place)
