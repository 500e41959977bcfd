"""What pages say equals SQL on the marts, for accounts picked by chance; empty states, links, CSV, publications."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from customer_health.dashboard import tables
from customer_health.dashboard.markup import above, account_link, badge, bullets, paragraph, tile, tiles
from customer_health.dashboard.pages import PAGES
from customer_health.publication.status import hold
from customer_health.reading import accounts, book, words
from customer_health.reading.published import Row, Snapshot
from tests.dashboard.conftest import DrawPage, html_of
from tests.orchestration.published_company import NOW, SECOND_DAY, company, gate_report, published
from tests.reading.two_teams import CSM, two_teams

WHOLE = "from customer_health.dashboard.frame import run\nfrom customer_health.dashboard.pages import PAGES\nrun(PAGES)"
SEED = 20260630


def some_standings(snapshot: Snapshot, count: int, seed: int = SEED) -> list[Row]:
    rows = snapshot.rows(
        "select account_id, scorecard, is_primary from health.rpt_account_health_current order by account_id, scorecard"
    )
    return random.Random(seed).sample(rows, count)


def shown_sum(html: str, ending: str) -> float:
    found = re.search(r"Sum: <b>([-+]?[\d.]+)</b> points " + ending, html)
    assert found, html
    return float(found[1])


def test_an_account_without_a_score_has_a_whole_page(draw: DrawPage, snapshot: Snapshot) -> None:
    unscored = snapshot.rows(
        "select account_id, scorecard from health.rpt_account_health_current where health_score is null"
        " order by account_id, scorecard limit 3"
    )
    assert unscored
    for standing in unscored:
        app = draw("account", account=standing["account_id"], scorecard=standing["scorecard"])
        assert not app.error, app.error
        assert "too little is known for a score" in html_of(app)


def test_an_account_shows_the_numbers_of_the_marts(draw: DrawPage, snapshot: Snapshot) -> None:
    for standing in some_standings(snapshot, 4):
        account_id, scorecard = standing["account_id"], standing["scorecard"]
        key = {"account": account_id, "scorecard": scorecard, "day": snapshot.as_of}
        score = snapshot.row(
            "select * from health.fct_health_scores where account_id = $account and scorecard = $scorecard "
            "and date_day = $day",
            key,
        )
        html = html_of(draw("account", account=account_id, scorecard=scorecard, days="7"))
        assert score is not None
        if score["health_score"] is None:
            assert "No score" in html
            continue
        assert f'<span class="score">{score["health_score"]:.1f}</span>' in html
        assert shown_sum(html, "of 100 brought") == pytest.approx(score["health_score_before_rules"], abs=0.051)
        before = snapshot.value(
            "select health_score from health.fct_health_scores where account_id = $account and scorecard = $scorecard "
            "and date_day = $day",
            {**key, "day": snapshot.as_of - timedelta(days=7)},
        )
        moved = snapshot.value(
            "select count(*) from health.rpt_score_changes where account_id = $account and scorecard = $scorecard "
            "and date_day = $day and days_back = 7",
            key,
        )
        if before is not None and moved:
            assert shown_sum(html, "in 7 days") == pytest.approx(score["health_score"] - before, abs=0.051)
        for row in snapshot.rows(
            "select * from health.fct_score_drivers where account_id = $account and scorecard = $scorecard "
            "and date_day = $day and points is not null",
            key,
        ):
            assert f">{row['contribution']:.1f}<" in html, row
            assert f">{row['loss']:.1f}<" in html, row


@pytest.mark.parametrize("days_back", accounts.DAYS_BACK)
def test_what_moved_a_score_is_what_the_mart_says(snapshot: Snapshot, days_back: int) -> None:
    for standing in some_standings(snapshot, 6):
        account_id, scorecard = standing["account_id"], standing["scorecard"]
        told = {
            (row["effect"], row["metric"]): row["change_points"]
            for row in snapshot.rows(
                "select effect, metric, sum(change_points) as change_points from health.fct_score_changes "
                "where account_id = $account and scorecard = $scorecard and date_day <= $day "
                "and date_day > $day - cast($days as integer) group by 1, 2",
                {"account": account_id, "scorecard": scorecard, "day": snapshot.as_of, "days": days_back},
            )
        }
        found = accounts.changes(snapshot, account_id, scorecard, days_back)
        assert {(row["effect"], row["metric"]): pytest.approx(row["change_points"]) for row in found} == told


def test_the_path_of_an_account_is_told_as_the_marts_have_it(draw: DrawPage, snapshot: Snapshot) -> None:
    row = snapshot.row(
        "select days.*, scores.scorecard from journey.fct_journey_days as days "
        "inner join health.fct_health_scores as scores using (account_id, desired_outcome, date_day) "
        "where date_day = $day order by abs(days_ahead) desc, account_id",
        {"day": snapshot.as_of},
    )
    assert row is not None and row["days_ahead"] != 0
    html = html_of(draw("account", account=row["account_id"], scorecard=row["scorecard"]))
    assert words.ahead(row["days_ahead"]) in html
    newest = snapshot.rows(
        "select milestone_status from journey.fct_milestones "
        "where account_id = $account and desired_outcome = $outcome and spell_number = $spell and path_number = $path "
        "qualify row_number() over (partition by milestone order by instance_number desc) = 1",
        {
            "account": row["account_id"],
            "outcome": row["desired_outcome"],
            "spell": row["spell_number"],
            "path": row["path_number"],
        },
    )
    reached = sum(item["milestone_status"].startswith("reached") for item in newest)
    asked = sum(item["milestone_status"] != "not_applicable" for item in newest)
    assert f"{reached} of {asked} milestones reached" in html


def test_the_executive_view_counts_what_the_portfolio_mart_counts(draw: DrawPage, snapshot: Snapshot) -> None:
    html = html_of(draw("portfolio", role="executive"))
    company_row = snapshot.row("select * from health.rpt_csm_portfolio where portfolio_level = 'company'")
    assert company_row is not None
    tiles = dict(re.findall(r'<div class="label">(.*?)</div><div class="value">(.*?)</div>', html))
    assert tiles["Customers"] == f"{company_row['customers']:,}"
    assert tiles["Revenue a month"] == words.usd(company_row["mrr_usd"])
    assert tiles["Revenue at risk"] == words.usd(company_row["mrr_at_risk_usd"])
    at_risk = book.at_risk(snapshot)
    assert len(at_risk) == company_row["customers_at_risk"]
    # rounded to cents per account on the list, and exact in the portfolio
    listed_usd = sum(row["mrr_usd"] for row in at_risk)
    assert float(listed_usd) == pytest.approx(float(company_row["mrr_at_risk_usd"]), abs=0.005 * len(at_risk))


def test_a_csm_finds_their_own_accounts_and_queue(draw: DrawPage, snapshot: Snapshot) -> None:
    html = html_of(draw("portfolio", role="csm", csm=CSM))
    mine = snapshot.rows(
        "select account_id from health.rpt_account_health_current where is_primary and csm_id = $csm", {"csm": CSM}
    )
    shown = set(re.findall(r"account=(acc_\d+)", html))
    assert shown == {row["account_id"] for row in mine}


@pytest.mark.parametrize("role", ["csm", "executive", "product", "sales"])
def test_every_role_is_drawn_without_an_error(draw: DrawPage, role: str) -> None:
    page = draw("portfolio", role=role)
    assert not page.error
    assert "<footer>" in html_of(page)


def test_what_is_chosen_stands_in_the_address(draw: DrawPage, snapshot: Snapshot) -> None:
    two = snapshot.value(
        "select account_id from health.rpt_account_health_current group by 1 having count(*) > 1 order by 1"
    )
    page = draw("account", account=two)
    headline, other = [row["scorecard"] for row in accounts.standings(snapshot, two)][:2]
    assert f"scorecard {headline}," in html_of(page)
    page.button_group[0].set_value(other).run()
    assert f"scorecard {other}," in html_of(page)
    assert page.query_params["scorecard"] == other
    again = draw("account", account=two, scorecard=other)
    assert f"scorecard {other}," in html_of(again)


@pytest.mark.parametrize("given", ["acc_99999", "<script>alert(1)</script>", "' or 1=1 --"])
def test_an_unknown_account_is_said_and_nothing_runs(draw: DrawPage, given: str) -> None:
    html = html_of(draw("account", account=given))
    assert "There is no account" in html
    assert "<script" not in html


def test_names_from_data_stay_text() -> None:
    evil = '<img src=x onerror="alert(1)">'
    assert "<img" not in account_link(evil, evil) and "<img" not in badge(evil, evil, evil)


def test_whatever_is_put_into_a_piece_stays_text() -> None:
    evil = "<script>alert('x')</script>"
    # cells that take no care of what they hold
    columns = [tables.Column(evil, lambda row: row["name"], "long"), tables.Column("", tables.text("name"))]
    pieces = (
        tables.table([{"name": evil}], columns, evil),
        tiles([tile(evil, evil, evil, evil), evil]),
        paragraph(evil, evil),
        bullets([evil]),
        above(evil, evil),
        badge(evil, evil, evil, evil),
    )
    for piece in pieces:
        assert "<script" not in piece and "&lt;script&gt;" in piece
    nested = above(paragraph(evil), "")
    assert "<p>&lt;script&gt;" in nested, "what is Markup already is not escaped twice"


def test_csv_holds_all_rows_and_no_formula() -> None:
    rows = [{"account_name": "=HYPERLINK(1)", "health_score": 1.5}] * 40
    read = list(csv.reader(io.StringIO(tables.csv_of(rows).decode("utf-8-sig"))))
    assert read[0] == ["account_name", "health_score"]
    assert read[1] == ["'=HYPERLINK(1)", "1.5"] and len(read) == 41


def test_the_words_are_those_of_the_marts(snapshot: Snapshot) -> None:
    """A value is said the same way in the dashboard and in a mart's sentence."""
    checked = 0
    for standing in some_standings(snapshot, 8):
        sentences = snapshot.row(
            "select driver_up_1, driver_down_1 from health.rpt_account_health_in_words "
            "where account_id = $account and scorecard = $scorecard",
            {"account": standing["account_id"], "scorecard": standing["scorecard"]},
        )
        assert sentences is not None
        for row in accounts.contributions(snapshot, standing["account_id"], standing["scorecard"]):
            for sentence in filter(None, sentences.values()):
                if row["points"] is not None and sentence.startswith(f"{row['label']}: "):
                    value = words.metric_value(row["value"], row["unit"], row["aggregation"])
                    assert sentence.startswith(f"{row['label']}: {value} ("), sentence
                    checked += 1
    assert checked > 4


def test_a_publication_under_an_open_page_is_seen_at_the_next_interaction(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = two_teams(tmp_path_factory.mktemp("published twice"))
    monkeypatch.setenv("CUSTOMER_HEALTH_WAREHOUSE", str(other.warehouse))
    page = AppTest.from_string(WHOLE, default_timeout=60).run()
    assert "As of <b>2026-06-29</b>" in html_of(page)
    other.bring(company().second)
    published(other.warehouse, SECOND_DAY, hours=1)
    page.run()
    assert not page.error
    assert "As of <b>2026-06-30</b>" in html_of(page)


def test_a_held_publication_is_said_on_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    held = two_teams(tmp_path_factory.mktemp("held"))
    hold(
        held.warehouse,
        as_of=SECOND_DAY,
        reason="scores <b>drifted</b>",
        gate=gate_report(SECOND_DAY, passed=False),
        now=NOW + timedelta(days=1),
    )
    monkeypatch.setenv("CUSTOMER_HEALTH_WAREHOUSE", str(held.warehouse))
    html = html_of(AppTest.from_string(WHOLE, default_timeout=60).run())
    assert "Not the newest." in html and "scores &lt;b&gt;drifted" in html


NEWER = """
from customer_health.dashboard.frame import Page, run
run((Page("", "newer than the publication", lambda snapshot: snapshot.rows("select * from health.dim_of_tomorrow")),))
"""


def test_a_publication_of_an_earlier_version_is_said_and_the_rest_stays(draw: DrawPage) -> None:
    page = AppTest.from_string(NEWER, default_timeout=60).run()
    assert "an earlier version of this project did not publish" in page.error[0].value
    assert "footer" in html_of(page)


def test_an_empty_warehouse_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("CUSTOMER_HEALTH_WAREHOUSE", str(tmp_path))
    page = AppTest.from_string(WHOLE, default_timeout=60).run()
    assert "nothing has been published here yet" in page.error[0].value
    assert "footer" not in html_of(page)


def test_each_page_has_a_place_of_its_own() -> None:
    assert PAGES[0].path == ""
    assert len({page.path for page in PAGES}) == len({page.title for page in PAGES}) == len(PAGES)
