"""The vars that dbt reads with a configuration, and the day that they make the newest.

Belongs here: reading them without dbt.
Does not belong here: passing them on (transform/run.py), what they mean (dbt_project.yml).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from customer_health.configuration.folder import VARS_FILE
from customer_health.core.errors import RefreshError
from customer_health.core.safe_yaml import UnsafeYamlError, read_yaml
from customer_health.core.settings import PROJECT_ROOT


def default_vars() -> dict[str, Any]:
    """Those of dbt_project.yml."""
    return _read(PROJECT_ROOT / "dbt_project.yml")["vars"]


def project_vars(config: Path) -> dict[str, Any]:
    """The project's, and what the configuration folder has instead."""
    return {**default_vars(), **_read(config / VARS_FILE)}


def number_var(given: dict[str, Any], name: str) -> float:
    """The value of a configuration; the project's where it has none, or one that is no number (check_vars says so)."""
    value = given.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else default_vars()[name]


def time_zone(config: Path) -> str:
    """The reporting time zone: a day ends there, and schedules are meant there."""
    name = project_vars(config)["reporting_time_zone"]
    try:
        return ZoneInfo(str(name)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RefreshError(f"reporting_time_zone: there is no time zone '{name}'") from error


def newest_day(config: Path) -> date:
    """Yesterday in the reporting time zone: the last day that is over."""
    return datetime.now(ZoneInfo(time_zone(config))).date() - timedelta(days=1)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content, _ = read_yaml(path)
    except UnsafeYamlError as error:
        raise RefreshError(f"{path}: {error}") from error
    # what else it may hold, check_vars says
    return content if isinstance(content, dict) else {}
