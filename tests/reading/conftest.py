"""Fixtures of the tests of reading: one published company for all that only read it."""

from __future__ import annotations

import pytest

from tests.reading.two_teams import TwoTeams, two_teams


@pytest.fixture(scope="session")
def teams(tmp_path_factory: pytest.TempPathFactory) -> TwoTeams:
    return two_teams(tmp_path_factory.mktemp("two teams"))
