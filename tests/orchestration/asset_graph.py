"""The asset graph as text, for people who read what a change does to it.

    python -m tests.orchestration.asset_graph        # write asset_graph.txt anew, then read the diff

Belongs here: the text and the command.
Does not belong here: that it is up to date (test_dagster_definitions.py).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import dagster as dg

from customer_health.core.settings import Settings
from orchestration.assembly import build_definitions

SNAPSHOT = Path(__file__).with_suffix(".txt")
HEAD = (
    "# Written by python -m tests.orchestration.asset_graph: assets by group, their owner, checks and what they read."
)


def describe(definitions: dg.Definitions) -> str:
    graph = definitions.resolve_asset_graph()
    groups: dict[str, list[str]] = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        checks = len(node.check_keys)
        facts = [
            *(owner.removeprefix("team:") for owner in node.owners),
            *(["daily"] if node.partitions_def else []),
            *([f"{checks} check" + "s" * (checks > 1)] if checks else []),
            *(["fresh by morning"] if node.freshness_policy else []),
        ]
        lines = [f"  {key.to_user_string()}: {', '.join(facts)}"]
        lines += [f"    < {parent.to_user_string()}" for parent in sorted(node.parent_keys)]
        groups.setdefault(node.group_name, []).extend(lines)
    return "\n".join([HEAD, *(line for name in sorted(groups) for line in ("", name, *groups[name])), ""])


def definitions_in(folder: Path) -> dg.Definitions:
    return build_definitions(Settings(warehouse=folder, landing=folder / "landing"))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        SNAPSHOT.write_text(describe(definitions_in(Path(folder))), encoding="utf-8")
    print(f"{SNAPSHOT.name} written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
