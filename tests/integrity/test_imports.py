"""Imports run downwards: the contract holds, and it would tell of one import that runs up."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from customer_health.core.settings import PROJECT_ROOT

PACKAGES = ("customer_health", "expectations", "orchestration")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_an_upward_import_is_told(tmp_path: Path) -> None:
    """In a copy, in which the only difference is one line."""
    for package in PACKAGES:
        shutil.copytree(PROJECT_ROOT / package, tmp_path / package)
    shutil.copyfile(PROJECT_ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    assert lint(tmp_path).returncode == 0
    module = tmp_path / "customer_health" / "landing" / "files.py"
    planted = "from customer_health.publication import store  # noqa: F401\n"
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{planted}", encoding="utf-8")
    told = lint(tmp_path)
    assert told.returncode == 1
    assert "customer_health.landing.files -> customer_health.publication.store" in told.stdout
