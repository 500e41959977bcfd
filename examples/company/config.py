"""What can be asked of the simulated company, and what comes back.

Belongs here: the parameters, their checks, the totals.
Does not belong here: how the company behaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

FILE_FORMATS = ("mixed", "csv", "parquet")
LARGEST_COMPANY = 99_999  # account ids carry five digits
SHORTEST_WINDOW_DAYS = 60


@dataclass(frozen=True)
class CompanyConfig:
    """A company of this size, over the `days` that end with `end`, drawn from `seed`."""

    accounts: int = 500
    days: int = 548
    end: date = date(2026, 6, 30)
    seed: int = 7
    events: int | None = None
    events_per_day_scale: float = 1.0
    file_format: str = "mixed"
    churn_ignores_behaviour: bool = False
    yearly_logo_churn: float = 0.16
    existing_share: float = 0.5
    plant_defects: bool = True
    slice_rows: int = 1_500_000

    def __post_init__(self) -> None:
        if not 1 <= self.accounts <= LARGEST_COMPANY:
            raise ValueError(f"accounts must be between 1 and {LARGEST_COMPANY}, not {self.accounts}")
        if self.days < SHORTEST_WINDOW_DAYS:
            raise ValueError(f"days must be at least {SHORTEST_WINDOW_DAYS}, not {self.days}")
        if self.file_format not in FILE_FORMATS:
            raise ValueError(f"format must be one of {', '.join(FILE_FORMATS)}, not '{self.file_format}'")
        if self.events is not None and self.events < 1:
            raise ValueError(f"events must be at least 1, not {self.events}")
        if self.events_per_day_scale <= 0:
            raise ValueError(f"events-per-day-scale must be above 0, not {self.events_per_day_scale}")
        if not 0 < self.yearly_logo_churn < 0.6:
            raise ValueError(f"yearly-logo-churn must be between 0 and 0.6, not {self.yearly_logo_churn}")
        if not 0 <= self.existing_share <= 1:
            raise ValueError(f"existing-share must be between 0 and 1, not {self.existing_share}")
        if self.slice_rows < 1:
            raise ValueError(f"slice_rows must be at least 1, not {self.slice_rows}")

    @property
    def start(self) -> date:
        """The first day on which product, support and survey systems deliver rows (day 0)."""
        return self.end - timedelta(days=self.days - 1)

    @property
    def first_day(self) -> np.datetime64:
        return np.datetime64(self.start, "D")

    @property
    def start_second(self) -> int:
        """Midnight of day 0, in seconds since 1970."""
        return int(self.first_day.astype("datetime64[s]").astype(np.int64))

    @property
    def end_second(self) -> int:
        """Midnight after the last day: nothing later has been delivered yet."""
        return self.start_second + self.days * 86_400

    @property
    def weeks(self) -> int:
        return -(-self.days // 7)


@dataclass
class CompanyTotals:
    """What was written: counts a caller can print or check."""

    accounts: int = 0
    users: int = 0
    events: int = 0
    churned_accounts: int = 0
    account_years: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    planted: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def yearly_logo_churn(self) -> float:
        return self.churned_accounts / self.account_years if self.account_years else 0.0
