"""Every page in a real browser, at the width of a desk and of a phone: nothing fails, nothing leaves this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import CHROMIUM, DRAW_MS, served
from customer_health.dashboard.frame import IDENTITY_HEADER_VARIABLE
from customer_health.dashboard.pages import PAGES
from customer_health.reading.access import ACCESS_VARIABLE
from tests.orchestration.published_company import SECOND_DAY, company, published
from tests.reading.two_teams import CSM, TwoTeams, two_teams

pytestmark = pytest.mark.slow

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
HEADER = "X-Forwarded-Email"
PLACES = [
    *(page.path for page in PAGES),
    *(f"?role={role}" for role in ("csm", "product", "sales")),
    f"?role=csm&csm={CSM}",
    "account?account=acc_00004",
    "account?account=unknown",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def own_teams(tmp_path_factory: pytest.TempPathFactory) -> TwoTeams:
    return two_teams(tmp_path_factory.mktemp("dashboard in a browser"))


@pytest.fixture(scope="module")
def address(own_teams: TwoTeams) -> Iterator[str]:
    with served(own_teams.warehouse) as server:
        yield server.address


def opened(
    browser: Browser, address: str, size: str = "desk", headers: dict[str, str] | None = None
) -> tuple[Page, list]:
    """A page, and everything that went wrong while it was opened."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, extra_http_headers=headers or {})
    page = context.new_page()
    wrong: list[str] = []
    home = address.split("/")[2]
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("response", lambda reply: wrong.append(f"{reply.status}: {reply.url}") if reply.status >= 400 else None)
    page.on("request", lambda asked: None if _is_here(asked.url, home) else wrong.append(f"elsewhere: {asked.url}"))
    page.goto(address)
    return page, wrong


def _is_here(url: str, home: str) -> bool:
    return url.startswith(("data:", "blob:")) or url.split("/")[2] == home


@pytest.mark.parametrize("size", SIZES)
def test_every_page_opens_without_a_fault(browser: Browser, address: str, size: str) -> None:
    for place in PLACES:
        page, wrong = opened(browser, address + place, size)
        page.wait_for_selector("footer", timeout=DRAW_MS)
        page.wait_for_load_state("networkidle")
        assert not wrong, (place, wrong)
        assert not page.get_by_test_id("stAlert").count(), (place, page.get_by_test_id("stAlert").all_inner_texts())
        too_wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth")
        assert too_wide <= 0, (place, size)
        page.context.close()


def test_six_questions_are_answered_with_one_scroll(browser: Browser, address: str) -> None:
    page, _ = opened(browser, f"{address}account?account=acc_00004")
    page.wait_for_selector("footer", timeout=DRAW_MS)
    headings = page.locator(".card h3, .stHtml h2")
    texts = " | ".join(headings.all_inner_texts())
    for question in ("How healthy", "What next", "How sure", "Why it is so", "Why it moved", "Where on the path"):
        assert question in texts
    page.wait_for_timeout(2000)
    last = page.locator(".stHtml h2", has_text="Where on the path").bounding_box()
    assert last is not None and last["y"] + 300 < 2 * SIZES["desk"][1]
    page.context.close()


def test_the_keyboard_reaches_menu_choices_links_and_download(browser: Browser, address: str) -> None:
    page, _ = opened(browser, f"{address}?role=csm")
    page.wait_for_selector("footer", timeout=DRAW_MS)
    links = {text.strip() for text in page.locator("a[href*='account?account=']").all_inner_texts()}
    reached: set[str] = set()
    while len(reached) < 60 and "Download CSV" not in reached:
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.innerText.trim()"))
    assert {"Account", "Customer success", "Download CSV"} <= reached
    assert links & reached
    # within a choice the arrows move, as among radio buttons
    page.get_by_role("radio", name="Customer success").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_selector("h2:has-text('Book by grade')", timeout=DRAW_MS)
    page.context.close()


def test_a_link_leads_to_the_account_and_can_be_shared(browser: Browser, address: str) -> None:
    page, wrong = opened(browser, f"{address}?role=csm")
    page.wait_for_selector("footer", timeout=DRAW_MS)
    link = page.locator("a[href*='account?account=']").first
    name = link.inner_text()
    link.click()
    page.wait_for_selector(".card", timeout=DRAW_MS)
    assert page.locator("h1").inner_text() == name
    again, _ = opened(browser, page.url)
    again.wait_for_selector(".card", timeout=DRAW_MS)
    assert again.locator("h1").inner_text() == name
    assert not wrong
    for one in (page, again):
        one.context.close()


def test_csv_is_downloaded(browser: Browser, address: str) -> None:
    page, _ = opened(browser, f"{address}?role=csm")
    page.wait_for_selector("footer", timeout=DRAW_MS)
    with page.expect_download(timeout=DRAW_MS) as download:
        page.get_by_role("button", name="Download CSV").last.click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[0].startswith("account_id,account_name")
    page.context.close()


def test_a_publication_under_an_open_page_is_seen_at_the_next_click(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    teams = two_teams(tmp_path_factory.mktemp("republished in a browser"))
    with served(teams.warehouse) as server:
        page, wrong = opened(browser, server.address)
        page.wait_for_selector("footer", timeout=DRAW_MS)
        assert "2026-06-29" in page.locator("footer").inner_text()
        teams.bring(company().second)
        published(teams.warehouse, SECOND_DAY, hours=1)
        page.get_by_role("radio", name="Sales").click()
        page.wait_for_selector("footer:has-text('2026-06-30')", timeout=DRAW_MS)
        assert not wrong and not page.get_by_test_id("stAlert").count()
        page.context.close()


def test_a_proxy_says_who_reads(browser: Browser, own_teams: TwoTeams) -> None:
    variables = {ACCESS_VARIABLE: str(own_teams.access), IDENTITY_HEADER_VARIABLE: HEADER}
    with served(own_teams.warehouse, **variables) as server:
        mine, _ = opened(browser, f"{server.address}?role=csm", headers={HEADER: "csm@example.com"})
        mine.wait_for_selector("footer", timeout=DRAW_MS)
        assert f"the accounts of {CSM}" in mine.locator("footer").inner_text()
        stranger, _ = opened(browser, f"{server.address}?role=csm", headers={HEADER: "nobody@example.com"})
        stranger.wait_for_selector("[data-testid=stAlert]", timeout=DRAW_MS)
        assert "not in the access list" in stranger.get_by_test_id("stAlert").inner_text()
        assert not stranger.locator("footer, a[href*='account?']").count()
        for page in (mine, stranger):
            page.context.close()
