"""A proposal as seed rows: the next version of the scorecard, as a challenger, in the configuration's own format.

Belongs here: what the rows say, the folder they are written to, a configuration with these rows in it.
Does not belong here: whether there is anything to propose (proposal.py), the page (page.py).
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from customer_health.configuration.folder import Configuration, load_configuration
from customer_health.configuration.release import REVIEW_AFTER_DAYS, Editor, with_values
from customer_health.configuration.scorecards import LEADING_SHARE_REASON
from customer_health.configuration.variables import number_var
from customer_health.validation.weights.proposal import Proposal

FILES = ("scorecards", "scorecard_metrics")


def next_version(configuration: Configuration, scorecard: str) -> int:
    """One above all that there are, challengers included."""
    rows = configuration.rows("scorecards")
    return 1 + max(int(row["version"]) for row in rows if row["scorecard"] == scorecard)


def challenger_rows(proposal: Proposal) -> dict[str, list[str]]:
    """New records of scorecards.csv and scorecard_metrics.csv, each with its line end.

    Weights total 100, half for either side. Shadow metrics of the champion stay shadows.
    """
    champion = proposal.champion
    configuration, number = champion.configuration, str(next_version(champion.configuration, champion.scorecard))
    start = proposal.as_of + timedelta(days=1)
    card = with_values(
        champion.row.text,
        configuration.files["scorecards"].header,
        {
            "version": number,
            "status": "challenger",
            "effective_from": start.isoformat(),
            "effective_to": "",
            "next_review_on": (start + timedelta(days=REVIEW_AFTER_DAYS)).isoformat(),
            "rationale": _card_reason(proposal),
        },
    )
    learned = dict(zip(champion.weights.metrics, _learned(proposal), strict=True))
    weights = []
    for row in configuration.rows("scorecard_metrics"):
        if (row["scorecard"], row["version"]) != (champion.scorecard, champion.row["version"]):
            continue
        changes = {"version": number}
        if row["metric"] in learned:
            weight, reason = learned[row["metric"]]
            changes |= {"weight": f"{weight:g}", "rationale": reason}
        weights.append(with_values(row.text, configuration.files["scorecard_metrics"].header, changes))
    return {"scorecards": [_ended(card)], "scorecard_metrics": [_ended(text) for text in weights]}


def configuration_with(proposal: Proposal, config: Path, folder: Path) -> Path:
    """A copy of the configuration in `folder`, with the proposed rows at the end of its files."""
    shutil.copytree(config, folder)
    copied = load_configuration(folder)
    for name, records in challenger_rows(proposal).items():
        editor = Editor(copied.files[name])
        editor.insert_after(None, records)
        editor.write()
    return folder


def configuration_in_force(proposal: Proposal, config: Path, folder: Path) -> Path:
    """A copy of the configuration in `folder`, in which the champion itself has the learned weights.

    Only to ask what they would change: in a real configuration they come as a version of their own.
    """
    shutil.copytree(config, folder)
    copied = load_configuration(folder)
    champion, learned = proposal.champion, proposal.fit.weights
    weights = dict(zip(learned.metrics, learned.values, strict=True))
    editor = Editor(copied.files["scorecard_metrics"])
    for row in copied.rows("scorecard_metrics"):
        if (row["scorecard"], row["version"]) == (champion.scorecard, champion.row["version"]):
            editor.change(row.line, {"weight": f"{weights.get(row['metric'], 0):g}"})
    editor.write()
    return folder


def write_rows(proposal: Proposal, folder: Path) -> None:
    """The rows alone, each file with the header of the configuration's own."""
    for name, records in challenger_rows(proposal).items():
        header = ",".join(proposal.champion.configuration.files[name].header)
        (folder / f"{name}.csv").write_text(f"{header}\n{''.join(records)}", encoding="utf-8")


def leading_share(proposal: Proposal) -> float:
    """Share of the proposed weight on leading metrics."""
    metrics = {row["metric"]: row for row in proposal.champion.configuration.rows("metrics")}
    weights = proposal.fit.weights
    leading = [metrics[metric]["indicator_type"] == "leading" for metric in weights.metrics]
    return float(weights.values[leading].sum() / weights.values.sum())


def _card_reason(proposal: Proposal) -> str:
    found, learned = proposal.judgement, proposal.fit
    reason = (
        f"Proposed by fit, not by reasoning: learned from {learned.events} accounts that left within"
        f" {proposal.horizon_days} days of a month end, decided by {proposal.split_on}; on the {found.events} after"
        f" that the area under the curve is {found.area:.3f} instead of {found.area_champion:.3f}"
        f" (difference {found.area_difference:+.3f})"
    )
    share = leading_share(proposal)
    if share < number_var(proposal.champion.configuration.vars, "leading_share_min"):
        reason += f"; {LEADING_SHARE_REASON} {share:.0%}, as that is what the month ends before {proposal.split_on} say"
    return reason


def _learned(proposal: Proposal) -> list[tuple[float, str]]:
    before, learned = proposal.champion.weights.values, proposal.fit
    rows = []
    for old, new, low, high in zip(before, learned.weights.values, learned.low, learned.high, strict=True):
        told = f"instead of {old:g}" if new != old else "as before"
        limits = f"95% from {low:.1f} to {high:.1f} over accounts drawn anew"
        rows.append((float(new), f"{new:g} of 50 on its side, {told}; {limits}, {learned.events} departures"))
    return rows


def _ended(text: str) -> str:
    return text.rstrip("\r\n") + "\n"
