"""Who leaves, when, and who had decided it before.

Belongs here: decisions at term ends, exits nobody saw coming, non-payment, returns, pauses, seats.
Does not belong here: how it shows in a system.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.company.book import AccountBook
from examples.company.causes import Causes
from examples.company.config import CompanyConfig
from examples.company.streams import NEVER, sigmoid, stream

EXOGENOUS_YEARLY = 0.018  # acquired, closed down, budget gone: nothing to see beforehand
NON_PAYMENT_DAYS = 60
SLOPE = 2.3  # how much more likely the end of a term becomes with each step down in strength


@dataclass
class Relationships:
    """Days count from the first day of the window; NEVER when it did not happen in it."""

    end_day: np.ndarray  # first day on which the account is no longer a customer
    decided_day: np.ndarray  # when those who will leave began to let go
    end_reason: np.ndarray  # '', cancelled, non_payment, completed
    cancel_day: np.ndarray  # notice given
    return_day: np.ndarray
    pause_from: np.ndarray
    pause_to: np.ndarray
    seat_changes: list[tuple[int, int, int]]  # account, day, new seats
    seats_by_week: np.ndarray
    wind_down: np.ndarray  # share of activity left at the very end

    def is_customer(self, book: AccountBook, day: np.ndarray) -> np.ndarray:
        """accounts x days: from the start of the trial to the end, and again after a return."""
        day = np.asarray(day)[None, :]
        first = (day >= book.start_day[:, None]) & (day < self.end_day[:, None])
        return first | (day >= self.return_day[:, None])

    def account_days(self, config: CompanyConfig, book: AccountBook) -> float:
        paying = book.trial_converts & ~book.is_free
        first = np.clip(np.minimum(self.end_day, config.days) - np.maximum(book.paid_day, 0), 0, None)
        again = np.clip(config.days - self.return_day, 0, None)
        return float((first + again)[paying].sum())

    def churned(self, config: CompanyConfig, book: AccountBook) -> np.ndarray:
        return (self.end_day < config.days) & book.trial_converts & ~book.is_free


def unfold_relationships(config: CompanyConfig, book: AccountBook, causes: Causes) -> Relationships:
    rng = stream(config.seed, "relationships")
    n = book.size
    if config.churn_ignores_behaviour:
        leaving = _constant_hazard(config, book, rng)
    else:
        leaving = _decisions(config, book, causes, rng)
    end_day, decided_day, end_reason, cancel_day = leaving

    never_bought = ~book.trial_converts
    end_day = np.where(never_bought, book.paid_day, end_day)
    decided_day = np.where(never_bought, NEVER, decided_day)
    cancel_day = np.where(never_bought | book.is_free, NEVER, cancel_day)
    end_reason = np.where(never_bought, np.where(rng.random(n) < 0.7, "completed", "cancelled"), end_reason)
    end_day = np.where(end_day < config.days, end_day, NEVER)

    returns = (end_day < NEVER) & ~never_bought & (end_reason == "cancelled") & (rng.random(n) < 0.1)
    return_day = np.where(returns, end_day + rng.integers(60, 220, n), NEVER)
    return_day = np.where((return_day < config.days - 20), return_day, NEVER)
    if config.churn_ignores_behaviour:
        return_day = np.full(n, NEVER)
    pause_from, pause_to = _pauses(config, book, end_day, rng)
    seat_changes, seats_by_week = _seats(config, book, causes, rng)
    return Relationships(
        end_day=end_day,
        decided_day=decided_day,
        end_reason=end_reason,
        cancel_day=cancel_day,
        return_day=return_day,
        pause_from=pause_from,
        pause_to=pause_to,
        seat_changes=seat_changes,
        seats_by_week=seats_by_week,
        wind_down=rng.uniform(0.12, 0.85, n),
    )


def drop_unsold_products(book: AccountBook, relationships: Relationships) -> None:
    """Nobody sells an add-on to an account on a free plan, in a pause or gone."""
    for days in (book.analytics_day, book.automation_day):
        paused = (days >= relationships.pause_from) & (days < relationships.pause_to)
        days[book.is_free | paused | (days >= relationships.end_day)] = NEVER


def _first_true(leaves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return leaves.any(axis=1), leaves.argmax(axis=1)


def _constant_hazard(config: CompanyConfig, book: AccountBook, rng: np.random.Generator) -> tuple:
    """Every month end is the same coin, whatever happened; nobody announces anything."""
    ends = book.term_end_days
    monthly = 1 - (1 - config.yearly_logo_churn) ** (1 / 12)
    leaves = (rng.random(ends.shape) < monthly) & (ends > 0) & (ends < NEVER)
    some, first = _first_true(leaves)
    end_day = np.where(some, ends[np.arange(book.size), first], NEVER)
    reason = np.where(some, "cancelled", "")
    nobody = np.full(book.size, NEVER)
    return end_day, nobody, reason, nobody.copy()


def _decisions(config: CompanyConfig, book: AccountBook, causes: Causes, rng: np.random.Generator) -> tuple:
    """At each term end the customer leaves or stays, by the strength some weeks before it."""
    ends = book.term_end_days
    n = book.size
    rows = np.arange(n)
    monthly = book.term_months == 1
    due = (ends > 0) & (ends < NEVER)
    lead_yearly = np.clip(rng.lognormal(np.log(62), 0.4, ends.shape), 25, 130)
    lead_monthly = np.clip(rng.lognormal(np.log(42), 0.5, ends.shape), 12, 100)
    lead = np.where(monthly[:, None], lead_monthly, lead_yearly).astype(np.int64)
    decided = np.maximum(np.where(due, ends, 0) - lead, book.start_day[:, None])
    account = np.broadcast_to(rows[:, None], ends.shape)
    strength = (
        causes.on_day(causes.strength, account, decided) + causes.on_day(causes.strength, account, decided - 28)
    ) / 2
    probability = np.zeros(ends.shape)
    yearly_target = max(config.yearly_logo_churn - EXOGENOUS_YEARLY, 0.01)
    for group, months in ((monthly, 1.0), (~monthly, 12.0)):
        if (due & group[:, None]).any():
            # a longer term is one decision a year, and contracts of two years are few
            target = 1 - (1 - yearly_target) ** (months / 12.0)
            level = _level(strength[group], due[group], target)
            probability[group] = np.where(due[group], sigmoid(level - SLOPE * strength[group]), 0.0)
    some, first = _first_true(rng.random(ends.shape) < probability)
    end_day = np.where(some, ends[rows, first], NEVER)
    decided_day = np.where(some, decided[rows, first], NEVER)
    reason = np.where(some, "cancelled", "").astype(object)

    unpaid = some & (rng.random(n) < 0.1)
    end_day = np.where(unpaid, end_day + NON_PAYMENT_DAYS, end_day)
    reason = np.where(unpaid, "non_payment", reason)
    gives_notice = some & ~unpaid & (rng.random(n) < np.where(monthly, 0.5, 0.78))
    notice = np.where(monthly, rng.integers(2, 28, n), rng.integers(8, 85, n))
    cancel_day = np.where(gives_notice, np.maximum(end_day - notice, decided_day + 2), NEVER)
    cancel_day = np.where((cancel_day < end_day) & (cancel_day > book.paid_day), cancel_day, NEVER)

    # struck from outside, at any time of the term
    struck = np.maximum(book.paid_day, 0) + rng.exponential(365 / EXOGENOUS_YEARLY, n).astype(np.int64) + 1
    outside = (struck < np.minimum(end_day, config.days)) & (struck > book.paid_day + 20)
    end_day = np.where(outside, struck, end_day)
    decided_day = np.where(outside, struck - rng.integers(5, 16, n), decided_day)
    reason = np.where(outside, "cancelled", reason)
    cancel_day = np.where(outside, np.where(rng.random(n) < 0.5, struck - 4, NEVER), cancel_day)
    return end_day, decided_day, reason, cancel_day


def _level(strength: np.ndarray, due: np.ndarray, target: float) -> float:
    """The intercept at which the target share of the terms that survivors reach is their last."""
    low, high = -15.0, 15.0
    for _ in range(40):
        middle = (low + high) / 2
        leaves = np.where(due, sigmoid(middle - SLOPE * strength), 0.0)
        reached = np.cumprod(np.hstack([np.ones((len(leaves), 1)), 1 - leaves[:, :-1]]), axis=1) * due
        if (reached * leaves).sum() < target * reached.sum():
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _pauses(
    config: CompanyConfig, book: AccountBook, end_day: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    n = book.size
    wanted = (book.term_months == 1) & book.trial_converts & ~book.is_free & (rng.random(n) < 0.05)
    at = rng.integers(2, 12, n)
    months = rng.integers(1, 4, n)
    last = book.term_end_days.shape[1] - 1
    from_term = np.argmax(book.term_end_days > 0, axis=1) + at
    pause_from = book.term_end_days[np.arange(n), np.minimum(from_term, last)]
    pause_to = book.term_end_days[np.arange(n), np.minimum(from_term + months, last)]
    fine = wanted & (pause_from > 0) & (pause_to < np.minimum(end_day, config.days)) & (pause_to > pause_from)
    # somebody who is about to leave does not pause first
    fine &= pause_to < np.where(end_day < NEVER, end_day - 130, NEVER)
    if config.churn_ignores_behaviour:
        fine[:] = False
    return np.where(fine, pause_from, NEVER), np.where(fine, pause_to, NEVER)


def _seats(
    config: CompanyConfig, book: AccountBook, causes: Causes, rng: np.random.Generator
) -> tuple[list[tuple[int, int, int]], np.ndarray]:
    """Seats grow where value is realised and shrink at a term end where it is not."""
    n = book.size
    seats = book.seats.copy()
    by_week = np.empty((n, config.weeks), dtype=np.int64)
    changes: list[tuple[int, int, int]] = []
    filled = 0
    for month in range(-(-config.days // 30)):
        first, last = month * 30, min(month * 30 + 30, config.days)
        by_week[:, filled : last // 7 + 1] = seats[:, None]
        filled = last // 7 + 1
        day = first + rng.integers(0, 30, n)
        value = causes.on_day(causes.value, np.arange(n), day)
        grows = 0.05 * sigmoid(1.3 * value - 0.2) * 1.6
        at_term = (book.term_end_days >= first) & (book.term_end_days < last)
        renews = at_term.any(axis=1)
        term_day = book.term_end_days[np.arange(n), at_term.argmax(axis=1)]
        shrinks = np.where(book.term_months == 1, 0.035, 0.24) * sigmoid(-2.0 * value - 1.0) * 2
        if config.churn_ignores_behaviour:
            grows, shrinks = np.full(n, 0.035), np.full(n, 0.012)
        draw, factor = rng.random(n), rng.random(n)
        here = (day > book.paid_day + 35) & (day < config.days - 1)
        up = here & (draw < grows)
        down = here & ~up & renews & (rng.random(n) < shrinks)
        larger = np.maximum(np.ceil(seats * (1.08 + 0.35 * factor)), seats + 1).astype(np.int64)
        smaller = np.maximum(np.floor(seats * (0.55 + 0.33 * factor)), 2).astype(np.int64)
        down &= smaller < seats
        for account in np.flatnonzero(up):
            changes.append((int(account), int(day[account]), int(larger[account])))
        for account in np.flatnonzero(down & (term_day + 1 < config.days)):
            changes.append((int(account), int(term_day[account]) + 1, int(smaller[account])))
        seats = np.where(up, larger, np.where(down, smaller, seats))
    by_week[:, filled:] = seats[:, None]
    return changes, by_week
