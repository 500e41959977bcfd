"""Comments of surveys from raw rows to a metric: what is read, what cannot be, and what is left of the texts.

Belongs here: a few accounts with the default configuration, worked out by hand.
Does not belong here: how a single text is read (tests/unit/test_sentiment.py).
"""

from __future__ import annotations

import shutil
from datetime import date, datetime
from typing import Any

import pytest

from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.sentiment.polarity import polarity, reader
from tests.pipeline import Warehouse

AS_OF = date(2026, 3, 31)
LOADED_AT = datetime(2026, 4, 1, 3)
WARM, PLAIN, ANGRY = (
    "The reports are excellent, thank you",
    "We use it once a week",
    "The search is useless and terrible",
)
GERMAN = "Sehr zufrieden, die Auswertungen sind gut"
COMMENTS = {
    "both": [WARM, ANGRY],
    "plain": [PLAIN],
    "german": [GERMAN],
    "mixed": [GERMAN, WARM],
    "silent": [],
    "scores_only": [None],
}
BUILT = ("+fct_metric_points",)
METRIC = """
select account_id, value_status, value from health.fct_metric_points
where metric = 'comment_sentiment_180d' and date_day = date '{day}'
order by 1
"""


def survey(number: int, account: str, comment: str | None, day: int) -> dict[str, Any]:
    return {
        "response_id": f"r{number}",
        "account_id": account,
        "survey": "nps",
        "sent_at": datetime(2026, 2, day, 9),
        "responded_at": datetime(2026, 2, day, 12),
        "score": 8,
        "comment": comment,
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    config = tmp_path_factory.mktemp("configuration") / "seeds"
    shutil.copytree(DEFAULT_CONFIG, config)
    # comments are asked for as long as surveys are sent, though the first answer came in February
    with (config / "mappings" / "instrumentation.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{measure},,2025-12-01,,Asked for\n" for measure in ("comment_polarity_sum", "comments_read"))
    warehouse = Warehouse(tmp_path_factory.mktemp("comments"), config)
    began = datetime(2025, 12, 1)
    answers = [
        survey(10 * place + number, account, comment, 10 + number)
        for place, (account, comments) in enumerate(COMMENTS.items())
        for number, comment in enumerate(comments)
    ]
    # the surveys run since December, so that the metric is old enough to count
    first = survey(999, "both", None, 1) | {"sent_at": began, "responded_at": None, "score": None}
    rows = {
        "accounts": [{"account_id": name, "name": name, "created_at": began, "updated_at": began} for name in COMMENTS],
        "subscriptions": [
            {
                "subscription_item_id": f"item {name}",
                "account_id": name,
                "product": "core",
                "quantity": 5,
                "mrr": 100,
                "currency": "USD",
                "billing_status": "paid",
                "valid_from": began,
                "updated_at": began,
            }
            for name in COMMENTS
        ],
        "survey_responses": [first, *answers],
    }
    warehouse.load(rows, LOADED_AT)
    warehouse.build(AS_OF, select=BUILT)
    return warehouse


def test_the_mood_is_the_mean_of_what_could_be_read_and_never_zero_for_what_could_not(built: Warehouse) -> None:
    found = {account: (status, value) for account, status, value in built.query(METRIC.format(day=AS_OF))}
    warm, angry = polarity(WARM), polarity(ANGRY)
    assert warm is not None and angry is not None and warm > 50 and angry < -50
    assert found["both"] == ("observed", pytest.approx((warm + angry) / 2, abs=0.01))
    assert found["plain"] == ("zero", 0)
    assert found["german"] == ("not_applicable", None)
    assert found["mixed"] == ("observed", pytest.approx(warm, abs=0.01))
    assert found["silent"] == found["scores_only"] == ("no_base", None)


def test_a_comment_counts_from_the_day_of_the_answer(built: Warehouse) -> None:
    before = {account: status for account, status, _ in built.query(METRIC.format(day=date(2026, 2, 9)))}
    assert before["both"] == before["german"] == "no_base"


def test_no_comment_is_kept_beside_its_reading(built: Warehouse) -> None:
    readings = built.query("select * from staging.stg_survey__comment_sentiments order by 1")
    assert len(readings) == 6
    words = {"excellent", "useless", "zufrieden", "week"}
    assert not [row for row in readings if any(word in str(value) for value in row for word in words)]
    tables = built.query(
        "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('intermediate', 'health')"
    )
    assert len(tables) > 10
    for (table,) in tables:
        said = built.query(f"select * from {table} as rows where cast(rows as varchar) like '%excellent, thank%'")
        assert said == [], table


def test_a_comment_is_read_once_and_again_by_another_reader(built: Warehouse) -> None:
    """Readings are told apart by who read: a value that nobody would read shows which ones were kept."""
    with built.connect(read_only=False) as con:
        con.execute("update staging.stg_survey__comment_sentiments set polarity = 12.5 where value_status = 'zero'")
    built.build(AS_OF, select=("stg_survey__comment_sentiments",))
    kept = "select count(*) from staging.stg_survey__comment_sentiments where polarity = 12.5"
    assert built.query(kept) == [(1,)]
    with built.connect(read_only=False) as con:
        con.execute("update staging.stg_survey__comment_sentiments set read_by = 'somebody else'")
    built.build(AS_OF, select=("stg_survey__comment_sentiments",))
    assert built.query(kept) == [(0,)]
    assert built.query("select distinct read_by from staging.stg_survey__comment_sentiments") == [(reader(),)]
