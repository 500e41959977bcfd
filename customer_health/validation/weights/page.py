"""What a proposal would change, on one page for whoever decides.

Belongs here: the page's words and tables.
Does not belong here: the numbers (proposal.py, what_if), layout (validation/page.py).
"""

from __future__ import annotations

from customer_health.validation.page import Page
from customer_health.validation.weights.proposal import Proposal
from customer_health.validation.weights.rows import next_version
from customer_health.validation.what_if import Answer
from customer_health.validation.what_if.report import (
    ACCOUNTS_NAMED,
    AREA_AND_LIFT,
    accuracy_table,
    conclusion,
    grade_table,
    move_table,
)


def proposal_page(proposal: Proposal, effects: Answer | str | None = None) -> Page:
    """The verdict first, then how it was found, what the weights are and what they would change.

    Args:
        proposal: what was learned and judged.
        effects: what a what-if says of these weights, or why it cannot say anything.
    """
    card, champion = proposal.champion.scorecard, proposal.champion
    page = Page(f"Proposed weights for {card}, as of {proposal.as_of}")
    page.say(proposal.verdict)
    found, learned = proposal.judgement, proposal.fit
    page.heading("Before and after")
    page.say(
        f"Learned from month ends that were decided by {proposal.split_on} ({learned.events} accounts left within"
        f" {proposal.horizon_days} days), judged on those from that day on ({found.observations:,} observations,"
        f" {found.events} accounts left). Scores are compared before rules, on the same accounts and days;"
        " the intervals draw whole accounts anew."
    )
    page.table(
        ["", f"version {champion.row['version']}", "learned", "difference (95%)"],
        [
            [
                "area under the curve",
                f"{found.area_champion:.3f}",
                f"{found.area:.3f}",
                f"{found.area_difference:+.3f}",
            ],
            [
                "lift of the lowest tenth",
                f"{found.lift_champion:.1f}",
                f"{found.lift:.1f}",
                f"{found.lift_difference:+.1f}",
            ],
        ],
    )
    page.heading("Weights")
    page.say(
        "Each side totals 50. The interval says how far the weight moves when accounts are drawn anew; a weight whose"
        " interval holds the present one has not been shown to be wrong."
        if learned.pull < float("inf")
        else "No move of the weights told accounts that were left out better than the weights in force: they stay."
    )
    labels = {row["metric"]: row["label"] for row in champion.configuration.rows("metrics")}
    rows = zip(
        learned.weights.metrics,
        learned.weights.is_proactive,
        champion.weights.values,
        learned.weights.values,
        learned.low,
        learned.high,
        strict=True,
    )
    page.table(
        ["metric", "side", "now", "learned", "95%"],
        [
            [
                labels.get(metric, metric),
                "proactive" if proactive else "reactive",
                f"{now:g}",
                f"{new:g}",
                f"{low:.1f} to {high:.1f}",
            ]
            for metric, proactive, now, new, low, high in rows
        ],
    )
    if effects is not None:
        _add_effects(page, proposal, effects)
    if proposal.is_change:
        _add_next_steps(page, proposal)
    return page


def _add_effects(page: Page, proposal: Proposal, effects: Answer | str) -> None:
    page.heading("What would change")
    if isinstance(effects, str):
        page.say(f"Not known: {effects}")
        return
    champion = proposal.champion.row
    page.say(
        f"If version {champion['version']} had had these weights since {champion['effective_from']}, rules included:"
        f" {' '.join(conclusion(effects)[1:])}"
    )
    if effects.is_same:
        return
    page.table(*grade_table(effects.grades))
    if effects.moves:
        if len(effects.moves) > ACCOUNTS_NAMED:
            page.say(f"The {ACCOUNTS_NAMED} accounts with the most MRR, of {len(effects.moves):,}.")
        page.table(*move_table(effects.moves[:ACCOUNTS_NAMED]))
    if effects.accuracies:
        page.say(f"Over all of its history, what taught included. {AREA_AND_LIFT}")
        page.table(*accuracy_table(effects.accuracies))


def _add_next_steps(page: Page, proposal: Proposal) -> None:
    card = proposal.champion.scorecard
    number = next_version(proposal.champion.configuration, card)
    page.heading("If it is to be tried")
    page.say(
        f"The rows beside this page are version {number} of {card} as a challenger. Appended to scorecards.csv and"
        " scorecard_metrics.csv they are scored for all days beside the champion (validation.fct_challenger_scores)"
        " and judged in rpt_score_accuracy; no score that anybody acts on changes. To adopt it, a person makes it"
        " champion with a date, ends the version before on that day, and releases it."
    )
