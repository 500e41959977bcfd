"""The page that describes every mart works where there is no network, and describes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from customer_health.reading.documentation import document
from tests.commands import run_command

CHROMIUM = "/usr/bin/chromium"


@pytest.mark.slow
def test_the_page_shows_marts_and_metrics_and_asks_nobody(book: Path, tmp_path: Path) -> None:
    written = document(book)
    # elsewhere, alone: whatever it needs is in it
    alone = tmp_path / "sent to somebody.html"
    alone.write_bytes(written.read_bytes())
    asked = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(offline=True)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.goto(f"{alone.as_uri()}#!/model/model.customer_health.dim_accounts")
        page.get_by_role("heading", name="dim_accounts").wait_for()
        assert page.get_by_text("One row per account known on the last day").first.is_visible()
        assert page.get_by_text("tenure_band", exact=True).first.is_visible()
        page.goto(f"{alone.as_uri()}#!/metric/metric.customer_health.mrr_at_risk_share")
        page.reload()
        page.get_by_role("heading", name="Share of recurring revenue at risk").wait_for()
        browser.close()
    # the page's own code makes addresses inside its folder out of templates; its policy lets none of them through
    assert [url for url in asked if not url.startswith(tmp_path.as_uri())] == []


def test_where_nothing_is_published_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("docs", "--warehouse", str(tmp_path)) == 1
    assert "nothing has been published here yet" in capsys.readouterr().err
