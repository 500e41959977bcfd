"""What models say about themselves, read from their files: nothing is built.

Belongs here: descriptions, contracts and personal data of models; names that SQL emits and seeds describe.
Does not belong here: anything that needs rows (tests/integrity/*.sql, tests/unit).
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT_ROOT = Path(__file__).resolve().parents[2]
MODELS = PROJECT_ROOT / "models"
# people, and what they wrote; names of accounts and CSMs are business data and may pass
PERSONAL = re.compile(r"(^|_)(e?mail|phone|comments?|(first|last|full|user)_name)($|_)")


@cache
def described_models() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(MODELS.rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text("utf-8")) or {}).get("models", []):
            assert model["name"] not in found, f"{model['name']} is described twice, again in {path.name}"
            found[model["name"]] = model | {"path": path}
    return found


def model_files(folder: Path = MODELS) -> list[Path]:
    """Models of the folders that describe theirs: who describes one describes all."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".sql", ".py"))
    return [path for path in files if path.parent.name == "base" or any(path.parent.glob("_*.yml"))]


def mart_models() -> list[dict[str, Any]]:
    return [described_models()[path.stem] for path in model_files(MODELS / "marts") if path.stem in described_models()]


def seed_column(name: str, column: str) -> set[str]:
    [path] = (PROJECT_ROOT / "seeds").rglob(f"{name}.csv")
    with path.open(newline="", encoding="utf-8") as rows:
        return {row[column] for row in csv.DictReader(rows)}


@pytest.mark.parametrize("path", model_files(), ids=lambda path: path.stem)
def test_every_model_states_its_grain_and_is_described(path: Path) -> None:
    said = '"""Grain: one row' if path.suffix == ".py" else "-- Grain: one row"
    assert said in path.read_text("utf-8"), "the first comment says what one row is"
    model = described_models().get(path.stem)
    assert model and model.get("description", "").strip(), "no YAML file describes it"
    # a source describes its measures beside its staging models (docs/extend-source.md)
    own = MODELS / "staging" / path.stem.removeprefix("int_").removesuffix("__measures")
    is_near = path.is_relative_to(model["path"].parent) or model["path"].parent == own
    assert is_near, f"{model['path'].name} describes a model of another folder"


def test_no_description_outlives_its_model() -> None:
    assert set(described_models()) <= {path.stem for path in MODELS.rglob("*") if path.suffix in (".sql", ".py")}


@pytest.mark.parametrize("model", mart_models(), ids=lambda model: model["name"])
def test_marts_promise_every_column_with_its_type(model: dict[str, Any]) -> None:
    assert model.get("columns"), "a mart lists its columns"
    for column in model["columns"]:
        assert column.get("description", "").strip(), f"{column['name']} has no description"
        assert column.get("data_type"), f"{column['name']} has no data_type"


def test_marts_hold_no_personal_data() -> None:
    """Contracts are enforced, so the columns listed are the columns there are."""
    contract = yaml.safe_load((MODELS / "staging" / "_raw__sources.yml").read_text("utf-8"))
    personal = {
        column["name"]
        for source in contract["sources"]
        for table in source["tables"]
        for column in table["columns"]
        if column.get("config", {}).get("meta", {}).get("personal")
    }
    published = {(model["name"], column["name"]) for model in mart_models() for column in model["columns"]}
    assert {"comment", "note", "interview_note"} <= personal
    assert not [(model, column) for model, column in published if column in personal or PERSONAL.search(column)]


def test_contracts_of_marts_are_enforced() -> None:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text("utf-8"))
    marts = project["models"]["customer_health"]["marts"]
    described = {model["path"].parent.name for model in mart_models()}
    assert marts["+contract"] == {"enforced": True}
    assert not [name for name in described if marts[name].get("+contract", {}).get("enforced") is False]


def semantic_yaml(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((MODELS / "semantic" / f"{name}.yml").read_text("utf-8"))[name]


def test_metrics_say_what_they_are_and_in_which_unit() -> None:
    for metric in semantic_yaml("metrics"):
        assert metric.get("label") and metric.get("description", "").strip(), f"{metric['name']} is not described"
        assert metric.get("config", {}).get("meta", {}).get("unit"), f"{metric['name']} has no unit"


def test_semantic_models_stand_on_columns_of_marts() -> None:
    """A name without an expression is a column, and an expression names columns of its mart only."""
    marts = {model["name"]: {column["name"] for column in model["columns"]} for model in mart_models()}
    for model in semantic_yaml("semantic_models"):
        columns = marts[re.fullmatch(r"ref\('(\w+)'\)", model["model"])[1]]
        assert model["description"].strip()
        for part in [*model.get("dimensions", []), *model.get("measures", []), *model.get("entities", [])]:
            assert part.get("expr") or part["name"] in columns, f"{model['name']}.{part['name']} is no column"
        for measure in model.get("measures", []):
            assert measure.get("description", "").strip(), f"{model['name']}.{measure['name']} is not described"


def test_findings_and_their_types_agree() -> None:
    sources = [path.read_text("utf-8") for path in model_files(MODELS / "intermediate" / "quality")]
    sources += [(MODELS / "marts" / "quality" / "fct_quality_findings.sql").read_text("utf-8")]
    emitted: set[str] = set()
    for text in sources:
        emitted |= set(re.findall(r"^\s*'(\w+)' as finding", text, re.MULTILINE))
        for case in re.findall(r"case when [^\n]* end as finding", text):
            emitted |= set(re.findall(r"(?:then|else) '(\w+)'", case))
    loader = "".join(path.read_text("utf-8") for path in (PROJECT_ROOT / "customer_health" / "landing").glob("*.py"))
    declared = seed_column("finding_types", "finding")
    assert emitted <= declared, "a finding without a row in finding_types.csv has no severity"
    assert not {name for name in declared - emitted if f'"{name}"' not in loader}, "nothing emits this finding"


def test_quarantine_reasons_and_staging_agree() -> None:
    texts = [path.read_text("utf-8") for path in MODELS.glob("staging/*/base/*.sql")]
    texts += [(PROJECT_ROOT / "macros" / "staging.sql").read_text("utf-8")]
    emitted = {reason for text in texts for reason in re.findall(r"then\s+'(\w+)'", text)}
    emitted -= {"quarantined", "superseded", "staged"}
    assert emitted == seed_column("quarantine_reasons", "reason")
