"""One row never stops everything: values at the edges of their types, in every column, and any of them together.

Belongs here: whole builds over extreme but readable values.
Does not belong here: which reason a value is given (tests/faults/test_data_faults.py), files that cannot be read.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from customer_health.core.settings import DEFAULT_CONFIG
from tests.pipeline import CONTRACT, Warehouse
from tests.properties import extreme_rows as company
from tests.properties.extreme_rows import EXTREMES, LAST_DAY, LOADED_AT, Rows, sound_row

ALL_MODELS = ("fqn:*",)
ROWS_OF_AN_EXAMPLE = 400


def build(folder: Path, odd: Rows) -> Warehouse:
    rows = defaultdict(list, company.sound_company())
    for table, more in odd.items():
        rows[table] += more
    shutil.rmtree(folder, ignore_errors=True)
    warehouse = Warehouse(folder, DEFAULT_CONFIG)
    warehouse.load(rows, LOADED_AT)
    warehouse.build(LAST_DAY, select=ALL_MODELS)
    return warehouse


def assert_sound(warehouse: Warehouse) -> None:
    counted = warehouse.query(
        "select raw_table, raw_rows, staged_rows + superseded_rows + quarantined_rows, is_conserved"
        " from quality.fct_row_conservation"
    )
    assert {table for table, *_ in counted} == set(CONTRACT.tables)
    assert [row for row in counted if row[1] != row[2] or not row[3]] == []
    assert (
        warehouse.query(
            "select * from health.fct_metric_points where isnan(points) or isinf(points) or isnan(value)"
            " or isinf(value) or points < 0 or points > 100 limit 5"
        )
        == []
    )
    # sound accounts are scored as if nothing had come
    scored = warehouse.query(
        "select count(distinct account_id) from health.fct_health_scores"
        f" where (account_id = 'acme' or account_id like 'sound-%') and date_day = date '{LAST_DAY}'"
    )
    assert scored == [(4,)]
    (calendar,) = warehouse.query(
        "select max(days) from (select count(*) as days from intermediate.int_source_days group by raw_table)"
    )[0]
    assert calendar < 20_000


@pytest.mark.slow
def test_every_extreme_value_of_every_column_leaves_a_build_that_is_whole(tmp_path: Path) -> None:
    warehouse = build(tmp_path / "w", company.rows_of_extremes(CONTRACT))
    assert_sound(warehouse)
    reasons = {reason for (reason,) in warehouse.query("select distinct quarantine_reason from staging.quarantine")}
    assert {"implausible_date", "implausible_number", "timestamp_in_future", "null_key"} <= reasons


@st.composite
def odd_rows(draw: st.DrawFn) -> Rows:
    """Rows with one to four extreme values, many of them about the same few accounts and items."""
    pick = draw(st.randoms(use_true_random=False))
    rows: Rows = defaultdict(list)
    tables = list(CONTRACT.tables.values())
    for number in range(ROWS_OF_AN_EXAMPLE):
        table = pick.choice(tables)
        account = pick.choice(["acme", "odd-1", "odd-2", "odd-3"])
        row_id = pick.choice([f"{table.name}-{number}", f"{table.name}-{number % 7}"])
        columns = pick.sample(table.columns, k=min(len(table.columns), pick.choice([1, 1, 2, 4])))
        values = {column.name: pick.choice(EXTREMES[column.data_type]) or None for column in columns}
        rows[table.name].append(sound_row(table.name, row_id, account, **values))
    for account in ("odd-1", "odd-2", "odd-3"):
        rows["accounts"].append(sound_row("accounts", account, account))
        rows["subscriptions"].append(sound_row("subscriptions", f"item-of-{account}", account))
    return rows


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    # each example is a build: the first that fails is shown as it is
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(odd=odd_rows())
def test_any_extreme_values_together_leave_a_build_that_is_whole(tmp_path_factory: pytest.TempPathFactory, odd: Rows):
    folder = tmp_path_factory.mktemp("extremes") / "w"
    assert_sound(build(folder, odd))
    shutil.rmtree(folder)
