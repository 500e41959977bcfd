"""Copies of the default configuration that a test may edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from customer_health.core.settings import DEFAULT_CONFIG
from tests.faults.configuration_edits import RELEASED


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A copy of the default configuration, in a path with a space."""
    folder = tmp_path / "our seeds"
    shutil.copytree(DEFAULT_CONFIG, folder)
    return folder


@pytest.fixture
def draft(released: Path) -> Path:
    """The same, with nothing released: an edit breaks its own rule only."""
    header = (released / RELEASED).read_text(encoding="utf-8").splitlines()[0]
    (released / RELEASED).write_text(header + "\n", encoding="utf-8")
    return released
