"""Fixtures of the tests of the server for assistants: one published company, and sessions that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from customer_health.reading.published import Publications, Snapshot
from tests.assistants.asking import Assistant, assistant
from tests.reading.two_teams import TwoTeams, two_teams


@pytest.fixture(scope="session")
def teams(tmp_path_factory: pytest.TempPathFactory) -> TwoTeams:
    return two_teams(tmp_path_factory.mktemp("two teams"))


@pytest.fixture(scope="session")
def snapshot(teams: TwoTeams) -> Snapshot:
    """What the tests compare with: SQL on the marts."""
    return Publications(teams.warehouse).current()


@pytest.fixture(scope="module")
def asked(teams: TwoTeams) -> Iterator[Assistant]:
    with assistant(teams.warehouse) as session:
        yield session
