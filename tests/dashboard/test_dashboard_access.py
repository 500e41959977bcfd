"""Who may see what in the dashboard: off by default, by a proxy's header where it is set up, never open by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import serve
from dashboard.frame import IDENTITY_HEADER_VARIABLE, reader_of
from reading.access import ACCESS_VARIABLE, EVERYTHING, AccessError
from tests.dashboard.conftest import html_of
from tests.reading.two_teams import CSM, READERS, write_access

HEADER = "X-Forwarded-Email"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    access = write_access(tmp_path / "access.csv", READERS)
    return {ACCESS_VARIABLE: str(access), IDENTITY_HEADER_VARIABLE: HEADER}


def test_without_an_access_list_everybody_sees_everything() -> None:
    assert reader_of({HEADER: "anybody@example.com"}, {}) == EVERYTHING


def test_the_header_says_who_reads(environment: dict[str, str]) -> None:
    assert reader_of({HEADER: "CSM@example.com"}, environment).csm_id == CSM
    assert reader_of({HEADER: "boss@example.com"}, environment).sees == "everything"


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "nobody@example.com"}, {"X-Other": "boss@example.com"}])
def test_whoever_is_not_in_the_list_sees_nothing(environment: dict[str, str], headers: dict[str, str]) -> None:
    with pytest.raises(AccessError, match="not in the access list"):
        reader_of(headers, environment)


@pytest.mark.parametrize("left_out", [ACCESS_VARIABLE, IDENTITY_HEADER_VARIABLE])
def test_half_of_the_setting_is_refused(
    environment: dict[str, str], left_out: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del environment[left_out]
    with pytest.raises(AccessError, match="set both, or neither"):
        reader_of({HEADER: "boss@example.com"}, environment)
    monkeypatch.delenv(left_out, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert serve.main(["--warehouse", "nowhere"]) == 1
    assert "set both, or neither" in capsys.readouterr().err


def test_somebody_without_access_is_told_so_and_sees_nothing_else(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # a session of AppTest has no headers, as one that goes around the proxy
    page = AppTest.from_string("from dashboard.frame import run\nfrom dashboard.pages import PAGES\nrun(PAGES)")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    page.run(timeout=60)
    assert "not in the access list" in page.error[0].value
    assert "acc_" not in html_of(page) and "footer" not in html_of(page)
