"""Settings: what the environment says, and what a wrong value is called."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT, Settings, SettingsError, read_settings


def test_settings_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_HEALTH_WAREHOUSE", str(tmp_path / "a warehouse"))
    monkeypatch.setenv("CUSTOMER_HEALTH_FIRST_DAY", "2025-01-01")
    monkeypatch.setenv("CUSTOMER_HEALTH_REFRESH_CRON", "")
    monkeypatch.setenv("CUSTOMER_HEALTH_SENSOR_SECONDS", "5")
    settings = read_settings()
    assert settings.landing == tmp_path / "a warehouse" / "landing"
    assert (settings.first_day, settings.sensor_seconds) == (date(2025, 1, 1), 5)
    assert (settings.refresh_cron, settings.config) == ("15 3 * * *", DEFAULT_CONFIG)
    monkeypatch.setenv("CUSTOMER_HEALTH_LANDING", "none")
    assert read_settings().landing is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRST_DAY", "yesterday"),
        ("SENSOR_SECONDS", "soon"),
        ("RETRY_SECONDS", "-1"),
        ("MEMORY_LIMIT", "much"),
        ("DBT_THREADS", "0"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CUSTOMER_HEALTH_{name}", value)
    with pytest.raises(SettingsError, match=f"CUSTOMER_HEALTH_{name}: '{value}'"):
        read_settings()


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warehouse that nobody meant must not be filled because of a letter."""
    monkeypatch.setenv("CUSTOMER_HEALTH_WARHOUSE", "elsewhere")
    with pytest.raises(SettingsError, match="did you mean CUSTOMER_HEALTH_WAREHOUSE"):
        read_settings()


def test_relative_folders_are_meant_from_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUSTOMER_HEALTH_WAREHOUSE", "elsewhere")
    assert read_settings().warehouse == PROJECT_ROOT / "elsewhere"


def test_the_example_lists_each_variable_with_its_default() -> None:
    lines = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.removeprefix("# ").split("=")[0] for line in lines if "=" in line and "CUSTOMER_HEALTH_" in line}
    assert named == {f"CUSTOMER_HEALTH_{name.upper()}" for name in Settings.model_fields}
