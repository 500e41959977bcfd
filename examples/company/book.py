"""Who the customers are: the facts a sales system knows when a contract is signed.

Belongs here: accounts, terms, seats, products, CSMs and who looks after whom.
Does not belong here: how a relationship goes on (causes.py, relationships.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.company.config import CompanyConfig
from examples.company.streams import NEVER, add_months, pick, stream

SEGMENTS = ("smb", "enterprise")
INDUSTRIES = ("software", "retail", "manufacturing", "health", "finance", "education", "logistics", "media")
REGIONS = ("north_america", "emea", "uk", "apac")
CURRENCIES = ("USD", "EUR", "GBP", "USD")  # by region
HOURS_FROM_UTC = (-6, 1, 0, 8)  # by region
PRICE_FACTORS = (1.0, 0.92, 0.8, 1.0)  # by region, price list in local money
OUTCOMES = ("adoption", "efficiency", "growth")
TEAMS = ("North", "Centre", "South")

_SYLLABLES = ("ar", "bel", "cor", "dun", "el", "fen", "gal", "hol", "ist", "jor", "kel", "lum", "mar", "nor")
_ENDINGS = ("ana", "eta", "ica", "iva", "on", "ora", "us", "yx", "ento", "wick", "field", "stad")
_FORMS = ("Ltd", "GmbH", "Inc", "Group", "Labs", "& Sons", "Co", "AG", "Partners", "Systems")
_FIRST = ("Ada", "Ben", "Carla", "Dario", "Edda", "Finn", "Greta", "Hamid", "Ines", "Jonas", "Kira", "Luis")
_LAST = ("Abel", "Brandt", "Costa", "Dahl", "Evers", "Fontana", "Gruber", "Holm", "Ibsen", "Jansen", "Kraus")


@dataclass
class AccountBook:
    """One position per account in every array; days count from the first day of the window."""

    ids: np.ndarray
    names: np.ndarray
    segment: np.ndarray
    industry: np.ndarray
    region: np.ndarray
    parent: np.ndarray  # position of the parent, -1 for none
    start_day: np.ndarray  # trial start, or paid start where there was no trial
    paid_day: np.ndarray
    trial_converts: np.ndarray
    is_free: np.ndarray
    term_months: np.ndarray
    bill_months: np.ndarray
    seats: np.ndarray
    unit_price: np.ndarray
    discount_pct: np.ndarray
    analytics_day: np.ndarray  # NEVER when not bought
    automation_day: np.ndarray
    term_end_days: np.ndarray  # accounts x terms, NEVER beyond the window
    csm_by_week: np.ndarray  # accounts x weeks
    csm_ids: np.ndarray
    csm_names: np.ndarray
    csm_team: np.ndarray
    csm_hours: np.ndarray
    csm_left_day: np.ndarray
    primary_outcome: np.ndarray
    second_outcome: np.ndarray  # -1 for none

    @property
    def size(self) -> int:
        return len(self.ids)


def open_book(config: CompanyConfig) -> AccountBook:
    rng = stream(config.seed, "book")
    n = config.accounts
    segment = pick(rng, [0.65, 0.35], n)
    enterprise = segment == 1
    region = pick(rng, [0.45, 0.3, 0.13, 0.12], n)

    existing = rng.random(n) < config.existing_share
    history = np.minimum(40 + rng.exponential(360, n), 900).astype(np.int64)
    joined = (config.days * rng.random(n) ** 0.9).astype(np.int64)
    start_day = np.where(existing, -history, np.minimum(joined, config.days - 10))
    if config.churn_ignores_behaviour:
        term_months = np.ones(n, dtype=np.int64)
    else:
        smb_terms = np.array([1, 12])[pick(rng, [0.5, 0.5], n)]
        enterprise_terms = np.array([1, 12, 24])[pick(rng, [0.1, 0.8, 0.1], n)]
        term_months = np.where(enterprise, enterprise_terms, smb_terms)

    has_trial = ~existing & (rng.random(n) < np.where(enterprise, 0.12, 0.45))
    trial_days = np.where(has_trial, np.array([14, 30])[pick(rng, [0.6, 0.4], n)], 0)
    trial_converts = ~has_trial | (rng.random(n) < 0.88)
    paid_dates = config.first_day + start_day + trial_days
    # anniversaries need a day that every month has
    day_of_month = (paid_dates - paid_dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    shift = np.maximum(day_of_month - 27, 0)
    paid_day = start_day + trial_days - shift
    start_day = start_day - shift

    seats = np.where(enterprise, rng.lognormal(np.log(34), 0.55, n), rng.lognormal(np.log(7), 0.5, n))
    seats = np.clip(np.round(seats), 3, 260).astype(np.int64)
    price = np.where(enterprise, 46.0, 33.0) * np.asarray(PRICE_FACTORS)[region] * rng.uniform(0.9, 1.15, n)
    discount = np.where(rng.random(n) < 0.55, 0.0, np.round(rng.gamma(2.2, 5.0, n)))
    bill_months = np.where(term_months == 1, 1, np.array([12, 3])[pick(rng, [0.7, 0.3], n)])

    def bought(share_at_start: float, share_later: float) -> np.ndarray:
        later = np.maximum(paid_day, 0) + rng.integers(60, 420, n)
        draw = rng.random(n)
        day = np.where(draw < share_at_start, start_day, NEVER)
        day = np.where((draw >= share_at_start) & (draw < share_at_start + share_later), later, day)
        return np.where(day < config.days, day, NEVER)

    analytics_day, automation_day = bought(0.38, 0.1), bought(0.25, 0.08)
    parent = np.where(rng.random(n) < 0.05, rng.integers(0, n, n), -1)
    parent = np.where((parent >= 0) & (parent[np.maximum(parent, 0)] >= 0), -1, parent)  # one level
    parent = np.where(parent == np.arange(n), -1, parent)

    syllables, endings, forms = np.array(_SYLLABLES), np.array(_ENDINGS), np.array(_FORMS)
    names = np.char.add(
        np.char.capitalize(np.char.add(rng.choice(syllables, n), rng.choice(syllables, n))),
        np.char.add(np.char.add(rng.choice(endings, n), " "), rng.choice(forms, n)),
    )
    csm = _csms(config, rng)
    primary = pick(rng, [0.5, 0.28, 0.22], n)
    second = np.where(rng.random(n) < 0.35, (primary + rng.integers(1, 3, n)) % 3, -1)
    return AccountBook(
        ids=np.array([f"acc_{i:05d}" for i in range(1, n + 1)], dtype=object),
        names=names.astype(object),
        segment=segment,
        industry=rng.integers(0, len(INDUSTRIES), n),
        region=region,
        parent=parent,
        start_day=start_day,
        paid_day=paid_day,
        trial_converts=trial_converts,
        is_free=~enterprise & ~has_trial & (rng.random(n) < 0.02),
        term_months=term_months,
        bill_months=bill_months,
        seats=seats,
        unit_price=np.round(price, 2),
        discount_pct=discount,
        analytics_day=analytics_day,
        automation_day=automation_day,
        term_end_days=_term_ends(config, paid_day, term_months),
        csm_by_week=_assignments(config, rng, csm, n),
        csm_ids=csm["ids"],
        csm_names=csm["names"],
        csm_team=csm["team"],
        csm_hours=csm["hours"],
        csm_left_day=csm["left_day"],
        primary_outcome=primary,
        second_outcome=second,
    )


def _csms(config: CompanyConfig, rng: np.random.Generator) -> dict[str, np.ndarray]:
    size = max(3, config.accounts // 28)
    leaves = rng.random(size) < 1 - 0.85 ** (config.days / 365)
    leaves[0] = False  # somebody has to stay
    names = np.char.add(np.char.add(rng.choice(np.array(_FIRST), size), " "), rng.choice(np.array(_LAST), size))
    return {
        "ids": np.array([f"csm_{i:03d}" for i in range(1, size + 1)], dtype=object),
        "names": names.astype(object),
        "team": np.arange(size) % len(TEAMS),
        "hours": np.array([40.0, 38.5, 32.0, 24.0])[pick(rng, [0.5, 0.2, 0.18, 0.12], size)],
        "left_day": np.where(leaves, rng.integers(30, config.days, size), NEVER),
    }


def _assignments(
    config: CompanyConfig, rng: np.random.Generator, csm: dict[str, np.ndarray], accounts: int
) -> np.ndarray:
    """Who looks after an account in each week: leavers hand over, and now and then a book is reshuffled."""
    team, left_day = csm["team"], csm["left_day"]
    csms = len(team)
    current = rng.integers(0, csms, accounts)
    by_week = np.empty((accounts, config.weeks), dtype=np.int16)
    for week in range(config.weeks):
        present = np.flatnonzero(left_day > week * 7)
        moves = (left_day[current] <= week * 7) | (rng.random(accounts) < 0.0011)
        for account in np.flatnonzero(moves):
            same_team = present[team[present] == team[current[account]]]
            choice = same_team if len(same_team) else present
            current[account] = choice[rng.integers(0, len(choice))]
        by_week[:, week] = current
    return by_week


def _term_ends(config: CompanyConfig, paid_day: np.ndarray, term_months: np.ndarray) -> np.ndarray:
    paid_date = config.first_day + paid_day
    most = int((config.days - paid_day.min()) / 30.4) + 2
    ends = np.full((len(paid_day), most), NEVER, dtype=np.int64)
    for term in range(most):
        day = (add_months(paid_date, term_months * (term + 1)) - config.first_day).astype(np.int64)
        ends[:, term] = np.where(day < config.days, day, NEVER)
    return ends
