"""Exposures say who reads which marts, and say it as the code does.

Belongs here: comparing depends_on of models/semantic/exposures.yml with the names of marts in the code of each reader.
Does not belong here: what readers make of them (tests of their own), or what marts promise (test_model_promises.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT_ROOT = Path(__file__).resolve().parents[2]
MODELS = PROJECT_ROOT / "models"
MART = re.compile(r"\b(?:health|journey|quality|validation)\.((?:dim|fct|rpt)_\w+)")
IMPORTED = re.compile(
    r"^\s*from customer_health\.reading\.(\w+) import|^\s*from customer_health\.reading import (.+)$", re.MULTILINE
)
# the files of each reader, apart from the modules of reading/ that they import; None: reads whatever is published
CODE: dict[str, list[str] | None] = {
    "dashboard": ["dashboard/**/*.py"],
    "digest": ["digest/*.py"],
    "alerts": ["orchestration/alerts*.py"],
    "assistants": ["assistants/*.py"],
    "bi_tools": None,
}
# names every mart, to say who may see it
NOT_READ = {"access"}


def exposures() -> dict[str, dict[str, Any]]:
    document = yaml.safe_load((MODELS / "semantic" / "exposures.yml").read_text("utf-8"))
    return {exposure["name"]: exposure for exposure in document["exposures"]}


def declared(exposure: dict[str, Any]) -> set[str]:
    return {re.findall(r"'(\w+)'\)", reference)[0] for reference in exposure["depends_on"]}


def published_marts() -> set[str]:
    sources = yaml.safe_load((MODELS / "marts" / "quality" / "_publication__sources.yml").read_text("utf-8"))
    own = {table["name"] for source in sources["sources"] for table in source["tables"]}
    return {path.stem for path in (MODELS / "marts").rglob("*.sql")} | own


def imported(text: str) -> set[str]:
    """Modules of reading/ that a text imports."""
    found = set()
    for module, several in IMPORTED.findall(text):
        found |= {module} if module else {name.split()[0] for name in several.split(",")}
    return found - NOT_READ


def read_by(patterns: Iterable[str]) -> set[str]:
    """The marts that some files name, and the modules of reading/ that they import, and what these import."""
    texts = [path.read_text("utf-8") for pattern in patterns for path in sorted(PROJECT_ROOT.glob(pattern))]
    seen: set[str] = set()
    while modules := {name for text in texts for name in imported(text)} - seen:
        seen |= modules
        texts += [(PROJECT_ROOT / "reading" / f"{name}.py").read_text("utf-8") for name in sorted(modules)]
    return {mart for text in texts for mart in MART.findall(text)} & published_marts()


def test_every_reader_is_an_exposure() -> None:
    there = {name for name, files in CODE.items() if files is None or any(PROJECT_ROOT.glob(files[0]))}
    assert set(exposures()) == there


@pytest.mark.parametrize("name", sorted(exposures()))
def test_exposures_name_what_their_code_reads(name: str) -> None:
    files = CODE[name]
    read = published_marts() if files is None else read_by(files)
    assert read, "a reader reads something"
    assert sorted(declared(exposures()[name])) == sorted(read), "correct depends_on in models/semantic/exposures.yml"


@pytest.mark.parametrize("name", sorted(exposures()))
def test_exposures_say_what_they_are_and_whose(name: str) -> None:
    exposure = exposures()[name]
    assert exposure["label"] and exposure["description"].strip()
    assert exposure["owner"]["name"]
    assert "url" not in exposure, "where something runs is a matter of each company"
