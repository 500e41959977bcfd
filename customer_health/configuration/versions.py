"""What belongs to a version of a scorecard, benchmark, rule, grade set or milestone, and the hash that freezes it.

Outside the hash: rows of weight 0 (shadow metrics come and go), effective_to and status (an old version must be
closable) and next_review_on (a review changes no score).

Belongs here: collecting a version's rows and hashing them.
Does not belong here: comparing with what was released (scorecards.py), releasing (release.py).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from customer_health.configuration.folder import Configuration, Row

GRADES = "grades"
OUTSIDE_HASH = ("effective_to", "status", "next_review_on")
# kind -> (file, columns that name it); a milestone has one version for all segments of an outcome
VERSIONED = {
    "scorecard": ("scorecards", ("scorecard",)),
    "benchmark": ("benchmarks", ("metric",)),
    "rule": ("score_rules", ("rule",)),
    "grade": ("grades", ()),
    "milestone": ("milestones", ("desired_outcome", "milestone")),
}


@dataclass
class Version:
    """The rows of one version; the first is the one to name in messages."""

    kind: str
    name: str
    version: str
    rows: list[Row] = field(default_factory=list)
    weights: list[Row] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.name, self.version


def _canonical(text: str) -> str:
    """One spelling per number, so that 14 and 14.0 are the same weight."""
    try:
        return repr(float(text))
    except ValueError:
        return text


def row_hash(version: Version) -> str:
    """SHA-256 over the version's rows, whatever their order and the spelling of their numbers."""
    counted = version.rows + [row for row in version.weights if row.number("weight") != 0]
    contents = sorted(json.dumps(_inside_hash(row), sort_keys=True) for row in counted)
    return hashlib.sha256("\n".join(contents).encode()).hexdigest()


def _inside_hash(row: Row) -> dict[str, str]:
    return {column: _canonical(value) for column, value in row.values.items() if column not in OUTSIDE_HASH}


def versions(configuration: Configuration) -> dict[tuple[str, str, str], Version]:
    """All versions of the folder, in the order of their rows."""
    found: dict[tuple[str, str, str], Version] = {}
    for kind, (seed, columns) in VERSIONED.items():
        if not configuration.is_own(seed):
            continue
        for row in configuration.rows(seed):
            name = "/".join(row[column] for column in columns) or GRADES
            found.setdefault((kind, name, row["version"]), Version(kind, name, row["version"])).rows.append(row)
    for row in configuration.rows("scorecard_metrics"):
        version = found.get(("scorecard", row["scorecard"], row["version"]))
        if version:
            version.weights.append(row)
    return found
