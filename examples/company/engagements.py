"""What people do with each other outside the product: talks, reviews, trainings, advocacy, interventions.

Belongs here: engagements and their dispositions, the monthly pulse of each CSM, a few overrides.
Does not belong here: use of the product.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from examples.company.book import OUTCOMES, AccountBook
from examples.company.causes import Causes
from examples.company.config import CompanyConfig
from examples.company.landing_files import dates, seconds, to_table
from examples.company.relationships import Relationships
from examples.company.streams import NULL, labels, pick, stream
from examples.company.texts import PULSE_NOTES

# kind: yearly rate of an average enterprise account, of an average smb account, pull of the mood
KINDS = {
    "case_study": (0.14, 0.04, 1.1),
    "reference_call": (0.35, 0.06, 1.0),
    "website_reference": (0.2, 0.08, 0.9),
    "marketing_event": (0.8, 0.25, 0.3),
    "customer_event": (0.9, 0.3, 0.45),
    "product_feedback": (1.6, 0.7, 0.25),
    "community_post": (1.2, 1.0, 0.4),
    "business_review": (3.2, 0.9, 0.15),
    "training": (1.8, 0.8, 0.35),
    "check_in": (9.0, 3.0, 0.0),
}
DISPOSITIONS = ("helped", "no_change", "no_cause_for_concern", "unreachable")


def engagement_table(
    config: CompanyConfig, book: AccountBook, causes: Causes, relationships: Relationships
) -> pa.Table:
    rng = stream(config.seed, "engagements")
    parts: list[tuple[str, np.ndarray, np.ndarray]] = []
    week = np.arange(config.weeks)
    customer = relationships.is_customer(book, week * 7 + 3) & relationships.is_customer(book, week * 7)
    eager = rng.lognormal(-0.12, 0.5, len(book.csm_ids))[book.csm_by_week]
    for kind, (enterprise, smb, pull) in KINDS.items():
        yearly = np.where(book.segment == 1, enterprise, smb)[:, None]
        strength = 0.5 * causes.mood + 0.5 * causes.champion
        rate = yearly / 52.0 * np.exp(pull * np.clip(strength, -2.5, 2.0)) * customer
        if kind in ("check_in", "business_review", "training"):
            rate = rate * eager
        who, when = np.nonzero(rng.random(rate.shape) < rate)
        parts.append((kind, who, when * 7 + rng.integers(0, 5, len(who))))
    for step in (5, 19, 40):
        held = rng.random(book.size) < 0.8
        day = book.start_day + step + rng.integers(0, 12, book.size)
        who = np.flatnonzero(held & (day < np.minimum(relationships.end_day, config.days)))
        parts.append(("onboarding_session", who, day[who]))
    who, when = np.nonzero(causes.stepped_in & customer)
    parts.append(("intervention", who, when * 7 + rng.integers(0, 5, len(who))))

    kind = np.concatenate([np.full(len(who), name, dtype=object) for name, who, _ in parts])
    account = np.concatenate([who for _, who, _ in parts])
    day = np.concatenate([days for _, _, days in parts]).astype(np.int64)
    fine = (day >= book.start_day[account]) & (day < config.days)
    kind, account, day = kind[fine], account[fine], day[fine]
    order = np.lexsort((account, kind, day))
    kind, account, day = kind[order], account[order], day[order]
    return _rows(config, book, causes, kind, account, day, rng)


def _rows(
    config: CompanyConfig,
    book: AccountBook,
    causes: Causes,
    kind: np.ndarray,
    account: np.ndarray,
    day: np.ndarray,
    rng: np.random.Generator,
) -> pa.Table:
    size = len(kind)
    occurred = seconds(config, day, rng.integers(8 * 3600, 17 * 3600, size))
    steps_in = kind == "intervention"
    takes_time = steps_in | np.isin(kind, ["case_study", "onboarding_session"])
    closed_day = day + np.where(takes_time, rng.integers(4, 45, size), 0)
    cancelled = (rng.random(size) < 0.04) & ~steps_in & takes_time
    needed = causes.on_day(causes.needed_help, account, day)
    found = np.where(needed, pick(rng, [0.45, 0.27, 0.08, 0.2], size), pick(rng, [0.12, 0.13, 0.65, 0.1], size))
    stays_open = takes_time & (rng.random(size) < 0.02)
    csm = book.csm_by_week[account, np.clip(day // 7, 0, config.weeks - 1)]
    outcome = np.where(
        (book.second_outcome[account] >= 0) & (rng.random(size) < 0.3),
        book.second_outcome[account],
        book.primary_outcome[account],
    )
    speaks_of = np.isin(kind, ["business_review", "training", "onboarding_session", "intervention"])
    notes = np.where(rng.random(size) < 0.25, np.array(PULSE_NOTES, dtype=object)[rng.integers(0, 8, size)], None)

    row = np.arange(size)
    later = np.flatnonzero(takes_time & ~stays_open)
    which = np.concatenate([row, later])
    updated = np.concatenate([occurred, seconds(config, closed_day[later], 18 * 3600)])
    final = np.concatenate([~takes_time, np.ones(len(later), dtype=bool)])
    known = updated < config.end_second
    which, updated, final = which[known], updated[known], final[known]
    decided = final & steps_in[which]
    status = np.where(final, np.where(cancelled[which], "cancelled", "completed"), "open").astype(object)
    ids = labels("eng_", row + 1, 7)
    closed = dates(config, closed_day)
    return to_table(
        "engagements",
        {
            "engagement_id": ids[which],
            "account_id": book.ids[account[which]],
            "csm_id": book.csm_ids[csm[which]],
            "kind": kind[which],
            "desired_outcome": np.where(speaks_of, np.array(OUTCOMES, dtype=object)[outcome], None)[which],
            "status": status,
            "occurred_at": occurred[which],
            "closed_on": np.where(final, closed[which], NULL),
            "disposition": np.where(decided, np.array(DISPOSITIONS, dtype=object)[found[which]], None),
            "disposition_on": np.where(decided, closed[which], NULL),
            "note": notes[which],
            "updated_at": updated,
        },
        updated,
    )


def pulse_table(config: CompanyConfig, book: AccountBook, causes: Causes, relationships: Relationships) -> pa.Table:
    """Each month most CSMs judge most of their accounts: kindly or not, and late to notice."""
    rng = stream(config.seed, "pulses")
    raters = len(book.csm_ids)
    bias, sharpness = rng.normal(0.2, 0.5, raters), rng.uniform(0.15, 0.75, raters)
    account, day = [], []
    for month in range(-(-config.days // 30)):
        when = month * 30 + rng.integers(0, 28, book.size)
        fine = (rng.random(book.size) < 0.85) & (when < config.days) & (when > book.start_day + 10)
        fine &= when < relationships.end_day
        account.append(np.flatnonzero(fine))
        day.append(when[fine])
    who, when = np.concatenate(account), np.concatenate(day)
    size = len(who)
    csm = book.csm_by_week[who, np.clip(when // 7, 0, config.weeks - 1)]
    seen = 0.6 * causes.on_day(causes.champion, who, when - 14) + 0.4 * causes.on_day(causes.mood, who, when - 21)
    feeling = 3.3 + bias[csm] + sharpness[csm] * 1.3 * seen + rng.normal(0, 0.6, size)
    role = np.array(["csm", "account_executive", "support_lead"], dtype=object)[pick(rng, [0.86, 0.09, 0.05], size)]
    notes = np.where(rng.random(size) < 0.2, np.array(PULSE_NOTES, dtype=object)[rng.integers(0, 8, size)], None)
    recorded = seconds(config, when, rng.integers(8 * 3600, 18 * 3600, size))
    ids = labels("pls_", np.arange(1, size + 1), 7)
    columns = {
        "pulse_id": ids,
        "account_id": book.ids[who],
        "csm_id": book.csm_ids[csm],
        "role": role,
        "pulse": np.clip(np.round(feeling), 1, 5),
        "note": notes,
        "recorded_at": recorded,
    }
    return to_table("csm_pulses", columns, recorded)


def override_table(config: CompanyConfig, book: AccountBook, relationships: Relationships) -> pa.Table:
    """Now and then somebody who knows better puts a grade on record."""
    rng = stream(config.seed, "overrides")
    wished = max(2, config.accounts // 80)
    who = rng.integers(0, book.size, wished)
    day = rng.integers(config.days // 3, config.days - 5, wished)
    fine = (day > book.start_day[who] + 60) & (day < relationships.end_day[who])
    who, day = who[fine], day[fine]
    if not len(who):
        who, day = np.array([int(np.argmin(book.start_day))]), np.array([config.days // 2])
    size = len(who)
    created = seconds(config, day, 15 * 3600)
    csm = book.csm_by_week[who, day // 7]
    reasons = np.array(
        [
            "Merger announced to us in confidence",
            "Sponsor confirmed the renewal in person",
            "Budget frozen until spring",
        ],
        dtype=object,
    )
    grade = pick(rng, [0.3, 0.35, 0.35], size)
    columns = {
        "override_id": labels("ovr_", np.arange(1, size + 1), 4),
        "account_id": book.ids[who],
        "scorecard": np.array(OUTCOMES, dtype=object)[book.primary_outcome[who]],
        "grade": np.array(["D", "B", "C"], dtype=object)[grade],
        "author": book.csm_ids[csm],
        "reason": reasons[grade],
        "created_at": created,
        "expires_on": dates(config, day + rng.integers(30, 120, size)),
        "updated_at": created,
    }
    return to_table("score_overrides", columns, created)
