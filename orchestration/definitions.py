"""What Dagster loads: `dagster dev -m orchestration.definitions`, or `make dagster`."""

from customer_health.core.settings import read_settings
from orchestration.assembly import build_definitions

defs = build_definitions(read_settings())
