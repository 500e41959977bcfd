"""One small company, built once for all tests of the gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.built_once import built_once
from tests.expectations.company import TODAY, YESTERDAY, build, copy, load, publish


@pytest.fixture(scope="session")
def yesterday() -> Path:
    """Built and published for yesterday; the rows of today are already in raw."""
    return built_once("the gate yesterday", _build_yesterday)


@pytest.fixture(scope="session")
def today(yesterday: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built for today on an ordinary day, with yesterday published; a copy, because a gate keeps its results in it."""
    shared = built_once("the gate today", lambda folder: _build_today(yesterday, folder))
    return copy(shared, tmp_path_factory.mktemp("the gate") / "today")


def _build_yesterday(folder: Path) -> None:
    load(folder)
    build(folder, YESTERDAY)
    publish(folder, YESTERDAY)


def _build_today(yesterday: Path, folder: Path) -> None:
    copy(yesterday, folder)
    build(folder, TODAY, "test")
