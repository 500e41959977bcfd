"""What the support desk knows: tickets with their versions, and each change of status.

Belongs here: who asks for help, how fast they get it, what they say about it.
Does not belong here: surveys that marketing sends (surveys.py).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from examples.company.book import AccountBook
from examples.company.causes import Causes
from examples.company.config import CompanyConfig
from examples.company.crm import Directory
from examples.company.landing_files import to_table
from examples.company.relationships import Relationships
from examples.company.streams import NULL, labels, pick, stream

CHANNELS = ("email", "chat", "phone", "portal", "api")
PRIORITIES = ("low", "normal", "high", "urgent")
CATEGORIES = ("how_to", "defect", "access", "billing", "performance", "integration", "feature_request")
RESPONSE_HOURS = (14.0, 7.0, 2.5, 0.8)  # typical first response, by priority
SOLVE_HOURS = (60.0, 40.0, 22.0, 10.0)
HOUR = 3600
DAY = 24 * HOUR


def support_tables(
    config: CompanyConfig,
    book: AccountBook,
    causes: Causes,
    relationships: Relationships,
    directory: Directory,
    activity: np.ndarray,
    outage: tuple[int, ...],
) -> tuple[pa.Table, pa.Table]:
    rng = stream(config.seed, "support")
    account, day = _questions(config, book, causes, relationships, activity, outage, rng)
    size = len(account)
    service = causes.on_day(causes.service, account, day - 10)
    bad = np.clip(0.25 - 0.18 * service, 0.05, 0.7)  # share of tickets about something that went wrong
    trouble = rng.random(size) < bad
    priority = np.where(trouble, pick(rng, [0.1, 0.42, 0.33, 0.15], size), pick(rng, [0.32, 0.55, 0.11, 0.02], size))
    category = np.where(
        trouble,
        np.array([1, 4, 5])[rng.integers(0, 3, size)],
        np.array([0, 2, 3, 6])[pick(rng, [5, 2, 2, 2], size)],
    )
    opened = config.start_second + day * DAY + (rng.normal(13, 3.2, size).clip(0.1, 23.5) * HOUR).astype(np.int64)
    slowness = np.exp(-0.22 * service)
    response = (
        opened
        + (np.asarray(RESPONSE_HOURS)[priority] * slowness * rng.lognormal(0, 0.85, size) * HOUR).astype(np.int64)
        + 60
    )
    solved = (
        response
        + (np.asarray(SOLVE_HOURS)[priority] * slowness * rng.lognormal(0, 0.9, size) * HOUR).astype(np.int64)
        + 120
    )
    never = rng.random(size) < 0.012
    reopens = ~never & (rng.random(size) < np.clip(0.07 - 0.03 * service, 0.02, 0.3))
    reopened = solved + (rng.exponential(2.5 * DAY, size)).astype(np.int64) + HOUR
    solved_again = reopened + (rng.exponential(2 * DAY, size)).astype(np.int64) + HOUR
    final = np.where(reopens, solved_again, solved)
    rated = ~never & (rng.random(size) < 0.34)
    waited = np.log((final - opened) / (30 * HOUR))
    mood = causes.on_day(causes.mood, account, day)
    feeling = 4.1 + 0.35 * service + 0.25 * mood - 0.3 * waited - 0.5 * reopens + rng.normal(0, 0.75, size)
    csat = np.clip(np.round(feeling), 1, 5)
    csat_at = final + (rng.exponential(1.2 * DAY, size)).astype(np.int64) + 600
    closed = final + (5 * DAY + rng.exponential(2 * DAY, size)).astype(np.int64)

    user = _asker(directory, account, day, rng)
    via = rng.random(size)
    shown_user = np.where((user >= 0) & (via < 0.7), user, -1)
    hides_account = (shown_user >= 0) & (via < 0.2)
    ids = labels("tic_", np.arange(1, size + 1), 6)
    names = np.where(hides_account, None, directory.source_ids["support"][account])
    users = np.append(directory.user_ids, [None])[shown_user]
    channel = np.array(CHANNELS, dtype=object)[pick(rng, [0.42, 0.24, 0.1, 0.2, 0.04], size)]
    facts = {
        "ticket_id": ids,
        "account_id": names,
        "user_id": users,
        "channel": channel,
        "priority": np.array(PRIORITIES, dtype=object)[priority],
        "category": np.array(CATEGORIES, dtype=object)[category],
        "opened_at": opened,
    }
    everything = np.arange(size)
    done, again, says = np.flatnonzero(~never), np.flatnonzero(reopens), np.flatnonzero(rated)
    steps = [
        # which tickets, when; then what is known: response, solved, reopened, csat
        (everything, opened, 0),
        (everything, response, 1),
        (done, solved[done], 2),
        (again, reopened[again], 3),
        (again, solved_again[again], 4),
        (says, csat_at[says], 5),
    ]
    which = np.concatenate([tickets for tickets, _, _ in steps])
    updated = np.concatenate([moment for _, moment, _ in steps])
    step = np.concatenate([np.full(len(tickets), number) for tickets, _, number in steps])
    known = updated < config.end_second
    which, updated, step = which[known], updated[known], step[known]
    solved_now = np.select([step == 2, step == 4, step == 5], [solved[which], solved_again[which], final[which]], NULL)
    reopened_now = (step >= 3) & reopens[which]
    tickets = to_table(
        "support_tickets",
        {
            **{name: values[which] for name, values in facts.items()},
            "first_response_at": np.where(step >= 1, response[which], NULL),
            "solved_at": solved_now,
            "reopened_count": reopened_now.astype(np.int64),
            "csat": np.where(step == 5, csat[which], np.nan),
            "csat_at": np.where(step == 5, csat_at[which], NULL),
            "updated_at": updated,
        },
        updated,
    )
    pending = np.flatnonzero(rng.random(size) < 0.6)
    shut = np.flatnonzero(~never)
    moves = [
        (everything, opened, "open"),
        (pending, response[pending], "pending"),
        (done, solved[done], "solved"),
        (again, reopened[again], "reopened"),
        (again, solved_again[again], "solved"),
        (shut, closed[shut], "closed"),
    ]
    which = np.concatenate([tickets_ for tickets_, _, _ in moves])
    changed = np.concatenate([moment for _, moment, _ in moves])
    status = np.concatenate([np.full(len(tickets_), name, dtype=object) for tickets_, _, name in moves])
    known = changed < config.end_second
    which, changed, status = which[known], changed[known], status[known]
    events = to_table(
        "ticket_events",
        {
            "ticket_id": ids[which],
            "changed_at": changed,
            "status": status,
            "priority": facts["priority"][which],
        },
        changed,
    )
    return tickets, events


def _questions(
    config: CompanyConfig,
    book: AccountBook,
    causes: Causes,
    relationships: Relationships,
    activity: np.ndarray,
    outage: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """More where many people work, more in the first months, more some weeks after service got worse."""
    account, day = [], []
    for week in range(config.weeks):
        first, last = week * 7, min(week * 7 + 7, config.days)
        past = max(week - 2, 0)
        service = causes.service[:, past]
        tenure = first - book.start_day
        rate = 0.036 * np.sqrt(relationships.seats_by_week[:, week] / 8.0)
        rate = rate * (1 + 1.6 * np.exp(-np.clip(tenure, 0, None) / 60)) * np.exp(-0.4 * service)
        share = activity[:, first:last] * (0.6 + 1.2 * activity[:, first:last].mean(axis=1, keepdims=True))
        number = rng.poisson(np.clip(rate[:, None] * share * 2.5, 0, 5))
        who, when = np.nonzero(number)
        times = number[who, when]
        account.append(np.repeat(who, times))
        day.append(np.repeat(when + first, times))
    accounts, days = np.concatenate(account), np.concatenate(day).astype(np.int64)
    lost = np.isin(days, np.array(outage, dtype=np.int64))
    return accounts[~lost], days[~lost]


def _asker(directory: Directory, account: np.ndarray, day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Somebody of the account who was there on the day, -1 when the draw finds nobody."""
    if not directory.size:
        return np.full(len(account), -1)
    first = np.searchsorted(directory.user_account, account, side="left")
    last = np.searchsorted(directory.user_account, account, side="right")
    number = last - first
    user = first + np.minimum((rng.random(len(account)) * number).astype(np.int64), np.maximum(number - 1, 0))
    user = np.minimum(user, directory.size - 1)
    present = (number > 0) & (directory.created_day[user] < day) & (directory.gone_day[user] > day)
    return np.where(present, user, -1)
