"""Every raw table of the contract has its arm in each model that is made from all tables: dbt's manifest against the
contract, nothing is built.

Belongs here: what models depend on, per consumer, and how base models are kept.
Does not belong here: the recipe for a new source (test_extend_source.py), rows (tests/unit, test_data_faults.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from customer_health.configuration.folder import load_configuration
from customer_health.configuration.sources import check_sources
from customer_health.core.contract import load_contract
from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT
from customer_health.core.sources import ListedTable, load_listed_tables
from customer_health.transform.manifest import parse_when_changed

CONTRACT = load_contract()
LISTED = {table.name: table for table in load_listed_tables()}
# read by no arm: days of usage events are counted where they are stored, see has_own_arms
EVENT_DAYS = "int_product__event_days"
Nodes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Nodes:
    manifest = parse_when_changed(tmp_path_factory.mktemp("manifest"), DEFAULT_CONFIG)
    found = json.loads(manifest.read_text("utf-8"))["nodes"]
    return {node["name"]: node for node in found.values() if node["resource_type"] in ("model", "seed")}


def parents(nodes: Nodes, model: str) -> set[str]:
    """Names of what a model reads; of raw tables `raw.<table>`."""
    return {
        ".".join(name.split(".")[-2:]) if name.startswith("source.") else name.split(".")[-1]
        for name in nodes[model]["depends_on"]["nodes"]
    }


def raw_tables_behind(nodes: Nodes, model: str) -> set[str]:
    """The raw tables that a base model decides on."""
    found = {name.removeprefix("raw.") for name in parents(nodes, model) if name.startswith("raw.")}
    # rows of usage_events that are not used are kept apart from the view that decides on them
    return found or {
        table
        for parent in parents(nodes, model)
        if parent.startswith("base_")
        for table in raw_tables_behind(nodes, parent)
    }


def tables_by(field: str, wanted: Callable[[ListedTable], Any]) -> dict[str, str]:
    return {getattr(table, field): table.name for table in LISTED.values() if wanted(table)}


def missing_arms(nodes: Nodes, model: str, arms: dict[str, str]) -> list[str]:
    """A sentence for each table that the model should read and does not."""
    read = parents(nodes, model)
    return [
        f"{model} has no arm for raw table {table}: it does not read {arm}; loop over raw_tables() (macros/sources.sql)"
        for arm, table in arms.items()
        if arm not in read
    ]


def test_contract_list_models_and_measures_agree() -> None:
    assert [str(violation) for violation in check_sources(load_configuration(DEFAULT_CONFIG))] == []


def test_each_base_model_decides_on_the_table_that_the_list_says(nodes: Nodes) -> None:
    assert {table.name: raw_tables_behind(nodes, table.base) for table in LISTED.values()} == {
        name: {name} for name in CONTRACT.tables
    }


@pytest.mark.parametrize(
    ("model", "field", "wanted", "besides"),
    [
        ("quarantine", "base", lambda table: True, set()),
        ("int_row_arrivals", "base", lambda table: table.happened_at and not table.has_own_arms, set()),
        ("int_findings__late_rows", "base", lambda table: table.has_own_arms, {"raw.usage_events", "int_row_arrivals"}),
        ("int_undated_changes", "staged", lambda table: table.is_mutable, set()),
        ("int_source_counts", "staged", lambda table: table.day and not table.has_own_arms, set()),
        ("int_source_days", "staged", lambda table: False, {"int_source_counts", EVENT_DAYS}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_models_made_from_all_tables_have_an_arm_for_each(
    nodes: Nodes, model: str, field: str, wanted: Callable[[ListedTable], Any], besides: set[str]
) -> None:
    arms = tables_by(field, wanted)
    assert missing_arms(nodes, model, arms) == []
    assert parents(nodes, model) == {*arms, *besides}, "it reads something that the list does not name"


def conservation(nodes: Nodes) -> str:
    """The model that counts raw rows: whichever reads every raw table."""
    [model] = [
        name
        for name in nodes
        if name.endswith("row_conservation") and any(parent.startswith("raw.") for parent in parents(nodes, name))
    ]
    return model


def test_conservation_counts_every_table_raw_and_by_fate(nodes: Nodes) -> None:
    model = conservation(nodes)
    raw = {f"raw.{name}": name for name in CONTRACT.tables}
    fates = tables_by("base", lambda table: True)
    assert missing_arms(nodes, model, raw | fates) == []
    assert parents(nodes, model) - {*raw, *fates} == {EVENT_DAYS, LISTED["usage_events"].staged}


def test_the_union_has_the_measures_of_every_source_and_the_rebuild_range_waits_for_it(nodes: Nodes) -> None:
    assert parents(nodes, "int_measures__unioned") == {f"int_{source}__measures" for source in CONTRACT.sources}
    assert "int_measures__unioned" in parents(nodes, "int_rebuild_range")


def test_the_rebuild_range_looks_at_the_loads_that_the_product_range_reads(nodes: Nodes) -> None:
    """Rows that arrived count as new until a build has read them: a table missing here would be new for ever."""
    read: set[str] = set()
    for parent in parents(nodes, "int_product__rebuild_range"):
        if parent.startswith("raw."):
            read.add(parent)
        elif parent.startswith(("base_", "stg_")):
            base = parent if parent.startswith("base_") else parent.replace("stg_", "base_", 1)
            read |= {f"raw.{table}" for table in raw_tables_behind(nodes, base)}
    assert {name for name in parents(nodes, "int_rebuild_range") if name.startswith("raw.")} == read


def test_every_source_of_the_contract_has_account_keys(nodes: Nodes) -> None:
    macros = nodes["stg_crm__account_keys"]["depends_on"]["macros"]
    assert "macro.customer_health.raw_sources" in macros
    assert list(dict.fromkeys(table.source for table in LISTED.values())) == list(CONTRACT.sources)


def test_what_became_of_each_row_is_decided_once(nodes: Nodes) -> None:
    """Typed views, quarantine and counts all read it: as a view it would be computed for each."""
    kept = {table.base: nodes[table.base]["config"]["materialized"] for table in LISTED.values()}
    computed = sorted(name for name, how in kept.items() if how not in ("table", "incremental"))
    assert computed == [], "begin the model with {{ config(materialized='table') }}"


def test_every_measure_comes_from_a_table_that_is_counted_by_day() -> None:
    """Without its days a source is never live, and its metrics are not_instrumented on every row."""
    measured = {row["raw_table"] for row in load_configuration(DEFAULT_CONFIG).rows("measures")}
    assert measured <= {table.name for table in LISTED.values() if table.day}


def test_a_forgotten_arm_is_told_with_its_model_and_table(nodes: Nodes) -> None:
    assert missing_arms(nodes, "quarantine", {"base_training__seminars": "seminars"}) == [
        "quarantine has no arm for raw table seminars: it does not read base_training__seminars; loop over raw_tables()"
        " (macros/sources.sql)"
    ]


def test_every_column_of_the_contract_is_read() -> None:
    """Beyond its table's payload, in which all columns are told apart: a column that nobody reads promises in vain."""
    models = {path.stem: path.read_text("utf-8") for path in (PROJECT_ROOT / "models").rglob("*.sql")}
    listed = {table.name: table for table in load_listed_tables()}
    unread = []
    for table in CONTRACT.tables.values():
        base = re.sub(r"payload=\[[^]]*\]|key=\[[^]]*\]", "", models[listed[table.name].base])
        readers = [text for text in models.values() if f"ref('{listed[table.name].base}')" in text]
        text = "\n".join([base, models[listed[table.name].staged], *readers])
        # versions are dated by them
        given = {table.created_column, "updated_at"}
        unread += [
            f"{table.name}.{name}" for name in table.column_names if name not in given and not _named(name, text)
        ]
    assert unread == []


def _named(column: str, text: str) -> bool:
    return re.search(rf"\b{column}\b", text) is not None
