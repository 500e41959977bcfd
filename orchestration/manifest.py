"""Where Dagster keeps its things, and the dbt manifest that its assets are made from.

Belongs here: where they lie, for every process that loads the assets.
Does not belong here: parsing (customer_health/transform/manifest.py).
"""

from __future__ import annotations

from pathlib import Path

from customer_health.core.settings import Settings
from customer_health.transform.manifest import parse_when_changed


def home(settings: Settings) -> Path:
    """Where Dagster and what it needs of dbt are kept."""
    return settings.warehouse / "dagster"


def prepare_manifest(settings: Settings) -> Path:
    """The manifest of the project as it is now; every process that loads the assets asks for it."""
    return parse_when_changed(home(settings) / "manifest", settings.config)
