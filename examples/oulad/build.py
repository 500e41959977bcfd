"""Command line of the whole example: map an extract, build it, and say what became of every registration.

Belongs here: the steps of `make oulad` and the sums that it prints.
Does not belong here: the mapping (mapping.py), the build (customer_health/refresh/refresh.py), what the build foretold
(evidence.py, weights.py), general reporting (summary.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from customer_health.configuration.variables import project_vars
from customer_health.core.sql import read_sql
from customer_health.refresh.refresh import BUILD_FILE, DbtRun, refresh
from examples.oulad.evidence import read_observations, tell
from examples.oulad.mapping import map_oulad
from examples.oulad.weights import tell_weights

CONFIG = Path(__file__).parent / "config"

REGISTRATIONS = read_sql(__file__, "build_registrations")

UNSEEN_METRICS = """
select
    count(distinct points.metric),
    count(distinct points.metric) filter (where points.value_status <> 'not_instrumented'),
    count(*) filter (where points.value_status = 'zero')
from health.fct_metric_points as points
inner join configuration.metrics as metrics on points.metric = metrics.metric
inner join configuration.measures as measures on metrics.measure = measures.measure
where measures.source in ('support', 'survey') or measures.raw_table = 'invoice_lines'
"""

LAST_DAYS = read_sql(__file__, "last_days")


def describe(warehouse: Path) -> list[str]:
    """What became of the registrations of a built warehouse, in lines to print."""
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        registrations, indexed, empty, quarantined, scored, outside = con.execute(REGISTRATIONS).fetchall()[0]
        unseen, seen, zeros = con.execute(UNSEEN_METRICS).fetchall()[0]
        grades = con.execute(LAST_DAYS).fetchall()
        observations = read_observations(con)
        evidence = tell(observations)
        fitted = tell_weights(con, observations, project_vars(CONFIG)["min_side_coverage"])
    return [
        f"registrations             {registrations:>7,}",
        f"  in the index            {indexed:>7,}   ({scored:,} of them scored on some day)",
        f"  ended before they began {empty:>7,}",
        f"  quarantined             {quarantined:>7,}",
        f"  sum                     {indexed + empty + quarantined:>7,}",
        f"registrations with a score before their first or after their last day: {outside}",
        f"metrics on tickets, invoices and surveys: {unseen}, of which {seen} are anything but not_instrumented;"
        f" zeros among them: {zeros}",
        "",
        "last grade of a registration, and the share of those that were withdrawn:",
        *(f"  {grade}  {count:>6,}  {withdrawn:>5}%" for grade, count, withdrawn in grades),
        "",
        *evidence,
        "",
        *fitted,
    ]


def build(data: Path, warehouse: Path) -> None:
    """Map an extract, build it, and print what became of it.

    Raises:
        ExtractError: the folder is no such extract.
        RefreshError: the build stopped.
    """
    landing = warehouse / "landing"
    totals = map_oulad(data, landing)
    print("\n".join(totals.lines()))
    refresh(landing, DbtRun(warehouse, CONFIG, totals.last_customer_day))
    print("\n".join(describe(warehouse)))
