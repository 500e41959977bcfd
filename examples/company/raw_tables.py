"""The tables of the raw contract as this company's systems deliver them.

Belongs here: column order and types, the folder's file format, which system delivers a table.
Does not belong here: the contract itself (models/staging/_raw__sources.yml; a test compares the two).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

TEXT = pa.string()
TIMESTAMP = pa.timestamp("s")
DAY = pa.date32()
NUMBER = pa.float64()
COUNT = pa.int64()
MONEY = pa.decimal128(18, 4)
FLAG = pa.bool_()


@dataclass(frozen=True)
class RawTable:
    name: str
    source: str
    file_format: str  # in the mixed delivery
    key: tuple[str, ...]
    columns: dict[str, pa.DataType]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(list(self.columns.items()))

    @property
    def is_mutable(self) -> bool:
        return "updated_at" in self.columns


def _table(name: str, source: str, file_format: str, key: str, columns: str) -> RawTable:
    """Columns are written `name:type`, because fifteen dictionaries would hide the shape."""
    types = {
        "text": TEXT,
        "timestamp": TIMESTAMP,
        "date": DAY,
        "double": NUMBER,
        "bigint": COUNT,
        "money": MONEY,
        "boolean": FLAG,
    }
    parsed = [column.split(":") for column in columns.split()]
    return RawTable(name, source, file_format, tuple(key.split()), {column: types[kind] for column, kind in parsed})


TABLES: dict[str, RawTable] = {
    table.name: table
    for table in (
        _table(
            "accounts",
            "crm",
            "csv",
            "account_id",
            "account_id:text name:text parent_account_id:text segment:text industry:text region:text "
            "currency:text created_at:timestamp csm_id:text contracted_products:text "
            "not_recorded:text updated_at:timestamp",
        ),
        _table(
            "account_identifiers",
            "crm",
            "csv",
            "source external_id",
            "source:text external_id:text account_id:text valid_from:date",
        ),
        _table(
            "csms",
            "crm",
            "csv",
            "csm_id",
            "csm_id:text name:text team:text weekly_hours:double updated_at:timestamp",
        ),
        _table(
            "account_outcomes",
            "crm",
            "jsonl",
            "account_id desired_outcome declared_on",
            "account_id:text desired_outcome:text declared_on:date is_primary:boolean ended_on:date "
            "interview_on:date interview_note:text updated_at:timestamp",
        ),
        _table(
            "milestone_plans",
            "crm",
            "csv",
            "account_id milestone",
            "account_id:text milestone:text due_on:date updated_at:timestamp",
        ),
        _table(
            "users",
            "crm",
            "csv",
            "user_id",
            "user_id:text account_id:text role:text is_champion:boolean created_at:timestamp "
            "deactivated_at:timestamp updated_at:timestamp",
        ),
        _table(
            "usage_events",
            "product",
            "parquet",
            "event_id",
            "event_id:text account_id:text user_id:text event_name:text occurred_at:timestamp quantity:double",
        ),
        _table(
            "support_tickets",
            "support",
            "jsonl",
            "ticket_id",
            "ticket_id:text account_id:text user_id:text channel:text priority:text category:text "
            "opened_at:timestamp first_response_at:timestamp solved_at:timestamp reopened_count:bigint "
            "csat:double csat_at:timestamp updated_at:timestamp",
        ),
        _table(
            "ticket_events",
            "support",
            "csv",
            "ticket_id changed_at",
            "ticket_id:text changed_at:timestamp status:text priority:text",
        ),
        _table(
            "subscriptions",
            "billing",
            "csv",
            "subscription_item_id valid_from",
            "subscription_item_id:text subscription_id:text account_id:text product:text plan:text "
            "quantity:double mrr:money currency:text discount_pct:double billing_status:text "
            "term_starts_on:date term_ends_on:date auto_renews:boolean cancel_requested_at:timestamp "
            "valid_from:date valid_to:date change_type:text end_reason:text updated_at:timestamp",
        ),
        _table(
            "invoice_lines",
            "billing",
            "csv",
            "invoice_id line_id",
            "invoice_id:text line_id:text account_id:text subscription_id:text line_type:text "
            "period_start:date period_end:date issued_on:date due_on:date paid_on:date amount:money "
            "amount_paid:money refunded_amount:money refunded_on:date voided_on:date currency:text "
            "updated_at:timestamp",
        ),
        _table(
            "survey_responses",
            "survey",
            "csv",
            "response_id",
            "response_id:text account_id:text user_id:text survey:text question:text sent_at:timestamp "
            "responded_at:timestamp score:double comment:text",
        ),
        _table(
            "csm_pulses",
            "crm",
            "csv",
            "pulse_id",
            "pulse_id:text account_id:text csm_id:text role:text pulse:double note:text recorded_at:timestamp",
        ),
        _table(
            "engagements",
            "crm",
            "jsonl",
            "engagement_id",
            "engagement_id:text account_id:text csm_id:text kind:text desired_outcome:text status:text "
            "occurred_at:timestamp closed_on:date disposition:text disposition_on:date note:text "
            "updated_at:timestamp",
        ),
        _table(
            "score_overrides",
            "crm",
            "csv",
            "override_id",
            "override_id:text account_id:text scorecard:text grade:text author:text reason:text "
            "created_at:timestamp expires_on:date updated_at:timestamp",
        ),
    )
}
