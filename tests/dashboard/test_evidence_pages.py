"""Journey, evidence, data quality and configuration say what the marts hold, and what an edit would change."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from customer_health.dashboard.frame import IDENTITY_HEADER_VARIABLE, WAREHOUSE_VARIABLE
from customer_health.dashboard.pages import configuration, does_it_work, journey
from customer_health.reading import accuracy, benchmarks, definitions, evidence, journeys, quality, words
from customer_health.reading.access import ACCESS_VARIABLE
from customer_health.reading.published import Publications, Row, Snapshot
from tests.dashboard.conftest import SCRIPT, DrawPage, html_of
from tests.reading.book_company import book_company

PAGES = ("journey", "does_it_work", "data_quality", "configuration")


@pytest.fixture(scope="module")
def warehouse() -> Path:
    return book_company()


@pytest.fixture(scope="module")
def book(warehouse: Path) -> Snapshot:
    return Publications(warehouse).current()


@pytest.fixture
def draw_book(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> DrawPage:
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse))
    monkeypatch.delenv(ACCESS_VARIABLE, raising=False)
    monkeypatch.delenv(IDENTITY_HEADER_VARIABLE, raising=False)

    def drawn(module: str, **parameters: str) -> AppTest:
        page = AppTest.from_string(SCRIPT.format(module=module), default_timeout=120)
        for name, value in parameters.items():
            page.query_params[name] = value
        return page.run()

    return drawn


def cells(html: str) -> list[list[str]]:
    """The rows of all tables of a page, their cells as text."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    found = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in found if row]


def tiles(html: str) -> dict[str, str]:
    return dict(re.findall(r'<div class="label">(.*?)</div><div class="value">(.*?)</div>', html))


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_drawn_for_companies_large_and_small(draw: DrawPage, draw_book: DrawPage, page: str) -> None:
    for drawn in (draw(page), draw_book(page)):
        assert not drawn.error
        assert "<footer>" in html_of(drawn)


def test_the_funnel_counts_what_the_mart_counts(draw_book: DrawPage, book: Snapshot) -> None:
    for outcome in journeys.outcomes(book):
        name = outcome["desired_outcome"]
        for segment in [None, *journeys.segments(book, name)]:
            expected = book.rows(
                "select label, sum(accounts_on_path), sum(accounts_reached), sum(accounts_late), sum(accounts_missed)"
                " from journey.rpt_journey_funnel"
                " where desired_outcome = $outcome and ($segment is null or segment = $segment)"
                " group by milestone, label",
                {"outcome": name, "segment": segment},
            )
            rows = journeys.funnel(book, name, segment)
            assert sum(row["accounts_on_path"] for row in rows) == sum(list(row.values())[1] for row in expected)
            for row in rows:
                parts = ("accounts_reached", "accounts_ahead", "accounts_late", "accounts_missed")
                assert sum(row[part] for part in parts) == row["accounts_on_path"]
                assert row["accounts_ahead"] >= 0
            html = html_of(draw_book("journey", outcome=name, **({"segment": segment} if segment else {})))
            shown = {tuple(row[:3]) for row in cells(html) if len(row) == 8}
            for row in rows:
                reached = words.share((row["reached_pct"] or 0) / 100)
                assert (row["label"], f"{row['accounts_on_path']:,}", reached) in shown


def test_norms_say_where_we_ask_too_much() -> None:
    row = {"label": "Go-live", "median_days": 40, "expected_day": 30}
    assert "day 40, expected 30" in journey.norms_in_words([row, {**row, "median_days": 20}])
    assert "by the expected day of every milestone" in journey.norms_in_words([{**row, "median_days": None}])


def test_evidence_shows_the_numbers_of_the_marts(draw_book: DrawPage, book: Snapshot) -> None:
    known = [row for row in accuracy.judged(book) if row["outcome"] == "churned"]
    assert known, "the company has lost nobody, so nothing is shown"
    for judged in known:
        ours = book.row(
            "select * from validation.rpt_score_accuracy where scorecard = $scorecard and outcome = 'churned'"
            " and horizon_days = $horizon and period = 'all' and predictor = 'scorecard'",
            {"scorecard": judged["scorecard"], "horizon": judged["horizon_days"]},
        )
        assert ours is not None
        html = html_of(draw_book("does_it_work", scorecard=judged["scorecard"], horizon=str(judged["horizon_days"])))
        shown = tiles(html)
        assert shown["Right order, of 100 pairs"] == ("–" if ours["auc"] is None else f"{100 * ours['auc']:.0f}")
        multiple = "–" if ours["red_multiple"] is None else f"{ours['red_multiple']:.1f} times"
        assert shown["Red accounts"] == multiple
        assert does_it_work.verdict(ours).short in html
    for row in evidence.usefulness(book, 90):
        if row["auc"] is not None:
            assert 0 <= row["auc"] <= 1
    assert evidence.surprise_counts(book)["surprises"] == book.value(
        "select count(*) from validation.rpt_surprise_outcomes where outcome = 'churned' and is_surprise"
    )


@pytest.mark.parametrize(
    ("low", "high", "beats", "short", "mood"),
    [
        (0.7, 0.8, True, "It does.", "good"),
        (0.7, 0.8, False, "It does.", "good"),
        (0.45, 0.6, None, "It does not, as far as can be seen.", "bad"),
        (0.2, 0.4, False, "It does not.", "bad"),
        (None, None, None, "Too early to say.", ""),
    ],
)
def test_the_verdict_follows_the_interval(low: float, high: float, beats: bool, short: str, mood: str) -> None:
    said = does_it_work.verdict({"auc_low": low, "auc_high": high, "beats_generic": beats, "accounts_with_outcome": 4})
    assert (said.short, said.mood) == (short, mood)
    assert ("better than the generic score" in said.long) == bool(beats)


def test_data_quality_counts_what_the_marts_count(draw_book: DrawPage, book: Snapshot) -> None:
    html = html_of(draw_book("data_quality"))
    shown = tiles(html)
    assert shown["Findings"] == f"{book.value('select count(*) from quality.fct_quality_findings'):,}"
    raw = book.value("select sum(raw_rows) from quality.fct_row_conservation")
    assert shown["Raw rows with a known fate"] == f"{raw:,}"
    for row in quality.conservation(book):
        counts = [f"{row[name]:,}" for name in ("raw_rows", "staged_rows", "superseded_rows", "quarantined_rows")]
        assert [row["raw_table"].replace("_", " "), *counts, "● adds up"] in cells(html)
    errors = html_of(draw_book("data_quality", severity="error"))
    for row in quality.findings(book):
        assert (row["severity"] == "error") or f"<br>{row['entity']}</td>" not in errors


def test_weights_and_points_are_those_of_the_configuration(draw_book: DrawPage, book: Snapshot) -> None:
    for card in definitions.scorecards(book):
        weights = definitions.weights(book, card["scorecard"], card["scorecard_version"])
        assert sum(row["weight"] for row in weights) == pytest.approx(100)
        html = html_of(draw_book("configuration", scorecard=card["scorecard"], version=str(card["scorecard_version"])))
        assert card["rationale"][:60].split("'")[0] in html


def test_curves_are_drawn_through_what_accounts_earn(book: Snapshot) -> None:
    """Between two breakpoints the points that accounts earned lie on the line that is drawn."""
    checked = 0
    earned = book.rows(
        "select points.*, benchmarks.* exclude (metric, benchmark_version, benchmark_method)"
        " from health.fct_metric_points as points inner join health.dim_benchmarks as benchmarks"
        " on points.metric = benchmarks.metric and benchmarks.is_in_force and points.benchmark_scope ="
        " coalesce(benchmarks.segment, 'all') || '/' || coalesce(benchmarks.tenure_band, 'all')"
        " where date_day = $day and points is not null and points.benchmark_method in ('linear', 'curve')",
        {"day": book.as_of},
    )
    for row in earned:
        assert drawn_points(row, row["value"]) == pytest.approx(row["points"], abs=1e-6), row
        checked += 1
    assert checked > 500


def drawn_points(row: Row, value: float) -> float:
    points = benchmarks.breakpoints(row)
    if value <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in zip(points, points[1:], strict=False):
        if value < right:
            return low + (high - low) * (value - left) / (right - left)
    return points[-1][1]


def test_every_benchmark_can_be_said_in_words(book: Snapshot) -> None:
    metrics = book.rows("select distinct metric from health.dim_benchmarks order by 1")
    said = [configuration.in_words(row) for each in metrics for row in benchmarks.in_force(book, each["metric"])]
    assert len(said) > 50 and all(said)


def test_an_edit_can_be_tried_on_the_page(draw_book: DrawPage) -> None:
    grades = (Path("seeds") / "scorecards" / "grades.csv").read_text("utf-8")
    stricter = grades.replace(",A,85,", ",A,95,").replace(",B,70,", ",B,80,")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("seeds/scorecards/grades.csv", stricter)
        file.writestr("../../escape.csv", "not one of ours")
    page = draw_book("configuration")
    page.file_uploader[0].upload("edited.zip", packed.getvalue(), "application/zip")
    page.button(key="what_if_ask").click().run()
    html = html_of(page)
    assert "would have another grade today" in html
    assert "grades: 1 A, min_score 85 → 95" in html
    # that the version is sealed is said, without where the files lay for a moment
    assert "grades.csv line" in html and "edited_configuration_" not in html


def test_what_is_no_configuration_is_refused_in_words(draw_book: DrawPage) -> None:
    page = draw_book("configuration")
    page.file_uploader[0].upload("notes.csv", b"a,b\n1,2\n", "text/csv")
    page.button(key="what_if_ask").click().run()
    assert "notes.csv is no file of a configuration" in html_of(page)


def test_without_a_build_file_the_page_says_where_to_ask(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("publications", "health.duckdb", "customer_health.duckdb"):
        (tmp_path / name).symlink_to(warehouse / name)
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(tmp_path))
    page = AppTest.from_string(SCRIPT.format(module="configuration"), default_timeout=60).run()
    assert "This dashboard has the publication only" in html_of(page)
    assert not page.get("file_uploader")
