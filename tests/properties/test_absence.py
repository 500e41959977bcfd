"""Missing is never zero, column by column: of what nobody fills, not yet, or not everywhere, no zero is made.

Each account is a situation of its own; its statuses were worked out by hand.

Belongs here: a company whose systems do not tell everything, and what its metrics, findings and prices must be.
Does not belong here: that such input builds (test_legal_input.py), replay and nights (test_pipeline_properties.py).
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from customer_health.core.settings import DEFAULT_CONFIG
from tests.pipeline import Warehouse

FIRST_DAY = date(2025, 1, 1)
# from here on the product exports who uses it, and the CRM who is a champion
TOLD_FROM = date(2025, 5, 1)
AS_OF = date(2025, 9, 30)
SELECTED = ("+fct_metric_points", "+fct_quality_findings", "+rpt_instrumentation_gaps")

# everybody has users, tickets, surveys and use; `silent` never says who uses the product, nor who is a champion; of
# `offline` the CRM says that no use is recorded; `overruled` has rows in instrumentation.csv
ACCOUNTS = ("usual", "silent", "offline", "overruled")


def _rows() -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for account in ACCOUNTS:
        start = datetime.combine(FIRST_DAY, datetime.min.time())
        rows["accounts"].append(
            {
                "account_id": account,
                "segment": "smb",
                "created_at": start,
                "updated_at": start,
                "not_recorded": "surveys;product" if account == "offline" else None,
            }
        )
        # no quantity, no discount, no kind of change, no term
        rows["subscriptions"].append(
            {
                "subscription_item_id": f"item-{account}",
                "valid_from": FIRST_DAY,
                "account_id": account,
                "product": "core",
                "mrr": 100,
                "currency": "USD",
                "billing_status": "paid",
                "updated_at": start,
            }
        )
        user = {"user_id": f"user-{account}", "account_id": account, "created_at": start}
        rows["users"].append({**user, "updated_at": start})
        if account != "silent":
            told = datetime.combine(TOLD_FROM, datetime.min.time())
            rows["users"].append({**user, "is_champion": True, "updated_at": told})
        for number in range(0, (AS_OF - FIRST_DAY).days, 2):
            day = start + timedelta(days=number, hours=9)
            is_told = day.date() >= TOLD_FROM and account != "silent"
            rows["usage_events"].append(
                {
                    "event_id": f"{account}-{number}",
                    "account_id": account,
                    "user_id": f"user-{account}" if is_told else None,
                    "event_name": "dashboard_viewed",
                    "occurred_at": day,
                }
            )
            if number % 20 == 0:
                rows["support_tickets"].append(
                    {"ticket_id": f"t-{account}-{number}", "account_id": account, "opened_at": day, "updated_at": day}
                )
                # answers only: nobody exported what was sent
                rows["survey_responses"].append(
                    {
                        "response_id": f"r-{account}-{number}",
                        "account_id": account,
                        "survey": "nps",
                        "responded_at": day,
                        "score": 8,
                    }
                )
                rows["engagements"].append(
                    {
                        "engagement_id": f"e-{account}-{number}",
                        "account_id": account,
                        "kind": "training",
                        "status": "completed",
                        "occurred_at": day,
                        "updated_at": day,
                    }
                )
                rows["invoice_lines"].append(
                    {
                        "invoice_id": f"i-{account}-{number}",
                        "line_id": "1",
                        "account_id": account,
                        "line_type": "recurring",
                        "issued_on": day.date(),
                        "due_on": day.date() + timedelta(days=14),
                        "amount": 50,
                        "currency": "USD",
                        "updated_at": day,
                    }
                )
    return rows


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("absence")
    config = folder / "configuration"
    shutil.copytree(DEFAULT_CONFIG, config)
    [path] = config.rglob("instrumentation.csv")
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [
                # said by hand: known for this account since June, whatever the rows of others say
                ["active_users_28d", "overruled", "2025-06-01", "", "Its own release tells"],
                ["first_response_breaches", "", "2025-01-01", "", "Answers are recorded elsewhere"],
            ]
        )
    warehouse = Warehouse(folder / "warehouse", config)
    warehouse.load(_rows(), datetime.combine(AS_OF + timedelta(days=1), datetime.min.time()))
    warehouse.build(AS_OF, select=SELECTED)
    return warehouse


def statuses(built: Warehouse, metric: str, account: str = "usual") -> list[tuple[str, date, date]]:
    """Each status of a metric in turn, with its first and last day."""
    days = built.query(
        "select date_day, value_status, value from health.fct_metric_points"
        f" where metric = '{metric}' and account_id = '{account}' order by date_day"
    )
    stretches: list[tuple[str, date, date]] = []
    for day, status, value in days:
        # no metric here goes stale by age: a window that reaches back to what was not told has no number
        assert status not in ("not_instrumented", "stale") or value is None, (day, status, value)
        if stretches and stretches[-1][0] == status:
            stretches[-1] = (status, stretches[-1][1], day)
        else:
            stretches.append((status, day, day))
    return stretches


NEVER = [("not_instrumented", FIRST_DAY, AS_OF)]


@pytest.mark.parametrize(
    "metric",
    [
        # no quantity: no seats, so no share of them
        "seats_used_pct",
        "seats_growth_180d",
        "discount_level_pct",
        "upsells_180d",
        "cancellation_requested",
        # no priority, no event or count of reopening, no rating
        "urgent_tickets_90d",
        "reopened_share_90d",
        "ticket_csat_180d",
        # answers only
        "survey_response_rate_180d",
        # nobody exports what was paid, so nothing is known to be overdue or to have failed
        "invoice_days_overdue",
        "invoices_failed_180d",
        "refunded_share_180d",
        # no event and no engagement ever fed these
        "logins_28d",
        "sticky_share_28d",
        "case_studies_365d",
    ],
)
def test_what_no_row_ever_told_is_not_instrumented(built: Warehouse, metric: str) -> None:
    assert statuses(built, metric) == NEVER


def test_what_is_told_from_a_day_on_is_known_from_it_and_stale_while_a_window_reaches_back(built: Warehouse) -> None:
    before = TOLD_FROM - timedelta(days=1)
    assert statuses(built, "champions_active") == [
        ("not_instrumented", FIRST_DAY, before),
        ("observed", TOLD_FROM, AS_OF),
    ]
    # distinct users of 28 days
    whole = TOLD_FROM + timedelta(days=27)
    assert statuses(built, "registered_users_active_pct") == [
        ("not_instrumented", FIRST_DAY, before),
        ("stale", TOLD_FROM, whole - timedelta(days=1)),
        ("observed", whole, AS_OF),
    ]
    # and of these against 28 days before
    twice = whole + timedelta(days=28)
    assert statuses(built, "active_users_trend_28d") == [
        ("not_instrumented", FIRST_DAY, before),
        ("stale", TOLD_FROM, twice - timedelta(days=1)),
        ("observed", twice, AS_OF),
    ]


def test_an_account_whose_rows_do_not_tell_is_not_instrumented_where_others_are(built: Warehouse) -> None:
    assert statuses(built, "champions_active", "silent") == NEVER
    assert statuses(built, "registered_users_active_pct", "silent") == NEVER
    # what does not hang on it is known
    assert statuses(built, "usage_events_28d", "silent")[-1][0] == "observed"


def test_the_crm_may_say_that_something_is_not_recorded_for_an_account(built: Warehouse) -> None:
    assert statuses(built, "usage_events_28d", "offline") == NEVER
    assert statuses(built, "days_since_last_usage", "offline") == NEVER
    assert statuses(built, "nps_score_180d", "usual")[-1][0] == "observed"
    # "surveys" is no source, table or measure
    assert statuses(built, "nps_score_180d", "offline")[-1][0] == "observed"


def test_instrumentation_by_hand_overrules_what_rows_tell(built: Warehouse) -> None:
    june = date(2025, 6, 1)
    assert statuses(built, "registered_users_active_pct", "overruled")[-1] == ("observed", june, AS_OF)
    assert statuses(built, "first_response_breach_share_90d")[-1][0] == "observed"


def test_findings_name_the_column_and_gaps_price_it(built: Warehouse) -> None:
    never = "select entity, detail from quality.fct_quality_findings where finding = 'column_never_filled'"
    found = dict(built.query(never))
    assert found["survey_responses.sent_at"] == (
        "no row of survey_responses has a value in sent_at, so there is no surveys_sent"
    )
    assert found["invoice_lines.paid_on"].endswith(
        "so there is no invoices_failed, invoices_paid_late, oldest_unpaid_due_on"
    )
    assert "users.is_champion" not in found and "ticket_events.status" not in found
    of_accounts = dict(
        built.query("select entity, detail from quality.fct_quality_findings where finding like 'column_unfilled%'")
    )
    assert of_accounts["users.is_champion"] == (
        "1 account with rows in users and no value in is_champion, so without active_champions"
    )
    prices = {
        (measure, status): (columns, accounts)
        for measure, status, columns, accounts in built.query(
            "select measure, value_status, missing_columns, accounts from quality.rpt_instrumentation_gaps"
        )
    }
    # of the other two the users are not told either, and come first
    assert prices["seats", "not_instrumented"] == ("quantity", 2)
    assert prices["active_champions", "not_instrumented"] == ("is_champion", 1)
    # blamed on use, which comes first, where the CRM says that none is recorded
    assert prices["active_users_28d", "not_instrumented"][1] >= 1
    assert prices["oldest_unpaid_due_on", "not_instrumented"] == ("paid_on", len(ACCOUNTS))
