"""Who may see what in the dashboard: off by default, by a proxy's header where it is set up, never open by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from customer_health.core.settings import Settings
from customer_health.dashboard.frame import IDENTITY_HEADER_VARIABLE, reader_of
from customer_health.reading.access import ACCESS_VARIABLE, EVERYTHING, AccessError
from tests.commands import run_command
from tests.dashboard.conftest import html_of
from tests.reading.two_teams import CSM, READERS, write_access

HEADER = "X-Forwarded-Email"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(access=write_access(tmp_path / "access.csv", READERS), identity_header=HEADER)


def test_without_an_access_list_everybody_sees_everything() -> None:
    assert reader_of({HEADER: "anybody@example.com"}, Settings()) == EVERYTHING


def test_the_header_says_who_reads(settings: Settings) -> None:
    assert reader_of({HEADER: "CSM@example.com"}, settings).csm_id == CSM
    assert reader_of({HEADER: "boss@example.com"}, settings).sees == "everything"


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "nobody@example.com"}, {"X-Other": "boss@example.com"}])
def test_whoever_is_not_in_the_list_sees_nothing(settings: Settings, headers: dict[str, str]) -> None:
    with pytest.raises(AccessError, match="not in the access list"):
        reader_of(headers, settings)


@pytest.mark.parametrize("left_out", ["access", "identity_header"])
def test_half_of_the_setting_is_refused(
    settings: Settings, left_out: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    half = settings.model_copy(update={left_out: None})
    with pytest.raises(AccessError, match="set both, or neither"):
        reader_of({HEADER: "boss@example.com"}, half)
    set_variables(monkeypatch, half)
    assert run_command("dashboard", "--warehouse", "nowhere") == 1
    assert "set both, or neither" in capsys.readouterr().err


def test_somebody_without_access_is_told_so_and_sees_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a session of AppTest has no headers, as one that goes around the proxy
    page = AppTest.from_string(
        "from customer_health.dashboard.frame import run\nfrom customer_health.dashboard.pages import PAGES\nrun(PAGES)"
    )
    set_variables(monkeypatch, settings)
    page.run(timeout=60)
    assert "not in the access list" in page.error[0].value
    assert "acc_" not in html_of(page) and "footer" not in html_of(page)


def set_variables(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    for name, value in ((ACCESS_VARIABLE, settings.access), (IDENTITY_HEADER_VARIABLE, settings.identity_header)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, str(value))
