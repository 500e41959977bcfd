"""The page: complete, readable without colour, and made of nothing but itself."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

from expectations import results_page
from expectations.record import read_keys, read_report
from expectations.report import CheckResult, GateReport
from tests.expectations.company import TODAY, copy, judge

EVIL = "<script>alert('x')</script> & \"quoted\""
VOID = {"meta", "br", "hr"}


class Page(HTMLParser):
    """Tags and words of a page; fails on a tag that is closed twice or never."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data


def report(*results: CheckResult) -> GateReport:
    return GateReport(results, datetime(2026, 7, 1, 3, 5, tzinfo=UTC), date(2026, 6, 30))


def result(check: str, passed: bool, severity: str = "error", keys: int = 0) -> CheckResult:
    return CheckResult("marts", check, passed, severity, f"found {EVIL}", f"expected {EVIL}", f"why {EVIL}", keys)


def test_values_are_text_whatever_they_hold() -> None:
    keys = {("marts", "vanished"): tuple(json.dumps({"account_id": f"{EVIL}{number}"}) for number in range(9))}
    text = results_page.render(report(result("vanished", False, keys=9), result("range", True)), keys)
    page = Page(text)
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.words.count(f"found {EVIL}") == 3, "once as what holds, and both in the list of all checks"
    assert page.words.count("alert('x')</script> & \"quoted\"0") == 1
    assert f"{EVIL}4" in page.words and f"{EVIL}5" not in page.words, "the first five keys, and how to get all"
    assert "build_log.gate_failing_keys" in page.words


def test_nothing_comes_from_elsewhere() -> None:
    text = results_page.render(report(result("vanished", False)), {})
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not [attributes for _, attributes in page.tags if {"src", "href"} & set(attributes)]
    assert not re.search(r"https?://|url\(|@import", text)
    assert "default-src 'none'" in text, "and the browser is told so"
    assert "width=device-width" in text


def test_every_verdict_has_a_sign_and_a_word() -> None:
    results = (result("held", False), result("warned", False, "warn"), result("passed", True))
    signs = [
        (attributes.get("aria-label"), attributes.get("title"))
        for tag, attributes in Page(results_page.render(report(*results), {})).tags
        if attributes.get("role") == "img"
    ]
    assert {("Holds", "Holds"), ("Warning", "Warning"), ("Passed", "Passed")} == set(signs)


def test_the_page_says_what_follows() -> None:
    assert "stays back; readers keep the last good publication" in results_page.render(report(result("x", False)), {})
    assert "The build of 30 June 2026 may go out." in results_page.render(report(result("x", True)), {})
    assert "Publication held" in results_page.render(report(), {}), "a gate that checked nothing has not passed"


def test_the_page_can_be_written_again_from_what_is_kept(today: Path, tmp_path: Path) -> None:
    renamed = f"update intermediate.int_account_days set segment = 'x' where date_day = date '{TODAY}'"
    warehouse = copy(today, tmp_path / "warehouse", renamed)
    judge(warehouse, ["staged_facts"])
    page = results_page.path(warehouse)
    written = page.read_text("utf-8")
    page.unlink()
    kept = read_report(warehouse)
    assert kept
    results_page.write(warehouse, kept, read_keys(warehouse, kept.as_of, results_page.KEYS_SHOWN))
    assert page.read_text("utf-8") == written
    assert [path.name for path in page.parent.iterdir()] == ["index.html"], "no half-written file stays behind"
