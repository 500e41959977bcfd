"""What models say about themselves, in dbt's manifest: nothing is built.

Belongs here: descriptions, contracts and personal data of models; names that SQL emits and seeds describe.
Does not belong here: anything that needs rows (tests/integrity/*.sql, tests/unit), who reads whom
(test_pipeline_stages.py).
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from tests.manifest import Manifest, nodes_of, project_manifest

PROJECT_ROOT = Path(__file__).resolve().parents[2]
# people, and what they wrote; names of accounts and CSMs are business data and may pass
PERSONAL = re.compile(r"(^|_)(e?mail|phone|comments?|(first|last|full|user)_name)($|_)")
# a Python model says it in its docstring
GRAIN = ("-- Grain: one row", '"""Grain: one row')


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return project_manifest()


def models(manifest: Manifest, folder: str = "") -> list[dict[str, Any]]:
    return [model for model in nodes_of(manifest, "model").values() if model["path"].startswith(folder)]


def seed_column(name: str, column: str) -> set[str]:
    [path] = (PROJECT_ROOT / "seeds").rglob(f"{name}.csv")
    with path.open(newline="", encoding="utf-8") as rows:
        return {row[column] for row in csv.DictReader(rows)}


def test_every_model_states_its_grain_and_is_described(manifest: Manifest) -> None:
    assert not [model["name"] for model in models(manifest) if not any(said in model["raw_code"] for said in GRAIN)]
    assert not [model["name"] for model in models(manifest) if not model["description"].strip()]


def test_a_model_is_described_beside_it(manifest: Manifest) -> None:
    for model in models(manifest):
        described = Path(model["patch_path"].removeprefix("customer_health://")).parent
        # a source describes its measures beside its staging models (docs/extend-source.md)
        own = Path("models/staging") / model["name"].removeprefix("int_").removesuffix("__measures")
        is_near = Path(model["original_file_path"]).is_relative_to(described) or described == own
        assert is_near, f"{model['name']} is described in {described}"


def test_marts_promise_every_column_with_its_type(manifest: Manifest) -> None:
    for mart in models(manifest, "marts/"):
        assert mart["config"]["contract"]["enforced"] is True, mart["name"]
        assert mart["columns"], f"{mart['name']} lists no column"
        for column in mart["columns"].values():
            assert column["description"].strip(), f"{mart['name']}.{column['name']} has no description"
            assert column["data_type"], f"{mart['name']}.{column['name']} has no data_type"


def test_marts_hold_no_personal_data(manifest: Manifest) -> None:
    """Contracts are enforced, so the columns listed are the columns there are."""
    personal = {
        column["name"]
        for source in manifest["sources"].values()
        for column in source["columns"].values()
        if column["config"].get("meta", {}).get("personal")
    }
    published = {(mart["name"], column) for mart in models(manifest, "marts/") for column in mart["columns"]}
    assert {"comment", "note", "interview_note"} <= personal
    assert not [(mart, column) for mart, column in published if column in personal or PERSONAL.search(column)]


def test_metrics_say_what_they_are_and_in_which_unit(manifest: Manifest) -> None:
    assert manifest["metrics"]
    for metric in manifest["metrics"].values():
        assert metric["label"] and (metric["description"] or "").strip(), f"{metric['name']} is not described"
        assert metric["config"]["meta"].get("unit"), f"{metric['name']} has no unit"


def test_semantic_models_stand_on_columns_of_marts(manifest: Manifest) -> None:
    """A name without an expression is a column, and an expression names columns of its mart only."""
    assert manifest["semantic_models"]
    for model in manifest["semantic_models"].values():
        [read] = model["depends_on"]["nodes"]
        columns = manifest["nodes"][read]["columns"]
        assert model["description"].strip()
        for part in [*model["dimensions"], *model["measures"], *model["entities"]]:
            assert part["expr"] or part["name"] in columns, f"{model['name']}.{part['name']} is no column"
        for measure in model["measures"]:
            assert (measure["description"] or "").strip(), f"{model['name']}.{measure['name']} is not described"


def test_findings_and_their_types_agree(manifest: Manifest) -> None:
    sources = [model["raw_code"] for model in models(manifest, "intermediate/quality/")]
    sources += [model["raw_code"] for model in models(manifest, "marts/quality/fct_quality_findings")]
    emitted: set[str] = set()
    for text in sources:
        emitted |= set(re.findall(r"^\s*'(\w+)' as finding", text, re.MULTILINE))
        for case in re.findall(r"case when [^\n]* end as finding", text):
            emitted |= set(re.findall(r"(?:then|else) '(\w+)'", case))
    loader = "".join(path.read_text("utf-8") for path in (PROJECT_ROOT / "customer_health" / "landing").glob("*.py"))
    declared = seed_column("finding_types", "finding")
    assert emitted <= declared, "a finding without a row in finding_types.csv has no severity"
    assert not {name for name in declared - emitted if f'"{name}"' not in loader}, "nothing emits this finding"


def test_no_row_hangs_on_an_empty_value_of_a_list(manifest: Manifest) -> None:
    """`x not in (select …)` keeps no row where the list holds an empty value; the macro is_in_none_of() does."""
    texts = {model["name"]: model["raw_code"] for model in models(manifest)}
    assert not [name for name, text in texts.items() if re.search(r"not in \(\s*select", text)]
