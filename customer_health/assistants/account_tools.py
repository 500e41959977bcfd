"""Tools that answer about one account.

Belongs here: putting the stored numbers of one account into an answer and into sentences.
Does not belong here: the queries (reading/accounts.py), the shape of answers (account_answers.py).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult
from pydantic import Field

from customer_health.assistants.account_answers import (
    Account,
    Change,
    Driver,
    Effect,
    Explanation,
    Journey,
    Milestone,
    Standing,
)
from customer_health.assistants.session import Session, account_named, cited
from customer_health.assistants.words import answer, quoted
from customer_health.reading import accounts, words
from customer_health.reading.published import Row, Snapshot

Said = Annotated[str, Field(description="Id or name of an account; find_accounts finds it by a part of its name")]
Scorecard = Annotated[str | None, Field(description="Name of a scorecard; default: the one that comes first for it")]
# what is smaller is told as a sum
SMALLEST_TOLD = 0.05


class AccountTools:
    """Each public method is a tool; its docstring is what an assistant reads about it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def explain_account(self, account: Said, scorecard: Scorecard = None) -> Annotated[CallToolResult, Explanation]:
        """How healthy an account is and why: score, grade and its meaning, what every metric brings and costs, how sure
        that is, and what to do next. The contributions sum to the score before rules."""
        snapshot = self._session.snapshot()
        known = _account(snapshot, account)
        standings = accounts.standings(snapshot, known.account_id)
        chosen = _chosen(standings, "scorecard", scorecard, "is_primary") if standings else None
        explained = Explanation(
            account=known,
            standing=_standing(chosen) if chosen else None,
            health_score_before_rules=chosen and chosen["health_score_before_rules"],
            drivers=_drivers(snapshot, known.account_id, chosen["scorecard"]) if chosen else [],
            other_scorecards=[_standing(row) for row in standings if row is not chosen],
            source=self._session.source(
                snapshot,
                "health.rpt_account_health_current",
                "health.fct_score_drivers",
                "health.fct_metric_points",
                "health.dim_accounts",
            ),
        )
        return answer(explained, [*_explanation_lines(explained), cited(explained.source)])

    def what_changed(
        self,
        account: Said,
        days_back: Annotated[Literal[7, 28, 90], Field(description="How far to look back")] = 28,
        scorecard: Scorecard = None,
    ) -> Annotated[CallToolResult, Change]:
        """Why an account's score moved within 7, 28 or 90 days, split exactly: what the customer did, what peers did,
        what became known, what we changed ourselves. The parts sum to the change."""
        snapshot = self._session.snapshot()
        known = _account(snapshot, account)
        standings = accounts.standings(snapshot, known.account_id)
        if not standings:
            raise ToolError(f"{_named(known)} is no customer on {snapshot.as_of}, so no score of it moves.")
        chosen = _chosen(standings, "scorecard", scorecard, "is_primary")["scorecard"]
        parts = accounts.changes(snapshot, known.account_id, chosen, days_back)
        then = snapshot.as_of - timedelta(days=days_back)
        scores = {row["date_day"]: row["health_score"] for row in accounts.history(snapshot, known.account_id, chosen)}
        change = Change(
            account=known,
            scorecard=chosen,
            days_back=days_back,
            from_day=then,
            to_day=snapshot.as_of,
            score_then=scores.get(then),
            score_now=scores.get(snapshot.as_of),
            change_points=sum(part["change_points"] for part in parts),
            effects=[
                Effect(**part, effect_in_words=words.EFFECTS.get(part["effect"], part["effect"]))
                for part in parts
                if part["change_points"]
            ],
            source=self._session.source(snapshot, "health.rpt_score_changes", "health.fct_health_scores"),
        )
        return answer(change, [*_change_lines(change), cited(change.source)])

    def journey(
        self,
        account: Said,
        desired_outcome: Annotated[str | None, Field(description="Default: the one that comes first for it")] = None,
    ) -> Annotated[CallToolResult, Journey]:
        """Where an account is on its path: stage, days ahead or behind, each milestone with its expected and real day,
        and what this week's queue asks for."""
        snapshot = self._session.snapshot()
        known = _account(snapshot, account)
        standings = accounts.standings(snapshot, known.account_id)
        if not standings:
            raise ToolError(f"{_named(known)} is no customer on {snapshot.as_of}, so it is on no path today.")
        outcome = _chosen(standings, "desired_outcome", desired_outcome, "is_primary")["desired_outcome"]
        today = accounts.path_today(snapshot, known.account_id, outcome) or {}
        rows = accounts.milestones(snapshot, known.account_id, outcome)
        step = accounts.next_milestone_step(snapshot, known.account_id)
        journey = Journey(
            account=known,
            desired_outcome=outcome,
            **{name: today.get(name) for name in Journey.model_fields if name in _TODAY},
            milestones=[_milestone(row) for row in rows[:_MOST_MILESTONES]],
            total_milestones=len(rows),
            action=f"{step['playbook_label']}: {step['action']}" if step else None,
            other_outcomes=sorted({row["desired_outcome"] for row in standings} - {outcome}),
            source=self._session.source(
                snapshot, "journey.fct_journey_days", "journey.fct_milestones", "journey.rpt_work_queue"
            ),
        )
        return answer(journey, [*_journey_lines(journey), cited(journey.source)])


_TODAY = {
    "stage",
    "days_ahead",
    "milestones_reached",
    "milestones_due",
    "next_milestone",
    "next_expected_on",
}
_MOST_MILESTONES = 60


def _account(snapshot: Snapshot, said: str) -> Account:
    row = accounts.account(snapshot, account_named(snapshot, said))
    return Account.model_validate(row)


def _chosen(rows: list[Row], column: str, wanted: str | None, preferred: str) -> Row:
    if wanted is None:
        return next((row for row in rows if row[preferred]), rows[0])
    for row in rows:
        if row[column].lower() == wanted.strip().lower():
            return row
    offered = ", ".join(dict.fromkeys(row[column] for row in rows))
    raise ToolError(f"This account has no {column} {quoted(wanted)}; it has: {offered}.")


def _standing(row: Row) -> Standing:
    renamed: dict[str, Any] = {
        "outcome": row["outcome_label"],
        "grade": row["shown_grade"],
        "override": row["override_in_words"],
        "rule": row["rule_in_words"],
    }
    return Standing.model_validate({**row, **renamed})


def _drivers(snapshot: Snapshot, account_id: str, scorecard: str) -> list[Driver]:
    return [
        Driver.model_validate({**row, "in_words": _value_in_words(row)})
        for row in accounts.contributions(snapshot, account_id, scorecard)
    ]


def _value_in_words(row: Row) -> str:
    if row["value"] is None:
        return words.MISSING.get(row["value_status"], row["value_status"])
    return words.metric_value(row["value"], row["unit"], row["aggregation"])


def _milestone(row: Row) -> Milestone:
    evidence = f"{row['evidence']} {row['evidence_comparator']} {row['evidence_threshold']:g}"
    return Milestone.model_validate({**row, "status": row["milestone_status"], "evidence": evidence})


def _named(account: Account) -> str:
    return f"{account.account_id} {quoted(account.account_name)}"


def _explanation_lines(explained: Explanation) -> list[str]:
    standing, known = explained.standing, explained.account
    if standing is None:
        last = f" (the last day was {known.last_customer_on})" if known.last_customer_on else ""
        return [f"{_named(known)} is no customer{last}, so it has no score today."]
    csm = f", CSM {quoted(known.csm_name)}" if known.csm_name else ""
    lines = [
        f"{_named(known)}, {words.usd(known.mrr_usd)} a month{csm}.",
        f"{_score(standing)} on scorecard {standing.scorecard} ({quoted(standing.outcome)}).",
        *(f"{name}: {quoted(text)}." for name, text in _remarks(standing) if text),
    ]
    if standing.renewal_probability is not None:
        low, high = (words.share(end) for end in (standing.renewal_probability_low, standing.renewal_probability_high))
        stayed = words.share(standing.renewal_probability)
        lines.append(f"Of accounts with this grade {stayed} stayed (95 % interval {low} to {high}).")
    lines += ["What every metric brings and costs, the largest loss first:"]
    lines += [f"- {_driver_line(driver)}" for driver in explained.drivers]
    if explained.health_score_before_rules is not None:
        brought = sum(driver.contribution or 0 for driver in explained.drivers)
        lines.append(f"Together they bring {brought:.1f} points, the score before rules.")
    lines += [f"Also: {_score(other)} on scorecard {other.scorecard}." for other in explained.other_scorecards]
    return lines


def _score(standing: Standing) -> str:
    if standing.health_score is None:
        return "No score (too little is known)"
    return f"{standing.health_score:.1f} of 100, grade {standing.grade or 'none'} {quoted(standing.grade_label)}"


def _remarks(standing: Standing) -> list[tuple[str, str | None]]:
    return [
        ("Meaning", standing.grade_meaning),
        ("About the grade", standing.grade_note),
        ("Set by a person", standing.override),
        ("Rule", standing.rule),
        ("Confidence", standing.confidence),
        ("Not known", standing.not_known),
        ("In 28 days", standing.main_cause_28d),
        ("Next step", standing.next_step),
    ]


def _driver_line(driver: Driver) -> str:
    label = quoted(driver.label)
    if driver.points is None or driver.contribution is None:
        return f"{label}: {driver.in_words}; its weight went to the others"
    parts = f"{driver.points:.0f} of 100 points, brings {driver.contribution:.1f}, costs {driver.loss or 0:.1f}"
    return f"{label}: {driver.in_words} ({parts})"


def _change_lines(change: Change) -> list[str]:
    then, now = (f"{score:.1f}" if score is not None else "no score" for score in (change.score_then, change.score_now))
    lines = [
        f"{_named(change.account)}, scorecard {change.scorecard}: {then} on {change.from_day}, "
        f"{now} on {change.to_day}, {words.signed(change.change_points)} points.",
    ]
    told = [effect for effect in change.effects if abs(effect.change_points) >= SMALLEST_TOLD]
    for effect in told:
        label = f" ({quoted(effect.label)})" if effect.label else ""
        lines.append(f"- {words.signed(effect.change_points)}: {effect.effect_in_words}{label}")
    rest = change.change_points - sum(effect.change_points for effect in told)
    if len(told) < len(change.effects):
        lines.append(f"- {words.signed(rest)}: {words.counted(len(change.effects) - len(told), 'smaller part')}")
    return lines if change.effects else [*lines, "Nothing moved it."]


def _journey_lines(journey: Journey) -> list[str]:
    lines = [
        f"{_named(journey.account)}, desired outcome {journey.desired_outcome}: {words.ahead(journey.days_ahead)}."
    ]
    if journey.stage:
        reached = f"{journey.milestones_reached} of {journey.total_milestones} milestones reached"
        lines.append(f"Stage {journey.stage}; {reached}, {journey.milestones_due} were due by now.")
    if journey.next_milestone:
        labels = {milestone.milestone: milestone.label for milestone in journey.milestones}
        label = labels.get(journey.next_milestone, journey.next_milestone)
        lines.append(f"Next: {quoted(label)}, expected on {journey.next_expected_on}.")
    for milestone in journey.milestones:
        status = words.MILESTONE_STATUSES.get(milestone.status, milestone.status)
        reached_on = f", reached on {milestone.reached_on}" if milestone.reached_on else ""
        lines.append(
            f"- {quoted(milestone.label)}: {status}{reached_on}, expected on {milestone.expected_on or 'no day yet'}"
        )
    if journey.total_milestones > len(journey.milestones):
        lines.append(f"- {journey.total_milestones - len(journey.milestones)} more are left out here.")
    if journey.action:
        lines.append(f"This week's queue asks: {quoted(journey.action)}.")
    return lines
