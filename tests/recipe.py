"""Follow docs/extend-source.md: its steps are read from the document, so that document and test cannot differ.

Belongs here: reading the steps, and doing them in a copy of the project.
Does not belong here: what must come of it (tests/integrity/test_extend_source.py).
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from customer_health.core.settings import PROJECT_ROOT

RECIPE = PROJECT_ROOT / "docs" / "extend-source.md"
# all that a build and the checks without a build read
PARTS = (
    "customer_health",
    "examples",
    "macros",
    "models",
    "seeds",
    "tests",
    "dbt_project.yml",
    "profiles.yml",
    "pyproject.toml",
    ".dbtignore",
)
_STEP = re.compile(r"^## (\d+)\. [^\n]*: `([^`]+)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_AFTERWARDS = re.compile(r"^## Afterwards\n.*?`(seeds/[^`]+)`.*?(^```csv\n.*?^```)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One file of the recipe, and the blocks that it gets."""

    file: str
    blocks: tuple[tuple[str, str], ...]

    def apply(self, root: Path) -> None:
        path = root / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        for language, text in self.blocks:
            before = path.read_text("utf-8") if path.exists() else ""
            path.write_text(_apply_diff(before, text) if language == "diff" else before + text, "utf-8")


def steps() -> list[Step]:
    """The numbered steps, in their order."""
    found = _STEP.findall(RECIPE.read_text("utf-8"))
    assert [int(number) for number, _, _ in found] == list(range(1, len(found) + 1))
    return [Step(file, tuple(_BLOCK.findall(text))) for _, file, text in found]


def metric_step() -> Step:
    """The row of a metric that the recipe adds when the source is there."""
    [(file, block)] = _AFTERWARDS.findall(RECIPE.read_text("utf-8"))
    return Step(file, tuple(_BLOCK.findall(block)))


def copy_project(root: Path) -> None:
    for part in PARTS:
        source, target = PROJECT_ROOT / part, root / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)


def _apply_diff(text: str, diff: str) -> str:
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(before) == 1, f"the recipe changes lines that are not there, or not once:\n{before}"
    return text.replace(before, after)
