"""Run a step in a process of its own and say what it took.

Belongs here: peak memory, processor time, and what dbt wrote down about its models.
Does not belong here: which steps there are (refresh.py).
"""

from __future__ import annotations

import json
import os
import resource
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Effort:
    """What a step took: `sql_seconds` counts the statements only, `seconds` everything around them too."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_bytes: int = 0
    sql_seconds: float = 0.0
    by_layer: dict[str, float] = field(default_factory=dict)
    by_model: dict[str, float] = field(default_factory=dict)

    @property
    def dearest(self) -> list[tuple[str, float]]:
        return sorted(self.by_model.items(), key=lambda item: -item[1])[:10]


def measured(step: Callable[[], None]) -> Effort:
    """Run a step that works in child processes of this one, one at a time."""
    peak = _PeakMemory()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with peak:
        step()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Effort(
        seconds=time.monotonic() - started,
        processor_seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        peak_bytes=peak.bytes,
    )


def add_dbt_times(effort: Effort, target: Path) -> None:
    """Add what dbt's run_results.json says about each model."""
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    layers: Counter[str] = Counter()
    for result in results:
        node = nodes.get(result["unique_id"], {})
        if node.get("resource_type") != "model":
            continue
        effort.by_model[node["name"]] = result["execution_time"]
        layers["/".join(Path(node["path"]).parts[:2]).removesuffix(".sql")] += result["execution_time"]
    effort.by_layer = dict(layers.most_common())
    effort.sql_seconds = sum(layers.values())


class _PeakMemory:
    """The largest resident size that any child of this process reaches.

    Read from the system's own high-water mark: rusage would count what the child shared with us when it started.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            for child in children(os.getpid()):
                self.bytes = max(self.bytes, high_water_mark(child))


def children(pid: int | str) -> list[str]:
    """The processes that a process has started, by their ids."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        return [
            child
            for thread in threads
            for child in Path(f"/proc/{pid}/task/{thread}/children").read_text(encoding="ascii").split()
        ]
    except OSError:
        return []


def high_water_mark(pid: int | str) -> int:
    """The largest resident size, in bytes, that a process has ever had; 0 if it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
