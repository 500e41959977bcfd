"""Fixtures of the tests of reading: published companies for all that only read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reading.book_company import book_company
from tests.reading.two_teams import TwoTeams, two_teams


@pytest.fixture(scope="session")
def teams(tmp_path_factory: pytest.TempPathFactory) -> TwoTeams:
    return two_teams(tmp_path_factory.mktemp("two teams"))


@pytest.fixture(scope="session")
def book() -> Path:
    return book_company()
