"""Where the project lies, and what the environment tells it: each variable once, with its type and default.

Variables are named CUSTOMER_HEALTH_…; the file `.env` in the project may hold them, too, and the environment wins.

Belongs here: names, types, defaults, what a wrong value is called.
Does not belong here: options of a command (command_line), vars of dbt (dbt_project.yml and a configuration's vars.yml).
"""

from __future__ import annotations

import difflib
import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from customer_health.core.errors import RefreshError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DEFAULT_CONFIG = PROJECT_ROOT / "seeds"
ENV_FILE = PROJECT_ROOT / ".env"
PREFIX = "CUSTOMER_HEALTH_"
# what we ourselves tell dbt; nobody else needs them
INTERNAL = ("AS_OF", "BUILD_FILE", "DBT_TARGET", "PUBLISHED_FILE", "SEED_PATH")
NO_LANDING = "none"
MEMORY_SIZE = r"(?i)^\d+(\.\d+)?\s*[KMGT]i?B$"


class SettingsError(RefreshError):
    """A variable has a value that cannot be used; the message names it."""


def _in_project(path: Path) -> Path:
    """A relative folder is meant from the project, wherever the process was started."""
    return (PROJECT_ROOT / path.expanduser()).resolve()


def _none_as_such(value: Any) -> Any:
    return None if value == NO_LANDING else value


Folder = Annotated[Path, AfterValidator(_in_project)]


class Settings(BaseSettings):
    """What the environment says; an empty variable counts as not given."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        str_strip_whitespace=True,
    )

    warehouse: Folder = Field(
        PROJECT_ROOT / "warehouse", description="where everything is kept, Dagster's own storage included"
    )
    landing: Annotated[Folder | None, BeforeValidator(_none_as_such)] = Field(
        default_factory=lambda given: given["warehouse"] / "landing",
        description="folder of landing files (default: landing in the warehouse); none: another tool loads the tables",
    )
    config: Folder = Field(DEFAULT_CONFIG, description="configuration folder")
    raw_file: Folder | None = Field(
        None, description="DuckDB file that holds the raw tables of another tool, named by the var raw_database"
    )
    first_day: date = Field(date(2024, 1, 1), description="first day that can be chosen in Dagster")
    refresh_cron: str = Field("15 3 * * *", description="when the night begins, in the reporting time zone")
    sensor_seconds: int = Field(30, ge=0, description="how often the landing folder is looked at")
    retry_seconds: int = Field(20, ge=0, description="pause before a first new attempt; it doubles")
    memory_limit: str | None = Field(
        None,
        pattern=MEMORY_SIZE,
        description="for the engine, such as 2GB (default: 6GB; a what-if half of the machine's)",
    )
    dbt_threads: int = Field(1, ge=1, description="models that dbt builds at a time")
    engine_threads: int | None = Field(None, ge=1, description="threads of the engine (default: one per core)")
    webhook_url: str | None = Field(None, description="where alerts are sent, as Slack takes them")
    access: Path | None = Field(None, description="CSV file with identity,csm_id,sees: who may see what")
    identity: str | None = Field(None, description="as whom an assistant reads")
    identity_header: str | None = Field(None, description="header in which a proxy says who reads the dashboard")
    host_names: str | None = Field(
        None, description="further names of this machine's servers, with commas: those that a proxy passes on"
    )
    group: str | None = Field(
        None,
        description="group of this machine that may read the folder of who was forgotten (default: its owner only)",
    )
    forget_key: str | None = Field(
        None, description="key of the hashes that records of forgetting hold (default: a file)"
    )

    @property
    def hosts(self) -> list[str]:
        """Names under which a proxy offers our servers."""
        return [name.strip() for name in (self.host_names or "").split(",") if name.strip()]


def read_settings(**given: Any) -> Settings:
    """Read the environment and `.env`; what is given by name wins over both.

    Raises:
        SettingsError: naming each variable whose value cannot be used.
    """
    _stop_at_misspelt_names()
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = [f"{PREFIX}{str(each['loc'][0]).upper()}: '{each['input']}': {each['msg']}" for each in error.errors()]
        raise SettingsError("; ".join(wrong)) from None


def _stop_at_misspelt_names() -> None:
    known = [name.upper() for name in (*Settings.model_fields, *INTERNAL)]
    for variable in (*os.environ, *dotenv_values(ENV_FILE)):
        name = variable.removeprefix(PREFIX)
        if variable.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            if near:
                raise SettingsError(f"{variable} is no variable of ours (did you mean {PREFIX}{near[0]}?)")
