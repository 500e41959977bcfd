"""A company whose departures nothing foretells, with a signal that appears only once they have happened.

Belongs here: nothing is found where nothing is to be found, it is said aloud, and no fact of the future is used.
Does not belong here: companies in which there is something to find (benchmarks/predictions.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest

from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.landing.load import load_landing
from customer_health.validation.weights.proposal import HORIZON_DAYS, RefusedError, champion_in_force, propose
from examples.company import CompanyConfig, generate
from tests.pipeline import Warehouse, as_published

END = date(2026, 6, 30)
LOADED_AT = datetime(2026, 7, 1, 3)
# far more than anybody does in a day, from the day on which the customer is gone
BURST_DAYS, EVENTS_A_DAY = 21, 40
DEPARTURES = """
select account_id, max(valid_to) from raw.subscriptions
where end_reason in ('cancelled', 'non_payment')
group by account_id
order by account_id
"""


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("nothing to predict")
    company = CompanyConfig(
        accounts=220, days=400, end=END, seed=31, yearly_logo_churn=0.4, churn_ignores_behaviour=True
    )
    generate(folder / "landing", company)
    warehouse = Warehouse(folder / "whole", DEFAULT_CONFIG)
    load_landing(folder / "landing", warehouse.folder, loaded_at=LOADED_AT)
    shutil.rmtree(folder / "landing")
    warehouse.load({"usage_events": bursts(warehouse)}, LOADED_AT, "bursts.csv")
    warehouse.build(
        END, select=("+path:models/marts/validation", "+fct_metric_points", "+fct_quality_findings", "+dim_metrics")
    )
    yield warehouse
    shutil.rmtree(folder, ignore_errors=True)


def bursts(warehouse: Warehouse) -> list[dict[str, object]]:
    """What only those do who have left: days that no score of theirs may know of."""
    rows: list[dict[str, object]] = []
    for account, ended_on in warehouse.query(DEPARTURES):
        for day in range(BURST_DAYS):
            at = datetime.combine(ended_on + timedelta(days=day), time(12))
            if at < LOADED_AT:
                rows += [
                    {
                        "event_id": f"burst {account} {day} {number}",
                        "account_id": account,
                        "event_name": "login",
                        "occurred_at": at + timedelta(minutes=number),
                        "quantity": 1,
                    }
                    for number in range(EVENTS_A_DAY)
                ]
    return rows


def test_the_signal_is_there_once_it_is_too_late(blind: Warehouse) -> None:
    """Or the test below would prove nothing: in the days of grace those who left stand out from all others."""
    [(gone, others)] = blind.query(
        """
        select
            median(points.value) filter (where days.is_in_grace and points.date_day >= spells.ends_on + 14),
            median(points.value) filter (where not days.is_in_grace)
        from health.fct_metric_points as points
        inner join intermediate.int_account_days as days
            on points.account_id = days.account_id and points.date_day = days.date_day
        left join intermediate.int_paid_spells as spells
            on points.account_id = spells.account_id and spells.has_left
        where points.metric = 'logins_28d' and points.value_status in ('observed', 'zero')
        """
    )
    assert gone > 5 * others


def test_nothing_is_found_where_there_is_nothing(blind: Warehouse) -> None:
    rows = blind.query(
        "select differs_from_chance, differs_from_chance_holm from validation.rpt_score_accuracy"
        " where outcome = 'churned' and auc_low is not null"
    )
    assert len(rows) >= 50
    assert sum(differs for differs, _ in rows) <= 0.1 * len(rows)
    assert not any(differs_holm for _, differs_holm in rows)


def test_no_metric_knows_what_comes(blind: Warehouse) -> None:
    """Of the metrics that the burst moves, none may tell before it who will be in it."""
    found = blind.query(
        "select metric, horizon_days from validation.rpt_metric_accuracy where differs_from_chance_holm"
        " and metric in ('logins_28d', 'usage_events_28d', 'active_days_28d', 'usage_per_seat_28d',"
        " 'days_since_last_usage', 'usage_trend_90d')"
    )
    assert found == []


def test_findings_say_that_the_score_does_not_predict(blind: Warehouse) -> None:
    findings = blind.query(
        "select finding, entity from quality.fct_quality_findings"
        " where finding in ('score_does_not_predict', 'score_not_above_generic')"
    )
    assert ("score_does_not_predict", "all") in findings
    assert ("score_not_above_generic", "all") in findings
    due = blind.query("select owner, due_on is not null from validation.rpt_review_due where kind = 'finding'")
    assert due and all(owner != "nobody" and dated for owner, dated in due)


def test_no_other_weights_are_proposed(blind: Warehouse) -> None:
    """Too few have left to learn from in any scorecard, and that is said with the number."""
    snapshot = as_published(blind, END)
    for scorecard in ("adoption", "adoption_enterprise", "efficiency", "growth"):
        with pytest.raises(RefusedError, match=rf"^{scorecard}: refused, \d+ accounts met the outcome"):
            propose(snapshot, champion_in_force(DEFAULT_CONFIG, scorecard, END), HORIZON_DAYS)
