"""What the CRM knows: accounts and their versions, ids of other systems, CSMs, outcomes, plans, users.

Belongs here: the tables of the CRM that describe who is who.
Does not belong here: what CSMs do and think (engagements.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from examples.company.book import CURRENCIES, INDUSTRIES, OUTCOMES, REGIONS, SEGMENTS, TEAMS, AccountBook
from examples.company.causes import Causes
from examples.company.config import CompanyConfig
from examples.company.landing_files import dates, seconds, to_table
from examples.company.relationships import Relationships
from examples.company.streams import NEVER, NULL, columns_of, labels, pick, sigmoid, stream

OPENING = 6 * 3600


@dataclass
class Directory:
    """The users, and how each system names an account."""

    user_ids: np.ndarray
    user_account: np.ndarray
    created_day: np.ndarray
    gone_day: np.ndarray  # NEVER for those still there
    is_first: np.ndarray  # the account's first user
    source_ids: dict[str, np.ndarray]  # per source, one name per account
    users: pa.Table

    @property
    def size(self) -> int:
        return len(self.user_ids)


def account_rows(config: CompanyConfig, book: AccountBook) -> pa.Table:
    """One row per account and version: first as signed, then with each new CSM or product."""
    rng = stream(config.seed, "crm", "accounts")
    n = book.size
    changes = [np.stack([np.arange(n), book.start_day, np.zeros(n, dtype=np.int64)])]
    moved = np.argwhere(book.csm_by_week[:, 1:] != book.csm_by_week[:, :-1])
    moved_day = (moved[:, 1] + 1) * 7 + rng.integers(0, 3, len(moved))
    after_start = moved_day > book.start_day[moved[:, 0]] + 1
    changes.append(np.stack([moved[:, 0], moved_day, rng.integers(0, 9 * 3600, len(moved))])[:, after_start])
    for product_day in (book.analytics_day, book.automation_day):
        later = np.flatnonzero((product_day < NEVER) & (product_day > book.start_day))
        changes.append(np.stack([later, product_day[later], np.full(len(later), 10 * 3600 + 7)]))
    account, day, second = np.concatenate(changes, axis=1).astype(np.int64)
    order = np.lexsort((second, day, account))
    account, day, second = account[order], day[order], second[order] + OPENING
    week = np.clip(day // 7, 0, config.weeks - 1)
    # a hand-over takes hold with the version that announces it
    csm = book.csm_by_week[account, week]
    products = np.full(len(account), "core", dtype=object)
    products += np.where(book.analytics_day[account] <= day, ";analytics", "").astype(object)
    products += np.where(book.automation_day[account] <= day, ";automation", "").astype(object)
    parent = np.where(book.parent >= 0, book.ids[np.maximum(book.parent, 0)], None)
    updated = seconds(config, day, second)
    return to_table(
        "accounts",
        {
            "account_id": book.ids[account],
            "name": book.names[account],
            "parent_account_id": parent[account],
            "segment": np.array(SEGMENTS, dtype=object)[book.segment[account]],
            "industry": np.array(INDUSTRIES, dtype=object)[book.industry[account]],
            "region": np.array(REGIONS, dtype=object)[book.region[account]],
            "currency": np.array(CURRENCIES, dtype=object)[book.region[account]],
            "created_at": seconds(config, book.start_day[account], OPENING),
            "csm_id": book.csm_ids[csm],
            "contracted_products": products,
            # everything is recorded for everybody
            "not_recorded": np.full(len(account), None, dtype=object),
            "updated_at": updated,
        },
        updated,
    )


def identifier_rows(config: CompanyConfig, book: AccountBook) -> tuple[pa.Table, dict[str, np.ndarray]]:
    """Billing, support, product and survey call a part of the accounts by names of their own."""
    rng = stream(config.seed, "crm", "identifiers")
    shares = {
        "billing": ("cus_", 0.4),
        "support": ("org-", 0.35),
        "product": ("ws_", 0.2),
        "survey": ("p", 0.1),
    }
    names: dict[str, np.ndarray] = {}
    source, external, account = [], [], []
    for system, (prefix, share) in shares.items():
        own = rng.random(book.size) < share
        numbers = rng.permutation(900_000)[: book.size] + 100_000
        ids = np.array([f"{prefix}{number}" for number in numbers], dtype=object)
        names[system] = np.where(own, ids, book.ids)
        where = np.flatnonzero(own)
        source.append(np.full(len(where), system, dtype=object))
        external.append(ids[where])
        account.append(where)
    account_index = np.concatenate(account)
    start = book.start_day[account_index]
    columns = {
        "source": np.concatenate(source),
        "external_id": np.concatenate(external),
        "account_id": book.ids[account_index],
        "valid_from": dates(config, start),
    }
    return to_table("account_identifiers", columns, seconds(config, start, OPENING)), names


def csm_rows(config: CompanyConfig, book: AccountBook) -> pa.Table:
    """Hired before anything else happened; whoever leaves has a last version with no hours left."""
    size = len(book.csm_ids)
    left = np.flatnonzero(book.csm_left_day < config.days)
    csm = np.concatenate([np.arange(size), left])
    hired = int(book.start_day.min()) - 30
    day = np.concatenate([np.full(size, hired), book.csm_left_day[left]])
    hours = np.concatenate([book.csm_hours, np.zeros(len(left))])
    updated = seconds(config, day, 9 * 3600)
    columns = {
        "csm_id": book.csm_ids[csm],
        "name": book.csm_names[csm],
        "team": np.array(TEAMS, dtype=object)[book.csm_team[csm]],
        "weekly_hours": hours,
        "updated_at": updated,
    }
    return to_table("csms", columns, updated)


def outcome_rows(config: CompanyConfig, book: AccountBook, relationships: Relationships) -> pa.Table:
    """One or two desired outcomes each; some are talked over in an interview, some are replaced later."""
    rng = stream(config.seed, "crm", "outcomes")
    rows: list[tuple] = []
    for account in range(book.size):
        declared = int(book.start_day[account]) + int(rng.integers(0, 15))
        last = int(min(relationships.end_day[account], config.days))
        wanted = [(int(book.primary_outcome[account]), True, declared)]
        if book.second_outcome[account] >= 0:
            wanted.append((int(book.second_outcome[account]), False, declared + int(rng.integers(0, 40))))
        change_day = max(declared, 0) + int(rng.integers(90, 500))
        changes = rng.random() < 0.12 and change_day < last - 5
        interview = declared + int(rng.integers(10, 120)) if rng.random() < 0.25 else NEVER
        for outcome, is_primary, day in wanted:
            if day >= last:
                continue
            talked = interview if is_primary and interview < last else NEVER
            note = "Measures success by hours saved per week" if talked != NEVER and rng.random() < 0.6 else None
            rows.append((account, outcome, day, is_primary, NEVER, NEVER, None, day))
            if talked != NEVER and talked < (change_day if changes else last):
                rows.append((account, outcome, day, is_primary, NEVER, talked, note, talked))
            else:
                talked, note = NEVER, None
            if is_primary and changes:
                rows.append((account, outcome, day, True, change_day, talked, note, change_day))
        if changes:
            taken = {outcome for outcome, _, _ in wanted}
            fresh = [outcome for outcome in range(len(OUTCOMES)) if outcome not in taken]
            rows.append((account, fresh[0], change_day, True, NEVER, NEVER, None, change_day))
    account, outcome, declared, primary, ended, talked, note, day = columns_of(rows, 8)
    updated = seconds(config, day.astype(np.int64), 11 * 3600)
    columns = {
        "account_id": book.ids[account.astype(np.int64)],
        "desired_outcome": np.array(OUTCOMES, dtype=object)[outcome.astype(np.int64)],
        "declared_on": dates(config, declared.astype(np.int64)),
        "is_primary": list(primary),
        "ended_on": dates(config, ended.astype(np.int64)),
        "interview_on": dates(config, talked.astype(np.int64)),
        "interview_note": list(note),
        "updated_at": updated,
    }
    return to_table("account_outcomes", columns, updated)


def plan_rows(config: CompanyConfig, book: AccountBook) -> pa.Table:
    """Agreed days for a part of the accounts; a few are moved before they are due."""
    rng = stream(config.seed, "crm", "plans")
    planned = np.flatnonzero(rng.random(book.size) < 0.3)
    rows: list[tuple] = []
    for account in planned:
        signed = int(book.paid_day[account])
        for milestone, usual in (("kick_off", 10), ("first_value", 45), ("go_live", 90)):
            due = signed + max(3, int(rng.normal(usual, usual * 0.25)))
            agreed = signed + int(rng.integers(0, 5))
            rows.append((account, milestone, due, agreed))
            if rng.random() < 0.12:
                moved = agreed + max(1, int((due - agreed) * rng.uniform(0.3, 0.9)))
                rows.append((account, milestone, due + int(rng.integers(7, 30)), moved))
    account, milestone, due, day = columns_of(rows, 4)
    updated = seconds(config, day.astype(np.int64), 13 * 3600)
    columns = {
        "account_id": book.ids[account.astype(np.int64)],
        "milestone": list(milestone),
        "due_on": dates(config, due.astype(np.int64)),
        "updated_at": updated,
    }
    return to_table("milestone_plans", columns, updated)


def open_directory(
    config: CompanyConfig,
    book: AccountBook,
    causes: Causes,
    relationships: Relationships,
    source_ids: dict[str, np.ndarray],
) -> Directory:
    """People are invited as onboarding goes on and value shows; they change jobs, champions among them."""
    rng = stream(config.seed, "crm", "users")
    n = book.size
    share = 0.2 + 0.75 * causes.onboarding * sigmoid(1.1 + 0.7 * causes.value)
    invited = np.ceil(relationships.seats_by_week * share).astype(np.int64)
    week = np.arange(config.weeks)
    present = relationships.is_customer(book, week * 7 + 6)
    invited = np.where(present, invited, 0)
    invited = np.maximum.accumulate(invited, axis=1)
    invited = np.maximum(invited, (book.start_day < 0)[:, None] * 1)
    joining = np.diff(invited, axis=1, prepend=0)
    account, created = [], []
    for position in range(config.weeks):
        who = np.repeat(np.arange(n), joining[:, position])
        day = position * 7 + rng.integers(0, 7, len(who))
        if position == 0:
            early = book.start_day[who] < 0
            day = np.where(early, (book.start_day[who] * rng.random(len(who)) ** 0.5).astype(np.int64), day)
        account.append(who)
        created.append(np.maximum(day, book.start_day[who]))
    account_of, created_day = np.concatenate(account), np.concatenate(created)
    leaves = created_day + rng.exponential(365 * 5.5, len(account_of)).astype(np.int64) + 14
    # whoever leaves is followed by a colleague after a while
    followed = np.flatnonzero((leaves > 0) & (leaves < config.days - 30) & (rng.random(len(leaves)) < 0.8))
    account_of = np.concatenate([account_of, account_of[followed]])
    created_day = np.concatenate([created_day, leaves[followed] + rng.integers(2, 30, len(followed))])
    leaves = np.concatenate([leaves, np.full(len(followed), NEVER)])
    end = relationships.end_day[account_of]
    stays = (created_day < end) & (created_day < config.days)
    account_of, created_day, leaves = account_of[stays], created_day[stays], leaves[stays]

    order = np.lexsort((created_day, account_of))
    account_of, created_day, leaves = account_of[order], created_day[order], leaves[order]
    is_first = np.ones(len(account_of), dtype=bool)
    is_first[1:] = account_of[1:] != account_of[:-1]
    created_day = np.where(is_first, book.start_day[account_of], created_day)
    leaves = np.where(is_first & (leaves < config.days), NEVER, leaves)
    end = relationships.end_day[account_of]
    closed = (end < NEVER) & (relationships.return_day[account_of] == NEVER)
    tidied = closed & (rng.random(len(account_of)) < 0.6)
    gone = np.where(leaves < np.minimum(end, config.days), leaves, NEVER)
    gone = np.where((gone == NEVER) & tidied, end + rng.integers(0, 30, len(end)), gone)

    champion_from, gone = _champions(config, book, causes, account_of, created_day, gone, is_first, rng)
    ids = labels("usr_", np.arange(1, len(account_of) + 1), 6)
    users = _user_rows(config, book, ids, account_of, created_day, gone, champion_from, is_first, rng)
    return Directory(
        user_ids=ids,
        user_account=account_of,
        created_day=created_day,
        gone_day=gone,
        is_first=is_first,
        source_ids=source_ids,
        users=users,
    )


def _champions(
    config: CompanyConfig,
    book: AccountBook,
    causes: Causes,
    account_of: np.ndarray,
    created_day: np.ndarray,
    gone: np.ndarray,
    is_first: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """The first user starts as champion; one who leaves is deactivated, a successor is named later."""
    champion_from = np.where(is_first, created_day, NEVER)
    gone = gone.copy()
    first_of = np.searchsorted(account_of, np.arange(book.size), side="left")
    last_of = np.searchsorted(account_of, np.arange(book.size), side="right")
    current = first_of.copy()
    moments = np.argwhere(causes.champion_left | causes.champion_found)
    for account, week in moments:
        day = int(week) * 7 + int(rng.integers(0, 7))
        if first_of[account] == last_of[account] or day <= book.start_day[account] + 7:
            continue
        if causes.champion_left[account, week]:
            champion = current[account]
            if champion >= 0 and created_day[champion] < day < gone[champion]:
                gone[champion] = day
                current[account] = -1
        elif current[account] < 0:
            people = np.arange(first_of[account], last_of[account])
            here = people[(created_day[people] < day) & (gone[people] > day) & (champion_from[people] == NEVER)]
            if len(here):
                current[account] = here[rng.integers(0, len(here))]
                champion_from[current[account]] = day
    return champion_from, gone


def _user_rows(
    config: CompanyConfig,
    book: AccountBook,
    ids: np.ndarray,
    account_of: np.ndarray,
    created_day: np.ndarray,
    gone: np.ndarray,
    champion_from: np.ndarray,
    is_first: np.ndarray,
    rng: np.random.Generator,
) -> pa.Table:
    size = len(ids)
    role = np.array(["user", "admin", "executive"], dtype=object)[pick(rng, [0.85, 0.1, 0.05], size)]
    role = np.where(is_first, "admin", role)
    second = rng.integers(7 * 3600, 19 * 3600, size)
    created_at = seconds(config, created_day, second)
    named = np.flatnonzero((champion_from < NEVER) & ~is_first)
    left = np.flatnonzero(gone < config.days)
    user = np.concatenate([np.arange(size), named, left])
    gone_at = seconds(config, gone, np.full(size, 21 * 3600))
    champion_at = seconds(config, champion_from, np.full(size, 20 * 3600))
    updated = np.concatenate([created_at, champion_at[named], gone_at[left]])
    kind = np.concatenate([np.zeros(size), np.ones(len(named)), np.full(len(left), 2)])
    champion = is_first[user] | ((kind >= 1) & (champion_from[user] < NEVER))
    columns = {
        "user_id": ids[user],
        "account_id": book.ids[account_of[user]],
        "role": role[user],
        "is_champion": champion,
        "created_at": created_at[user],
        "deactivated_at": np.where(kind == 2, gone_at[user], NULL),
        "updated_at": updated,
    }
    return to_table("users", columns, updated)
