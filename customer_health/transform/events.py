"""What dbt says while it runs, read line by line.

Belongs here: the fields of dbt's JSON log that we rely on.
Does not belong here: showing them (core/progress.py), judging a run by its results (run.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from customer_health.core.progress import Advance

# asks dbt for the lines that this module reads, whatever the level of its log file
AS_EVENTS = ("--log-format", "json", "--log-level", "info", "--no-use-colors")


def follow(lines: Iterable[str], advance: Advance, say: Callable[[str], None]) -> None:
    """Count the nodes that end, and pass on what dbt calls an error, or what is no event at all."""
    done = 0
    for line in lines:
        try:
            event = json.loads(line)
            about, data = event["info"], event.get("data", {})
        except (ValueError, KeyError, TypeError):
            if line.strip():
                say(line.rstrip())
            continue
        if about["level"] == "error":
            say(about["msg"])
        if about["name"].startswith("Log") and about["name"].endswith("Result") and "total" in data:
            done += 1
            advance(data.get("node_info", {}).get("node_name", ""), done, int(data["total"]))
