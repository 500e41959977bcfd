"""Why customers behave as they do: latent causes, week by week, that no system ever records.

Belongs here: fit, value realised, champion strength, service quality, price pressure, onboarding, and the
events that move them (a champion leaves, a budget is cut, an incident, a colleague steps in).
Does not belong here: what any system can see (usage.py, support.py, surveys.py, engagements.py, billing.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.company.book import AccountBook
from examples.company.config import CompanyConfig
from examples.company.streams import stream


@dataclass
class Causes:
    """Arrays are accounts x weeks unless said otherwise."""

    fit: np.ndarray  # per account
    csm_skill: np.ndarray  # per CSM
    value: np.ndarray
    champion: np.ndarray
    service: np.ndarray
    price: np.ndarray
    onboarding: np.ndarray  # 0 to 1
    habit: np.ndarray  # noise in activity that means nothing
    strength: np.ndarray  # the relationship as a whole, standardised
    mood: np.ndarray  # what people say: the strength of some weeks ago
    champion_left: np.ndarray  # bool
    champion_found: np.ndarray  # bool
    stepped_in: np.ndarray  # bool: somebody opened an intervention
    needed_help: np.ndarray  # bool: and there was a reason to

    def on_day(self, array: np.ndarray, account: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Values for pairs of account and day; days outside the window take the nearest week."""
        week = np.clip(np.asarray(day) // 7, 0, array.shape[1] - 1)
        return array[account, week]


def unfold_causes(config: CompanyConfig, book: AccountBook) -> Causes:
    rng = stream(config.seed, "causes")
    n, weeks = book.size, config.weeks
    start_week = np.floor_divide(book.start_day, 7)
    existing = start_week < 0
    skill = rng.normal(0, 0.35, len(book.csm_ids))
    first_csm = skill[book.csm_by_week[:, 0]]

    # who is still here after a year is a better fit than who signs today
    fit = rng.normal(0, 1, n) + np.where(existing, 0.3, 0.0)
    speed = np.exp(rng.normal(0, 0.55, n) + 0.3 * fit + 0.3 * first_csm)
    stuck = rng.random(n) < 0.14 * np.exp(-0.6 * fit)
    ceiling = np.where(stuck, rng.uniform(0.3, 0.6, n), rng.uniform(0.85, 1.0, n))
    champion_base = rng.normal(0, 0.65, n) + 0.25 * first_csm
    service_base = rng.normal(0, 0.6, n)
    price_base = rng.normal(0, 0.6, n) - 0.15 * fit

    onboarding = np.where(existing, ceiling * (1 - 0.3 * np.exp(start_week / 20.0)), 0.0)
    # some of those who were here before are on their way up or down already
    drift = np.where(existing, rng.normal(0, 0.5, n), 0.0)
    champion = champion_base + rng.normal(0, 0.3, n)
    service = service_base + rng.normal(0, 0.3, n)
    price = price_base + rng.normal(0, 0.3, n)
    settled = 0.5 * fit + 2.0 * (onboarding - 0.7) + 0.45 * champion + drift + rng.normal(0, 0.3, n)
    value = np.where(existing, settled, -0.5 + 0.25 * fit + rng.normal(0, 0.3, n))
    habit = rng.normal(0, 0.3, n)

    kept = {
        name: np.zeros((n, weeks), dtype=np.float32)
        for name in ("value", "champion", "service", "price", "onboarding", "habit")
    }
    flags = {
        name: np.zeros((n, weeks), dtype=bool)
        for name in ("champion_left", "champion_found", "stepped_in", "needed_help")
    }
    vacancy_ends = np.full(n, -1)
    last_help = np.full(n, -99)
    incident_weeks = set(rng.choice(weeks, max(1, weeks // 36), replace=False).tolist())
    july_weeks = {week for week in range(weeks) if _is_price_change(config, week)}

    for week in range(weeks):
        here = start_week <= week
        champion_hit = here & (vacancy_ends < 0) & (rng.random(n) < 0.0055)
        champion = champion - np.where(champion_hit, rng.uniform(1.0, 2.2, n), 0.0)
        champion_base = champion_base - np.where(champion_hit, rng.uniform(0.6, 1.4, n), 0.0)
        vacancy_ends = np.where(champion_hit, week + rng.integers(3, 22, n), vacancy_ends)
        found = here & (vacancy_ends == week)
        champion_base = champion_base + np.where(found, rng.uniform(0.3, 1.4, n), 0.0)
        vacancy_ends = np.where(found, -1, vacancy_ends)
        handed_over = (book.csm_by_week[:, week] != book.csm_by_week[:, week - 1]) if week else np.zeros(n, bool)
        champion = champion + 0.06 * (champion_base - champion) + rng.normal(0, 0.1, n)
        champion = champion - np.where(handed_over, 0.25, 0.0)

        incident = here & (rng.random(n) < 0.3) if week in incident_weeks else np.zeros(n, bool)
        service = service + 0.07 * (service_base - service) + rng.normal(0, 0.16, n)
        service = service - np.where(incident, rng.uniform(0.5, 1.6, n), 0.0)
        cut = here & (rng.random(n) < 0.003)
        price = price + 0.045 * (price_base - price) + rng.normal(0, 0.11, n) + np.where(cut, 1.3, 0.0)
        if week in july_weeks:
            price = price + rng.uniform(0.0, 0.5, n)

        # strategy changes at the customer: what was valuable no longer is, or suddenly becomes so
        drift = 0.985 * drift - np.where(here & (rng.random(n) < 0.0075), rng.uniform(1.0, 2.8, n), 0.0)
        drift = drift + np.where(here & (rng.random(n) < 0.004), rng.uniform(0.6, 1.8, n), 0.0)
        worried = here & (value + rng.normal(0, 0.75, n) < -1.1) & (rng.random(n) < 0.07)
        worried |= here & (rng.random(n) < 0.0022)
        worried &= week - last_help > 10
        last_help = np.where(worried, week, last_help)
        needed = worried & (value < -0.6)
        helped = np.where(needed, rng.uniform(0, 0.7, n) * (rng.random(n) < 0.6), 0.0)

        onboarding = onboarding + np.where(here, 0.085 * speed * (ceiling - onboarding), 0.0)
        onboarding = np.clip(onboarding, 0, 1)
        target = 0.5 * fit + 2.0 * (onboarding - 0.7) + 0.45 * champion + 0.3 * service + drift
        value = np.where(here, value + 0.09 * (target - value) + rng.normal(0, 0.13, n) + helped, value)
        habit = 0.86 * habit + rng.normal(0, 0.17, n)

        for name, now in (
            ("value", value),
            ("champion", champion),
            ("service", service),
            ("price", price),
            ("onboarding", onboarding),
            ("habit", habit),
        ):
            kept[name][:, week] = now
        flags["champion_left"][:, week] = champion_hit
        flags["champion_found"][:, week] = found
        flags["stepped_in"][:, week] = worried
        flags["needed_help"][:, week] = needed

    strength = kept["value"] + 0.45 * kept["champion"] + 0.35 * kept["service"] - 0.45 * kept["price"]
    strength = (strength - strength.mean()) / max(float(strength.std()), 1e-6)
    return Causes(fit=fit, csm_skill=skill, strength=strength, mood=_lagged(strength, weeks_back=9.0), **kept, **flags)


def _lagged(array: np.ndarray, weeks_back: float) -> np.ndarray:
    """An exponential memory: people say today what they have been living through."""
    weight = np.float32(1.0 / weeks_back)
    out = np.empty_like(array)
    state = array[:, 0].copy()
    for week in range(array.shape[1]):
        state = state + weight * (array[:, week] - state)
        out[:, week] = state
    return out


def _is_price_change(config: CompanyConfig, week: int) -> bool:
    days = config.first_day + np.arange(week * 7, week * 7 + 7)
    return any(str(day)[5:] == "07-01" for day in days)
