"""Exposures say who reads which marts, and say it as the code does: dbt's manifest beside what each reader imports.

Belongs here: comparing depends_on of exposures with the marts in the statements of each reader.
Does not belong here: what readers make of them (tests of their own), or what marts promise (test_model_promises.py).
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import grimp
import pytest

import customer_health
from tests.manifest import Manifest, nodes_of, project_manifest

READING = "customer_health.reading"
# None: reads whatever is published
PACKAGES: dict[str, str | None] = {
    "dashboard": "customer_health.dashboard",
    "digest": "customer_health.digest",
    "alerts": "customer_health.alerts",
    "assistants": "customer_health.assistants",
    "bi_tools": None,
}
# names every mart, to say who may see it
NOT_READ = {f"{READING}.access"}
# a mart, as statements name it
MART = re.compile(r"\b(?:health|journey|quality|validation)\.(\w+)")


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return project_manifest()


def exposures(manifest: Manifest) -> dict[str, dict[str, Any]]:
    return {exposure["name"]: exposure for exposure in manifest["exposures"].values()}


def marts(manifest: Manifest) -> set[str]:
    """What is published and may be read: models of marts, and tables that the publication writes itself."""
    models = {node["name"] for node in nodes_of(manifest, "model").values() if node["path"].startswith("marts/")}
    return models | {node["name"] for node in manifest["sources"].values() if node["source_name"] == "published"}


@cache
def import_graph() -> grimp.ImportGraph:
    return grimp.build_graph("customer_health", cache_dir=None)


def modules_of(package: str) -> set[str]:
    """The modules of a reader, and those of reading/ that they import, directly or through others."""
    graph = import_graph()
    own = {package, *graph.find_descendants(package)}
    read = {name for name in graph.find_upstream_modules(package, as_package=True) if name.startswith(f"{READING}.")}
    return (own | read) - NOT_READ


def statements(module: str) -> set[str]:
    """What may be a statement in a module: its texts without docstrings, and the files that read_sql reads."""
    path = Path(customer_health.__file__).parent.joinpath(*module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    }
    asked = [node.args[1] for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_read_sql(node)]
    assert all(isinstance(name, ast.Constant) for name in asked), (
        f"{module} asks for a file by a name made up as it runs"
    )
    return texts | {(path.parent / "sql" / f"{name.value}.sql").read_text("utf-8") for name in asked}


def _is_read_sql(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "read_sql"


def read_by(package: str, known: set[str]) -> set[str]:
    found = {mart for module in modules_of(package) for text in statements(module) for mart in MART.findall(text)}
    return found & known


def test_every_reader_is_an_exposure(manifest: Manifest) -> None:
    graph = import_graph()
    readers = {
        name.split(".")[1]
        for module in graph.find_descendants(READING)
        for name in graph.find_downstream_modules(module)
        if f"{READING}." not in f"{name}."
    }
    packages = {f"customer_health.{name}" for name in readers}
    assert {package for package in PACKAGES.values() if package} <= packages
    assert set(exposures(manifest)) == set(PACKAGES)


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_exposures_name_what_their_code_reads(manifest: Manifest, name: str) -> None:
    package = PACKAGES[name]
    read = read_by(package, marts(manifest)) if package else marts(manifest)
    assert read, "a reader reads something"
    declared = {unique_id.split(".")[-1] for unique_id in exposures(manifest)[name]["depends_on"]["nodes"]}
    assert sorted(declared) == sorted(read), "correct depends_on in models/semantic/exposures.yml"


def test_a_mart_that_no_exposure_names_is_seen(manifest: Manifest) -> None:
    """The comparison reads statements in files of their own and those of modules behind a reader, too."""
    known = marts(manifest)
    assert "rpt_outcome_packages" in read_by("customer_health.dashboard", known)
    assert read_by("customer_health.alerts", known) == read_by("customer_health.alerts", known | {"no_mart"})
    assert "dim_days" not in read_by("customer_health.alerts", known)


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_exposures_say_what_they_are_and_whose(manifest: Manifest, name: str) -> None:
    exposure = exposures(manifest)[name]
    assert exposure["label"] and exposure["description"].strip()
    assert exposure["owner"]["name"]
    assert not exposure["url"], "where something runs is a matter of each company"
