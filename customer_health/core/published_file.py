"""What the published file of a warehouse is called.

Belongs here: its names, for the gate below the publisher, too.
Does not belong here: opening it for readers (reading/published.py), where kept publications lie (publication/store.py).
"""

from __future__ import annotations

PUBLISHED_FILE = "customer_health.duckdb"
# its name of before, kept for one version. In a file called health, the name health means both the file and a schema,
# so that a tool that opens the file itself and writes schema.table is told "ambiguous"
SECOND_NAME = "health.duckdb"
