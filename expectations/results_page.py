"""Show what the gate found on one page that opens anywhere: no scripts, no fonts, nothing from elsewhere.

Belongs here: the words of `<warehouse>/gate/index.html`, and writing it; its markup is templates/results_page.html.j2.
Does not belong here: judging, or any number that a report does not hold.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from customer_health.core.templates import template
from expectations.record import Keys
from expectations.report import CheckResult, GateReport

KEYS_SHOWN = 5
STYLE = Path(__file__).with_name("results_page.css")
LAYERS = {
    "raw_arrivals": ("Raw arrivals", "what the source systems delivered"),
    "staged_facts": ("Staged facts", "what was made of it"),
    "marts": ("Marts", "what would go out"),
    "gate": ("Gate", "the gate itself"),
}
# a sign and a word for each verdict: colour is never the only difference
VERDICTS = {
    "passed": ("✓", "Passed"),
    "warned": ("!", "Warning"),
    "held": ("✕", "Holds"),
}


def path(warehouse: Path) -> Path:
    return warehouse / "gate" / "index.html"


def write(warehouse: Path, report: GateReport, keys: Keys) -> Path:
    """Write the page in one step: a reader sees the old one or the new one."""
    target = path(warehouse)
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.with_name(f".{target.name}.{os.getpid()}")
    building.write_text(render(report, keys), encoding="utf-8")
    os.replace(building, target)
    return target


def render(report: GateReport, keys: Keys) -> str:
    """The whole page."""
    layers: dict[str, list[CheckResult]] = {}
    for result in report.results:
        layers.setdefault(result.suite, []).append(result)
    return template(__file__, "results_page.html.j2").render(
        report=report,
        state="held" if not report.passed else "warned" if report.warnings else "passed",
        title="Publication held" if not report.passed else "Good to publish",
        style=Markup(STYLE.read_text(encoding="utf-8")),
        verdicts=VERDICTS,
        # in the order of the flow
        layers=layers,
        state_of=_state,
        name_of=_name,
        layer_of=_layer,
        reasons_of=_reasons,
        rows_of=lambda result: _rows(keys.get((result.suite, result.check), ())),
    )


def _state(result: CheckResult) -> str:
    return "passed" if result.passed else "held" if result.holds else "warned"


def _name(result: CheckResult) -> str:
    return result.check.replace("_", " ").capitalize().replace("Mrr", "MRR").replace("mrr", "MRR")


def _layer(suite: str) -> tuple[str, str]:
    return LAYERS.get(suite, (suite.replace("_", " ").capitalize(), ""))


def _reasons(result: CheckResult) -> Sequence[str]:
    return re.split(r"(?<=\.) (?=\d{4}-\d{2}-\d{2}: )", result.reason)


def _rows(keys: Sequence[str]) -> Sequence[Mapping[str, object]]:
    return [json.loads(key) for key in keys[:KEYS_SHOWN]]
