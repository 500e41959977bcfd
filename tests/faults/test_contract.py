"""The raw contract: what it promises, and that a contract which contradicts itself is refused."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from customer_health.core.contract import ContractError, load_contract

TABLES_OF_THE_DESIGN = {
    "accounts": ("account_id",),
    "account_identifiers": ("source", "external_id"),
    "csms": ("csm_id",),
    "account_outcomes": ("account_id", "desired_outcome", "declared_on"),
    "milestone_plans": ("account_id", "milestone"),
    "users": ("user_id",),
    "usage_events": ("event_id",),
    "support_tickets": ("ticket_id",),
    "ticket_events": ("ticket_id", "changed_at"),
    "subscriptions": ("subscription_item_id", "valid_from"),
    "invoice_lines": ("invoice_id", "line_id"),
    "payments": ("payment_id",),
    "survey_responses": ("response_id",),
    "csm_pulses": ("pulse_id",),
    "engagements": ("engagement_id",),
    "score_overrides": ("override_id",),
}
IMMUTABLE = {"account_identifiers", "usage_events", "ticket_events", "survey_responses", "csm_pulses"}


def contract_with(tmp_path: Path, table: str) -> Path:
    path = tmp_path / "contract.yml"
    head = "version: 2\nsources:\n  - name: raw\n    tables:\n"
    path.write_text(head + textwrap.indent(textwrap.dedent(table), "      "), encoding="utf-8")
    return path


def designed_tables():
    """A company may add sources of its own (docs/extend-source.md)."""
    return {name: table for name, table in load_contract().tables.items() if name in TABLES_OF_THE_DESIGN}


def test_contract_holds_every_table_with_its_key():
    assert {name: table.key for name, table in designed_tables().items()} == TABLES_OF_THE_DESIGN


def test_only_accounts_and_subscriptions_are_required():
    tables = load_contract().tables
    assert {name for name, table in tables.items() if table.required} == {"accounts", "subscriptions"}


def test_mutable_tables_carry_updated_at_and_the_others_do_not():
    assert {name for name, table in designed_tables().items() if not table.mutable} == IMMUTABLE
    for table in load_contract().tables.values():
        assert ("updated_at" in table.column_names) == table.mutable, table.name


def test_money_is_decimal_and_moments_and_days_are_told_apart_by_name():
    money = {"mrr", "amount", "amount_paid", "refunded_amount"}
    for table in load_contract().tables.values():
        for column in table.columns:
            assert (column.data_type == "decimal(18,4)") == (column.name in money), column.name
            if column.name.endswith("_at"):
                assert column.data_type == "timestamp", column.name
            if column.name.endswith("_on"):
                assert column.data_type == "date", column.name


def test_free_text_about_people_is_marked_personal():
    tables = designed_tables()
    marked = {f"{table.name}.{column.name}" for table in tables.values() for column in table.columns if column.personal}
    assert marked == {
        "account_outcomes.interview_note",
        "survey_responses.comment",
        "csm_pulses.note",
        "engagements.note",
    }


def test_an_account_or_a_user_suffices_where_both_may_be_known():
    tables = designed_tables()
    either = {name: table.require_one_of for name, table in tables.items() if table.require_one_of}
    assert either == {
        "usage_events": ("account_id", "user_id"),
        "support_tickets": ("account_id", "user_id"),
    }


def test_every_known_column_of_a_table_can_be_asked_for_by_name():
    subscriptions = load_contract().table("subscriptions")
    assert subscriptions.column("mrr").required
    with pytest.raises(KeyError, match=r"subscriptions\.arr"):
        subscriptions.column("arr")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            """
            - name: t
              description: d
              config: {meta: {source: crm, key: [a]}}
              columns: [{name: a, data_type: text, description: d, config: {meta: {required: true}}}]
            """,
            "column 'a': type 'text'",
        ),
        (
            """
            - name: t
              description: d
              config: {meta: {source: crm, key: [b]}}
              columns: [{name: a, data_type: varchar, description: d}]
            """,
            "refers to a column 'b'",
        ),
        (
            """
            - name: t
              description: d
              config: {meta: {source: crm, key: [a]}}
              columns: [{name: a, data_type: varchar, description: d}]
            """,
            "key column 'a' has to be required",
        ),
        (
            """
            - name: t
              description: d
              config: {meta: {source: crm, key: [a]}}
              columns: [{name: a, data_type: date, description: d, config: {meta: {required: true}}}]
            """,
            "a date needs time",
        ),
        (
            """
            - name: t
              description: d
              config: {meta: {source: crm, key: [a], mutable: true}}
              columns: [{name: a, data_type: varchar, description: d, config: {meta: {required: true}}}]
            """,
            "mutable, so it has to have updated_at",
        ),
        (
            """
            - name: t
              description: d
              config: {meta: {source: sales, key: [a]}}
              columns: [{name: a, data_type: varchar, description: d, config: {meta: {required: true}}}]
            - name: account_identifiers
              description: d
              config: {meta: {source: crm, key: [source]}}
              columns:
                - {name: source, data_type: varchar, description: d, config: {meta: {required: true, values: [crm]}}}
            """,
            "source 'sales', which the values of account_identifiers.source do not list (crm)",
        ),
        (
            """
            - name: t
              description: d
              config: {meta: {key: [a]}}
              columns: [{name: a, data_type: varchar, description: d, config: {meta: {required: true}}}]
            """,
            "has no source",
        ),
        (
            """
            - name: t
              description: d
              config: {meta: {source: crm, key: [a]}}
              columns: [{name: a, data_type: varchar, config: {meta: {required: true}}}]
            """,
            "column 'a' has no description",
        ),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused_by_table_and_column(tmp_path, table, message):
    with pytest.raises(ContractError, match="table 't'") as refusal:
        load_contract(contract_with(tmp_path, table))
    assert message in str(refusal.value)
