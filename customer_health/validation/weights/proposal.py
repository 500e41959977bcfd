"""Weights for a scorecard, learned from what came true of it. Nothing is applied: a person decides.

Month ends before a point in time teach (only what was decided by then), month ends from there on judge. Below 100
accounts that met the outcome it refuses; where the weights in force do as well, it proposes no change.

Belongs here: what is observed, the split in time, the verdict.
Does not belong here: the fit and the comparison (fit.py), rows and page (rows.py, page.py),
the command (propose.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from customer_health.configuration.definitions import in_force
from customer_health.configuration.folder import Configuration, ConfigurationError, Row, load_configuration
from customer_health.configuration.variables import project_vars
from customer_health.core.errors import CustomerHealthError
from customer_health.core.words import did_you_mean
from customer_health.reading.published import Snapshot
from customer_health.validation.weights.fit import MIN_EVENTS, Fit, Judgement, TooFewEventsError, fit, judge
from customer_health.validation.weights.weighing import Observations, Weights

OUTCOME = "churned"
HORIZON_DAYS = 90
# of the accounts that met the outcome; the rest judges
TAUGHT_SHARE = 0.7
MIN_EVENTS_TO_JUDGE = 10

PAIRS = """
select account_id, date_day, decided_on, has_outcome
from validation.fct_score_outcome_pairs
where predictor = 'scorecard' and scorecard = $scorecard and outcome = $outcome and horizon_days = $horizon_days
order by account_id, date_day
"""
POINTS = f"""
with pairs as ({PAIRS.replace("order by account_id, date_day", "")})
select
    points.account_id,
    points.date_day,
    points.metric,
    points.points,
    points.value_status <> 'not_applicable' as applies
from health.fct_metric_points as points
inner join pairs on points.account_id = pairs.account_id and points.date_day = pairs.date_day
where list_contains($metrics, points.metric)
"""


class ProposalError(CustomerHealthError):
    """No weights can be proposed for this scorecard; the message says why."""


class RefusedError(ProposalError):
    """There is too little evidence to learn from or to judge by; the message says how much there is."""


@dataclass(frozen=True)
class Champion:
    """The version of a scorecard that is in force, with the configuration that it stands in."""

    configuration: Configuration
    row: Row
    weights: Weights

    @property
    def scorecard(self) -> str:
        return self.row["scorecard"]


@dataclass(frozen=True)
class History:
    """All month ends on which a scorecard was the headline and that are decided by now.

    Attributes:
        observed: n observations.
        on: n days, and by when each was decided.
    """

    observed: Observations
    on: NDArray[np.datetime64]
    decided_on: NDArray[np.datetime64]

    def before(self, split_on: np.datetime64) -> Observations:
        """What was decided by that day: nothing that happened later is in it."""
        return self.observed.where(self.decided_on <= split_on)

    def since(self, split_on: np.datetime64) -> Observations:
        return self.observed.where(self.on >= split_on)


@dataclass(frozen=True)
class Proposal:
    """What was learned, and what it is worth.

    Attributes:
        champion: what it would replace.
        fit: the learned weights.
        judgement: both on the month ends from `split_on` on.
        split_on: what was decided by that day taught, what was observed from that day on judged.
        horizon_days: within how many days the outcome counts.
        as_of: last day of the publication that was read.
    """

    champion: Champion
    fit: Fit
    judgement: Judgement
    split_on: date
    horizon_days: int
    as_of: date

    @property
    def is_change(self) -> bool:
        """Whether the evidence supports another version."""
        same = np.array_equal(self.fit.weights.values, self.champion.weights.scaled().values)
        return self.judgement.supports_change and not same

    @property
    def verdict(self) -> str:
        found = self.judgement
        told = f"the area under the curve moves by {found.area_difference:+.3f}"
        if self.is_change:
            return f"Other weights told better who left: {told}, and all of the interval lies above 0."
        if found.area_difference.low > 0:
            return (
                f"No change: {told}, but these weights have not been shown to tell more than chance ({found.area:.3f})."
            )
        return f"No change: on month ends that were not learned from, {told}; not all of the interval lies above 0."


def champion_in_force(config: Path, scorecard: str, on: date) -> Champion:
    """The version that scores on that day.

    Raises:
        ProposalError: there is none, or the configuration cannot be read.
    """
    try:
        configuration = load_configuration(config)
    except ConfigurationError as error:
        raise ProposalError(str(error)) from error
    rows = configuration.rows("scorecards")
    names = {row["scorecard"] for row in rows}
    if scorecard not in names:
        raise ProposalError(f"{config}: there is no scorecard '{scorecard}'{did_you_mean(scorecard, names)}")
    found = [row for row in rows if row["scorecard"] == scorecard and row["status"] == "champion" and in_force(row, on)]
    if not found:
        raise ProposalError(f"{config}: no version of '{scorecard}' is champion on {on}")
    champion = found[-1]
    motion = {row["metric"]: row["motion"] for row in configuration.rows("metrics")}
    weighted = [
        (row["metric"], row.number("weight") or 0)
        for row in configuration.rows("scorecard_metrics")
        if (row["scorecard"], row["version"]) == (scorecard, champion["version"]) and (row.number("weight") or 0) > 0
    ]
    weights = Weights(
        tuple(metric for metric, _ in weighted),
        np.array([motion.get(metric) == "proactive" for metric, _ in weighted]),
        np.array([weight for _, weight in weighted], dtype=np.float64),
        float(project_vars(config)["min_side_coverage"]),
    )
    return Champion(configuration, champion, weights.scaled())


def read_history(snapshot: Snapshot, champion: Champion, horizon_days: int) -> History:
    """The month ends of a publication, with the points that the champion weighs.

    Raises:
        RefusedError: nothing is decided yet.
        ProposalError: a metric is weighed that the publication does not hold.
    """
    metrics = champion.weights.metrics
    known = {row["metric"] for row in snapshot.rows("select metric from health.dim_metrics")}
    if missing := sorted(set(metrics) - known):
        raise ProposalError(f"not published yet: {', '.join(missing)}; refresh with this configuration first")
    asked = {"scorecard": champion.scorecard, "outcome": OUTCOME, "horizon_days": horizon_days}
    pairs = snapshot.frame(PAIRS, asked)
    if pairs.empty:
        raise RefusedError(f"{champion.scorecard}: nothing is decided {horizon_days} days ahead yet (0 events)")
    found = snapshot.frame(POINTS, asked | {"metrics": list(metrics)})
    place = pairs.assign(place=np.arange(len(pairs)))[["account_id", "date_day", "place"]]
    found = found.merge(place, on=["account_id", "date_day"])
    places = found["place"].to_numpy(), found["metric"].map({name: at for at, name in enumerate(metrics)}).to_numpy()
    points = np.full((len(pairs), len(metrics)), np.nan)
    applicable = np.zeros(points.shape, dtype=bool)
    points[places] = found["points"].to_numpy(dtype=np.float64)
    applicable[places] = found["applies"].to_numpy(dtype=bool)
    accounts = pairs["account_id"].to_numpy(dtype=str)
    observed = Observations(
        accounts, np.full(len(accounts), "all"), points, applicable, pairs["has_outcome"].to_numpy(dtype=bool)
    )
    days = pairs["date_day"].to_numpy(dtype="datetime64[D]")
    return History(observed, days, pairs["decided_on"].to_numpy(dtype="datetime64[D]"))


def chosen_split(history: History) -> np.datetime64:
    """The first month end by which enough was decided to leave no more than the smaller part to judge by."""
    days = np.unique(history.on)
    for split_on in days:
        taught = history.before(split_on).accounts_with_outcome
        left = history.since(split_on).accounts_with_outcome
        if taught and taught >= TAUGHT_SHARE * (taught + left):
            return split_on
    return days[-1]


def propose(snapshot: Snapshot, champion: Champion, horizon_days: int = HORIZON_DAYS) -> Proposal:
    """Learn before a point in time, judge after it.

    Raises:
        RefusedError: too few departures on either side.
        ProposalError: the publication does not hold what the configuration weighs.
    """
    history = read_history(snapshot, champion, horizon_days)
    split_on = chosen_split(history)
    before, since = history.before(split_on), history.since(split_on)
    taught, left = before.accounts_with_outcome, since.accounts_with_outcome
    if taught >= MIN_EVENTS and left < MIN_EVENTS_TO_JUDGE:
        raise RefusedError(
            f"{champion.scorecard}: refused, {left} accounts met the outcome from {split_on} on, where weights would be"
            f" judged; at least {MIN_EVENTS_TO_JUDGE} are needed"
        )
    try:
        learned = fit(before, champion.weights)
    except TooFewEventsError as error:
        told = f"within {horizon_days} days, decided by {split_on}"
        raise RefusedError(f"{champion.scorecard}: refused, {error} ({told})") from error
    judgement = judge(since, learned.weights, champion.weights)
    return Proposal(champion, learned, judgement, split_on.astype(date), horizon_days, snapshot.as_of)
