"""What would an edited configuration change? All history scored anew in memory, beside what the warehouse holds.

It reads `build.duckdb`, read-only, and writes nothing into the warehouse. The published file would not do: it holds
points of shadow metrics for the last 120 days only, and of no metric what its points are computed from (its peers, its
own past). The SQL is that of the dbt models, compiled by dbt and kept until a model changes, so there is one copy of
every formula, and what it says is what a rebuild would say.

Belongs here: which edits can be answered without a rebuild, scoring in memory, the difference, the page.
Does not belong here: judging a configuration (configuration/scorecards.py), proposing one.
"""

from customer_health.validation.what_if.answer import Answer, what_if
from customer_health.validation.what_if.errors import NeedsRebuildError, WhatIfError

__all__ = ["Answer", "NeedsRebuildError", "WhatIfError", "what_if"]
