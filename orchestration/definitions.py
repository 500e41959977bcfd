"""What Dagster loads: `customer-health dagster`, or `make dagster`.

`dagster dev -m orchestration.definitions` loads it, too, but is for developers only: its web server does what a page on
the internet tells it to (web_server.py).
"""

from customer_health.core.settings import read_settings
from orchestration.assembly import build_definitions

defs = build_definitions(read_settings())
