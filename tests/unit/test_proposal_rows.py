"""A proposal as rows of the next version, and as a page.

Belongs here: what is written of a proposal whose numbers are given, beside the default configuration.
Does not belong here: where the numbers come from (test_weight_fit.py, tests/properties/test_weight_proposals.py).
"""

import csv
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from customer_health.configuration.folder import load_configuration
from customer_health.configuration.scorecards import check_configuration
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.forgetting.traces import forget_in_folders
from customer_health.validation.statistics.ranking import Difference
from customer_health.validation.weights.fit import Fit, Judgement
from customer_health.validation.weights.page import proposal_page
from customer_health.validation.weights.proposal import Proposal, ProposalError, champion_in_force
from customer_health.validation.weights.propose import FOLDER, write
from customer_health.validation.weights.rows import configuration_with, leading_share

AS_OF = date(2026, 6, 30)


@pytest.fixture
def proposal() -> Proposal:
    """Five points moved from the first to the last proactive metric of the scorecard for adoption."""
    champion = champion_in_force(DEFAULT_CONFIG, "adoption", AS_OF)
    values = champion.weights.values.copy()
    proactive = np.flatnonzero(champion.weights.is_proactive)
    values[proactive[0]] -= 5
    values[proactive[-1]] += 5
    learned = champion.weights.with_values(values)
    fit = Fit(learned, learned.values - 2, learned.values + 2.04, pull=1.0, events=143)
    found = Judgement(
        observations=2100,
        events=57,
        area=0.741,
        area_champion=0.702,
        area_difference=Difference(0.039, 0.012, 0.066),
        area_above_chance=Difference(0.241, 0.18, 0.3),
        lift=3.2,
        lift_champion=2.9,
        lift_difference=Difference(0.3, -0.2, 0.8),
    )
    return Proposal(champion, fit, found, date(2026, 2, 28), horizon_days=90, as_of=AS_OF)


def unsupported(proposal: Proposal) -> Proposal:
    return replace(proposal, judgement=replace(proposal.judgement, area_difference=Difference(0.004, -0.02, 0.03)))


def test_the_rows_are_a_sound_challenger_of_the_next_version(proposal: Proposal, tmp_path: Path) -> None:
    before = {str(found).split(": ", 1)[1] for found in check_configuration(DEFAULT_CONFIG, AS_OF)}
    folder = configuration_with(proposal, DEFAULT_CONFIG, tmp_path / "config")
    found = check_configuration(folder, AS_OF)
    assert not [violation for violation in found if str(violation).split(": ", 1)[1] not in before]

    configuration = load_configuration(folder)
    (card,) = [
        row for row in configuration.rows("scorecards") if (row["scorecard"], row["version"]) == ("adoption", "3")
    ]
    assert (card["status"], card["effective_from"], card["effective_to"]) == ("challenger", "2026-07-01", "")
    assert "143 accounts" in card["rationale"] and "0.741 instead of 0.702" in card["rationale"]
    weights = {
        version: {
            row["metric"]: row
            for row in configuration.rows("scorecard_metrics")
            if (row["scorecard"], row["version"]) == ("adoption", version)
        }
        for version in "23"
    }
    assert weights["2"].keys() == weights["3"].keys()
    assert sum(row.number("weight") for row in weights["3"].values()) == 100
    moved = {
        metric: (weights["2"][metric].number("weight"), row.number("weight"))
        for metric, row in weights["3"].items()
        if row.number("weight") != weights["2"][metric].number("weight")
    }
    names = [
        metric
        for metric, side in zip(proposal.champion.weights.metrics, proposal.champion.weights.is_proactive, strict=True)
        if side
    ]
    assert moved.keys() == {names[0], names[-1]}
    old, new = moved[names[0]]
    assert new == old - 5
    assert (
        f"{new:g} of 50 on its side, instead of {old:g}; 95% from {new - 2:.1f} to"
        in weights["3"][names[0]]["rationale"]
    )


def test_a_proposal_that_leans_on_lagging_metrics_says_so(proposal: Proposal, tmp_path: Path) -> None:
    metrics = {row["metric"]: row for row in proposal.champion.configuration.rows("metrics")}
    weights = proposal.champion.weights
    lagging = np.array([metrics[name]["indicator_type"] == "lagging" for name in weights.metrics])
    leaning = replace(proposal, fit=replace(proposal.fit, weights=weights.with_values(lagging * 50.0 + 1e-3)))
    assert leading_share(leaning) < 0.6
    folder = configuration_with(leaning, DEFAULT_CONFIG, tmp_path / "config")
    assert not [found for found in check_configuration(folder, AS_OF) if found.rule == "leading_share_low"]


def test_rows_are_written_only_where_there_is_a_change_to_propose(proposal: Proposal, tmp_path: Path) -> None:
    write(proposal, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "proposal.html",
        "proposal.md",
        "scorecard_metrics.csv",
        "scorecards.csv",
    ]
    with (tmp_path / "scorecards.csv").open(newline="", encoding="utf-8") as file:
        assert [(row["scorecard"], row["version"]) for row in csv.DictReader(file)] == [("adoption", "3")]

    write(unsupported(proposal), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["proposal.html", "proposal.md"]
    assert "No change" in (tmp_path / "proposal.md").read_text(encoding="utf-8")


def test_what_is_no_better_than_chance_is_not_proposed_even_if_the_champion_is_worse(proposal: Proposal) -> None:
    hopeless = replace(proposal.judgement, area=0.48, area_above_chance=Difference(-0.02, -0.06, 0.02))
    assert not replace(proposal, judgement=hopeless).is_change


def test_weights_that_did_not_move_are_no_change(proposal: Proposal) -> None:
    same = replace(proposal.fit, weights=proposal.champion.weights, pull=math.inf)
    assert not replace(proposal, fit=same).is_change


def test_the_page_tells_weights_and_areas_in_words_and_holds_no_markup_of_the_data(proposal: Proposal) -> None:
    page = proposal_page(proposal)
    text = page.markdown()
    assert "| area under the curve | 0.702 | 0.741 | +0.039 (95% +0.012 to +0.066) |" in text
    assert "143 accounts left within 90 days" in text
    page.table(["name"], [["<script>alert(1)</script>|x"]])
    assert "<script>" not in page.html() and "&lt;script&gt;" in page.html()
    assert "\\|x" in page.markdown() and "<script>" not in page.markdown()


def test_a_scorecard_that_does_not_exist_is_named_with_the_nearest_one() -> None:
    with pytest.raises(ProposalError, match="no scorecard 'adoptoin' .did you mean 'adoption'"):
        champion_in_force(DEFAULT_CONFIG, "adoptoin", AS_OF)
    with pytest.raises(ProposalError, match="no version of 'adoption' is champion on 1800-01-01"):
        champion_in_force(DEFAULT_CONFIG, "adoption", date(1800, 1, 1))


def test_forgetting_somebody_takes_the_pages_that_may_name_them(proposal: Proposal, tmp_path: Path) -> None:
    write(proposal, tmp_path / FOLDER / "adoption")
    forget_in_folders(tmp_path)
    assert list(tmp_path.iterdir()) == []
