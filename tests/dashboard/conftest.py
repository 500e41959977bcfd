"""Fixtures of the tests of the dashboard: one published company, and pages drawn from it.

Belongs here: the warehouse, and how a page is drawn without a browser.
Does not belong here: what must be on a page (test_*.py).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from customer_health.dashboard import theme
from customer_health.dashboard.frame import IDENTITY_HEADER_VARIABLE, WAREHOUSE_VARIABLE
from customer_health.reading.access import ACCESS_VARIABLE
from customer_health.reading.published import Publications, Snapshot
from tests.reading.two_teams import TwoTeams, two_teams

SCRIPT = """
from customer_health.dashboard import theme
from customer_health.dashboard.frame import Page, run
from customer_health.dashboard.pages import {module}

run((Page("", "the page", {module}.show),))
"""

DrawPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def teams(tmp_path_factory: pytest.TempPathFactory) -> TwoTeams:
    return two_teams(tmp_path_factory.mktemp("dashboard of two teams"))


@pytest.fixture(scope="session")
def snapshot(teams: TwoTeams) -> Snapshot:
    return Publications(teams.warehouse).current()


@pytest.fixture
def draw(teams: TwoTeams, monkeypatch: pytest.MonkeyPatch) -> DrawPage:
    """Draws a page of the company: its module, and what stands in the address."""
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(teams.warehouse))
    monkeypatch.delenv(ACCESS_VARIABLE, raising=False)
    monkeypatch.setattr(theme, "CHECKED", True)
    monkeypatch.delenv(IDENTITY_HEADER_VARIABLE, raising=False)

    def drawn(module: str, **parameters: str) -> AppTest:
        page = AppTest.from_string(SCRIPT.format(module=module), default_timeout=240)
        for name, value in parameters.items():
            page.query_params[name] = value
        return page.run()

    return drawn


def html_of(page: AppTest) -> str:
    """All HTML of a page without its style sheet, in its order."""
    assert not page.exception, page.exception
    parts = [element.proto.body for element in page.get("html")]
    return "\n".join(part for part in parts if not part.startswith("<style"))
