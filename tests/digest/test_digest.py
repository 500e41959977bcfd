"""Digests say what SQL on the published marts says, to whom it concerns and to nobody else."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from customer_health.digest import html_page, markdown_page
from customer_health.digest.content import Digest, Grade, Item, Section
from customer_health.digest.csm import RENEWALS_WITHIN_DAYS, csm_digest
from customer_health.digest.lead import lead_digest
from customer_health.digest.write import LEAD, Written, file_name, write_digests
from customer_health.reading import book as book_questions
from customer_health.reading import words
from customer_health.reading.access import Reader
from customer_health.reading.published import Publications, Row, Snapshot
from tests.commands import run_command

HEADLINES = "select * from health.rpt_account_health_current where is_primary"
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> & Söhne'


class Reading(HTMLParser):
    """Tags with their attributes, and the text that a person sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


@pytest.fixture(scope="module")
def snapshot(book: Path) -> Snapshot:
    return Publications(book).current()


@pytest.fixture(scope="module")
def written(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_digests(book, tmp_path_factory.mktemp("the digests"), now=datetime(2026, 7, 1, 6))


@pytest.fixture(scope="module")
def csms(snapshot: Snapshot) -> list[Row]:
    return book_questions.csms(snapshot)


def digest_of(book: Path, csm: Row) -> Digest:
    return csm_digest(Publications(book).current(Reader(csm["csm_id"], "accounts")), csm)


def section(digest: Digest, title: str) -> Section:
    [found] = [section for section in digest.sections if section.title == title]
    return found


def moved(snapshot: Snapshot, csm_id: str | None = None) -> dict[str, tuple[float | None, float | None, str, str]]:
    """By account: score and grade a week ago and today, of those whose grade or score moved, computed in Python."""
    scorecards = {row["account_id"]: (row["scorecard"], row["csm_id"]) for row in snapshot.rows(HEADLINES)}
    days = {}
    for day in (snapshot.as_of - timedelta(days=7), snapshot.as_of):
        for row in snapshot.rows("select * from health.fct_health_scores where date_day = ?", [day]):
            if scorecards.get(row["account_id"], ("",))[0] == row["scorecard"]:
                days[row["account_id"], day] = row
    found = {}
    for account, (_, owner) in scorecards.items():
        before, now = (days.get((account, day)) for day in (snapshot.as_of - timedelta(days=7), snapshot.as_of))
        if before is None or now is None or (csm_id and owner != csm_id):
            continue
        scores = before["health_score"], now["health_score"]
        by = abs(scores[1] - scores[0]) if None not in scores else 0
        if before["grade"] != now["grade"] or by >= 5:
            found[account] = (*scores, before["grade"], now["grade"])
    return found


# -- numbers


def test_the_leads_figures_are_those_of_the_company(snapshot: Snapshot) -> None:
    figures = {figure.label: (figure.value, figure.note) for figure in lead_digest(snapshot).figures}
    rows = snapshot.rows(HEADLINES)
    at_risk = [row for row in rows if row["shown_grade"] in ("D", "F")]
    scores = [row["health_score"] for row in rows if row["health_score"] is not None]
    assert figures["Accounts"] == (f"{len(rows):,}", f"{len(scores):,} with a score")
    money = {row["account_id"]: row["mrr_usd"] for row in snapshot.rows("select * from health.dim_accounts")}
    assert figures["Revenue a month"][0] == words.usd(sum(money[row["account_id"]] for row in rows))
    money_at_risk = words.usd(sum(money[row["account_id"]] for row in at_risk))
    assert figures["At risk"] == (str(len(at_risk)), f"{money_at_risk} a month")
    assert figures["Average score"][0] == f"{sum(scores) / len(scores):.0f}"


def test_moved_scores_are_those_of_the_scores(book: Path, snapshot: Snapshot, csms: list[Row]) -> None:
    names = {row["account_id"]: row["account_name"] for row in snapshot.rows(HEADLINES)}
    some = 0
    for csm in csms:
        digest = digest_of(book, csm)
        down, up = section(digest, "Went down"), section(digest, "Went up")
        expected = moved(snapshot, csm["csm_id"])
        assert down.total + up.total == len(expected)
        for item in (*down.items, *up.items):
            candidates = [row for account, row in expected.items() if names[account] == item.about]
            assert any(_said(*row) in item.facts[0] for row in candidates), (item, candidates)
            some += 1
        worse = sum(is_worse(*row) for row in expected.values())
        assert (down.total, up.total) == (worse, len(expected) - worse)
    assert some > 5


def _said(score_before: float | None, score_now: float | None, before: str | None, now: str | None) -> str:
    return f"{before} to {now}" if before and now and before != now else f"{now or 'no score'}"


def is_worse(score_before: float | None, score_now: float | None, before: str | None, now: str | None) -> bool:
    if before != now:
        return now is None or (before is not None and now > before)
    return (score_now or 0) < (score_before or 0)


def test_lists_hold_what_the_marts_hold(book: Path, snapshot: Snapshot, csms: list[Row]) -> None:
    def count(sql: str, csm_id: str) -> int:
        return snapshot.value(f"select count(*) from {sql}", [csm_id])

    totals = dict.fromkeys(("This week", "Healthy, but off the path", "Renewals", "Judge these relationships"), 0)
    for csm in csms:
        digest, own = digest_of(book, csm), csm["csm_id"]
        expected = {
            "This week": count("journey.rpt_work_queue where csm_id = ?", own),
            "Healthy, but off the path": count("journey.rpt_early_interventions where csm_id = ?", own),
            "Renewals": count(
                f"health.rpt_renewals_due where renews_in_days <= {RENEWALS_WITHIN_DAYS} and csm_id = ?", own
            ),
            "Judge these relationships": count(
                "health.fct_metric_points join health.dim_accounts using (account_id) where metric = 'pulse_latest' "
                f"and date_day = '{snapshot.as_of}' and value_status in ('stale', 'not_instrumented') "
                "and not is_in_grace and csm_id = ?",
                own,
            ),
        }
        assert {title: section(digest, title).total for title in expected} == expected
        totals = {title: totals[title] + expected[title] for title in totals}
    assert all(totals.values()), "a list that is empty for everybody proves nothing"


def test_hours_of_the_week_fit(book: Path, snapshot: Snapshot, csms: list[Row]) -> None:
    for csm in csms:
        hours = snapshot.value("select sum(hours) from journey.rpt_work_queue where csm_id = ?", [csm["csm_id"]])
        if hours:
            note = section(digest_of(book, csm), "This week").note
            assert note.startswith(f"{hours:g} hours of your {csm['weekly_hours']:g}")
            assert hours <= csm["weekly_hours"]


def test_the_lead_sees_every_book(snapshot: Snapshot) -> None:
    books = section(lead_digest(snapshot), "Each book")
    owners = {row["csm_id"] for row in snapshot.rows(HEADLINES)}
    assert books.total == len(books.items) == len(owners)


# -- whose


def test_every_csm_gets_theirs_and_nobody_elses_account(written: Written, snapshot: Snapshot, csms: list[Row]) -> None:
    assert written.names == (LEAD, *(csm["csm_id"] for csm in csms))
    assert len(csms) > 2
    rows = snapshot.rows("select account_id, account_name, csm_id from health.dim_accounts")
    for csm in csms:
        own = {row["account_name"] for row in rows if row["csm_id"] == csm["csm_id"]}
        others = {row["account_name"] for row in rows} - own
        for ending in ("html", "md"):
            text = (written.folder / f"{csm['csm_id']}.{ending}").read_text("utf-8")
            text = Reading(text).text if ending == "html" else text
            assert csm["csm_name"] in text
            assert any(name in text for name in own)
            assert not [name for name in others if re.search(rf"\b{re.escape(name)}(?!\w)", text)]


def test_ids_that_are_no_file_names_get_one_of_their_own() -> None:
    names = [file_name(csm_id) for csm_id in ("csm_001", "../../etc", "a/b", "a?b", LEAD, "a b")]
    assert names[0] == "csm_001"
    assert len(set(names)) == len(names)
    assert LEAD not in names
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)


# -- how it is written


def hostile_digest() -> Digest:
    item = Item(HOSTILE, Grade("<b>", HOSTILE, "red;}body{display:none"), HOSTILE, (HOSTILE,), HOSTILE)
    return Digest(
        whose=HOSTILE,
        lead=HOSTILE,
        as_of=date(2026, 6, 30),
        published_at=datetime(2026, 7, 1),
        publication_id="x",
        figures=(),
        sections=(Section("Went down", HOSTILE, "", (item,), 1), Section("Renewals", "", HOSTILE, (), 0)),
        stale=HOSTILE,
    )


def test_whatever_comes_from_the_data_is_text() -> None:
    page = Reading(html_page.render(hostile_digest()))
    assert not {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "b onerror"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert page.text.count(HOSTILE) >= 6
    assert "display:none" not in "".join(str(attributes.get("style")) for _, attributes in page.tags)
    markdown = markdown_page.render(hostile_digest())
    assert "<script" not in markdown
    assert "<img" not in markdown


def test_pages_hold_nothing_from_elsewhere(written: Written) -> None:
    for name in written.names:
        text = (written.folder / f"{name}.html").read_text("utf-8")
        assert not re.search(r"https?://|url\(|@import|src=|href=", text)


def test_a_stale_publication_is_said_first(book: Path, tmp_path: Path) -> None:
    late = write_digests(book, tmp_path, now=datetime(2026, 7, 9))
    assert late.stale
    for name in late.names:
        page = Reading((late.folder / f"{name}.html").read_text("utf-8")).text
        assert page.index("Not the newest.") < page.index("Went down")
        assert "Not the newest." in (late.folder / f"{name}.md").read_text("utf-8")


def test_a_fresh_publication_says_nothing_of_that(written: Written) -> None:
    assert written.stale == ""
    assert not [
        name for name in written.names if "Not the newest" in (written.folder / f"{name}.html").read_text("utf-8")
    ]


def test_where_nothing_is_published_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("digest", "--warehouse", str(tmp_path)) == 1
    assert "nothing has been published here yet" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1100])
def test_pages_fit_the_screen_and_ask_nobody(written: Written, width: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(offline=True, viewport={"width": width, "height": 900}).new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: asked.append(message.text))
        for name in written.names:
            address = (written.folder / f"{name}.html").as_uri()
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert asked == [address]
            asked.clear()
        browser.close()
