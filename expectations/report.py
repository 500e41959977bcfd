"""What a gate found: one result per check, and whether the build may be published.

Belongs here: the result, the report, and their text and JSON. Light: whoever only reads a report pays no import.
Does not belong here: how a check is judged (gate.py), or how a report is shown (results_page.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

SEVERITIES = ("error", "warn")


@dataclass(frozen=True)
class CheckResult:
    """One check of one suite. A failed `error` holds the publication, a failed `warn` is only shown."""

    suite: str
    check: str
    passed: bool
    severity: str
    observed: str
    expected: str
    reason: str
    failing_keys: int = 0

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"{self.suite}/{self.check}: severity '{self.severity}', expected error or warn")

    @property
    def holds(self) -> bool:
        """Whether this result alone holds the publication."""
        return not self.passed and self.severity == "error"

    def line(self) -> str:
        verdict = "ok" if self.passed else ("FAILED" if self.severity == "error" else "warning")
        text = f"{verdict}: {self.suite}/{self.check}: {self.observed}"
        if self.passed:
            return text
        keys = f" ({self.failing_keys} failing keys kept)" if self.failing_keys else ""
        return f"{text}; expected {self.expected}{keys}"


@dataclass(frozen=True)
class GateReport:
    """All results of one run of the gate over one build.

    `left_alone` of `nodes` seeds and models were not run by the last build, because their inputs had not changed. They
    are judged like all others.
    """

    results: tuple[CheckResult, ...]
    ran_at: datetime
    as_of: date
    left_alone: int = 0
    nodes: int = 0

    @property
    def passed(self) -> bool:
        """Whether the build may be published. A gate that checked nothing has shown nothing."""
        return bool(self.results) and not self.failures

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """What holds the publication."""
        return tuple(result for result in self.results if result.holds)

    @property
    def warnings(self) -> tuple[CheckResult, ...]:
        """What is worth a look and holds nothing."""
        return tuple(result for result in self.results if not result.passed and not result.holds)

    def lines(self) -> list[str]:
        """The report as text: a verdict, then whatever did not pass, worst first."""
        checks = f"{len(self.results)} checks of {self.as_of}"
        if not self.results:
            return [f"gate: failed, nothing was checked for {self.as_of}"]
        verdict = "passed" if self.passed else f"failed, {len(self.failures)} of them hold the publication"
        warned = f", {len(self.warnings)} warnings" if self.warnings else ""
        lines = [f"gate: {checks}: {verdict}{warned}"]
        if self.left_alone:
            lines.append(f"  {self.left_alone} of {self.nodes} seeds and models are as an earlier run left them")
        return lines + [f"  {result.line()}" for result in (*self.failures, *self.warnings)]

    def to_json(self) -> str:
        return json.dumps(
            {
                "as_of": self.as_of.isoformat(),
                "ran_at": self.ran_at.isoformat(),
                "passed": self.passed,
                "left_alone": self.left_alone,
                "nodes": self.nodes,
                "results": [asdict(result) for result in self.results],
            },
            indent=2,
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> GateReport:
        document: Mapping[str, Any] = json.loads(text)
        results: Sequence[Mapping[str, Any]] = document["results"]
        return cls(
            results=tuple(CheckResult(**result) for result in results),
            ran_at=datetime.fromisoformat(document["ran_at"]),
            as_of=date.fromisoformat(document["as_of"]),
            left_alone=document.get("left_alone", 0),
            nodes=document.get("nodes", 0),
        )
