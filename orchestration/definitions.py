"""What Dagster loads: `dagster dev -m orchestration.definitions`, or `make dagster`."""

from orchestration.assembly import build_definitions
from orchestration.settings import Settings

defs = build_definitions(Settings.from_environment())
