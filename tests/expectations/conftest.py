"""One small company, built once for all tests of the gate."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.expectations.company import TODAY, YESTERDAY, build, copy, load, publish


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("the gate")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def yesterday(scratch: Path) -> Path:
    """Built and published for yesterday; the rows of today are already in raw."""
    warehouse = scratch / "yesterday"
    load(warehouse)
    build(warehouse, YESTERDAY)
    publish(warehouse, YESTERDAY)
    return warehouse


@pytest.fixture(scope="session")
def today(yesterday: Path, scratch: Path) -> Path:
    """Built for today on an ordinary day, with yesterday published."""
    warehouse = copy(yesterday, scratch / "today")
    build(warehouse, TODAY, "test")
    return warehouse
