"""What a scheduled warehouse is told by its environment.

Belongs here: the names of the variables, their defaults, and what a wrong value is called.
Does not belong here: options of the command line (refresh.py), what dbt is told (dbt_run.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.configuration import DEFAULT_CONFIG, PROJECT_ROOT
from orchestration.errors import RefreshError
from orchestration.project_vars import project_vars, time_zone

PREFIX = "CUSTOMER_HEALTH_"
NO_LANDING = "none"


@dataclass(frozen=True)
class Settings:
    """One warehouse, and when what is done to it."""

    warehouse: Path = PROJECT_ROOT / "warehouse"
    landing: Path | None = PROJECT_ROOT / "warehouse" / "landing"
    config: Path = DEFAULT_CONFIG
    first_day: date = date(2024, 1, 1)
    refresh_cron: str = "15 3 * * *"
    sensor_seconds: int = 30
    retry_seconds: int = 20
    memory_limit: str | None = None
    webhook: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables named CUSTOMER_HEALTH_…; an empty one counts as not given.

        Raises:
            RefreshError: naming the variable whose value cannot be used.
        """

        def given(name: str, default: str = "") -> str:
            return environment.get(PREFIX + name, "").strip() or default

        def folder(name: str, default: Path) -> Path:
            # relative to the project, wherever the process was started
            return (PROJECT_ROOT / Path(given(name, str(default))).expanduser()).resolve()

        def seconds(name: str, default: int) -> int:
            text = given(name, str(default))
            if not text.isdigit():
                raise RefreshError(f"{PREFIX}{name}: '{text}' is no number of seconds")
            return int(text)

        first_day = given("FIRST_DAY", cls.first_day.isoformat())
        try:
            day = date.fromisoformat(first_day)
        except ValueError as error:
            raise RefreshError(f"{PREFIX}FIRST_DAY: '{first_day}' is no day like 2024-01-01") from error
        warehouse = folder("WAREHOUSE", cls.warehouse)
        return cls(
            warehouse=warehouse,
            landing=None if given("LANDING") == NO_LANDING else folder("LANDING", warehouse / "landing"),
            config=folder("CONFIG", cls.config),
            first_day=day,
            refresh_cron=given("REFRESH_CRON", cls.refresh_cron),
            sensor_seconds=seconds("SENSOR_SECONDS", cls.sensor_seconds),
            retry_seconds=seconds("RETRY_SECONDS", cls.retry_seconds),
            memory_limit=given("MEMORY_LIMIT") or None,
            webhook=given("WEBHOOK_URL") or None,
        )

    @property
    def home(self) -> Path:
        """Where Dagster and what it needs of dbt are kept."""
        return self.warehouse / "dagster"

    @property
    def vars(self) -> dict[str, Any]:
        """The vars that dbt reads with this configuration."""
        return project_vars(self.config)

    @property
    def time_zone(self) -> str:
        return time_zone(self.config)
