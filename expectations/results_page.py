"""Show what the gate found on one page that opens anywhere: no scripts, no fonts, nothing from elsewhere.

Belongs here: the words, order and look of `<warehouse>/gate/index.html`.
Does not belong here: judging, or any number that a report does not hold.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

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
    state = "held" if not report.passed else "warned" if report.warnings else "passed"
    title = "Publication held" if not report.passed else "Good to publish"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{title} · {report.as_of} · customer health gate</title>",
            f"<style>{STYLE.read_text(encoding='utf-8')}</style>",
            "</head>",
            "<body>",
            "<main>",
            _header(report, state, title),
            _failures("What holds the publication", report.failures, keys, report),
            _failures("Worth a look", report.warnings, keys, report),
            *_layers(report),
            "<footer>The reasons and limits are rows of <code>gate_thresholds.csv</code>; the rules are in"
            " <code>expectations/</code>. Results of all days: <code>build_log.gate_results</code>.</footer>",
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _header(report: GateReport, state: str, title: str) -> str:
    passed = sum(result.passed for result in report.results)
    sentence = (
        f"The build of {report.as_of:%-d %B %Y} may go out."
        if report.passed
        else f"The build of {report.as_of:%-d %B %Y} stays back; readers keep the last good publication."
    )
    return f"""<header class="{state}">
<p class="eyebrow">customer health · gate</p>
<h1>{_sign(state)} {title}</h1>
<p class="lead">{sentence}</p>
<dl class="counts">
<div><dt>Checks</dt><dd>{len(report.results)}</dd></div>
<div><dt>Passed</dt><dd>{passed}</dd></div>
<div><dt>Warnings</dt><dd>{len(report.warnings)}</dd></div>
<div><dt>Holding</dt><dd>{len(report.failures)}</dd></div>
</dl>
<p class="when">Checked on {report.ran_at:%-d %B %Y at %H:%M} UTC</p>
</header>"""


def _failures(title: str, results: Sequence[CheckResult], keys: Keys, report: GateReport) -> str:
    if not results:
        return ""
    cards = "\n".join(_card(result, keys.get((result.suite, result.check), ()), report) for result in results)
    return f"<section>\n<h2>{title}</h2>\n{cards}\n</section>"


def _card(result: CheckResult, keys: Sequence[str], report: GateReport) -> str:
    state = _state(result)
    observed = _list(result.observed.split("; "))
    reasons = _list(re.split(r"(?<=\.) (?=\d{4}-\d{2}-\d{2}: )", result.reason))
    return f"""<article class="{state}">
<h3>{_sign(state)} {_name(result)} <span class="layer">{_layer(result.suite)[0]}</span></h3>
<dl class="facts">
<dt>Found</dt><dd>{observed}</dd>
<dt>Expected</dt><dd>{escape(result.expected)}</dd>
<dt>Why</dt><dd>{reasons}</dd>
</dl>
{_keys(result, keys, report)}</article>"""


def _list(parts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(part)}</li>" for part in parts) + "</ul>"


def _keys(result: CheckResult, keys: Sequence[str], report: GateReport) -> str:
    if not keys:
        return ""
    rows: list[Mapping[str, object]] = [json.loads(key) for key in keys[:KEYS_SHOWN]]
    columns = list(rows[0])
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(row.get(column, '')))}</td>" for column in columns) + "</tr>" for row in rows
    )
    query = (
        f"select key_columns from build_log.gate_failing_keys where as_of_date = '{report.as_of}'"
        f" and suite = '{result.suite}' and gate_check = '{result.check}'"
    )
    return f"""<details>
<summary>{result.failing_keys:,} failing {"key" if result.failing_keys == 1 else "keys"}</summary>
<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>
<p class="query">All that were kept: <code>{escape(query)}</code></p>
</details>
"""


def _layers(report: GateReport) -> Iterable[str]:
    """Every check, layer by layer, in the order of the flow."""
    for suite in dict.fromkeys(result.suite for result in report.results):
        title, subtitle = _layer(suite)
        rows = "\n".join(_row(result) for result in report.results if result.suite == suite)
        yield f"<section>\n<h2>{title} <small>{subtitle}</small></h2>\n<ul class='checks'>\n{rows}\n</ul>\n</section>"


def _row(result: CheckResult) -> str:
    state = _state(result)
    return (
        f'<li class="{state}">{_sign(state)}<div><h3>{_name(result)}</h3><p>{escape(result.observed)}</p>'
        f'<p class="expected">expected: {escape(result.expected)}</p></div></li>'
    )


def _state(result: CheckResult) -> str:
    return "passed" if result.passed else "held" if result.holds else "warned"


def _sign(state: str) -> str:
    sign, word = VERDICTS[state]
    return f'<span class="sign" role="img" aria-label="{word}" title="{word}">{sign}</span>'


def _name(result: CheckResult) -> str:
    return escape(result.check.replace("_", " ").capitalize().replace("Mrr", "MRR").replace("mrr", "MRR"))


def _layer(suite: str) -> tuple[str, str]:
    return LAYERS.get(suite, (escape(suite.replace("_", " ").capitalize()), ""))
