"""From a configuration to a landing folder.

Belongs here: the order in which the parts are drawn and written.
Does not belong here: the parts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from examples.company.billing import Billing
from examples.company.book import AccountBook, open_book
from examples.company.causes import Causes, unfold_causes
from examples.company.config import CompanyConfig, CompanyTotals
from examples.company.crm import (
    Directory,
    account_rows,
    csm_rows,
    identifier_rows,
    open_directory,
    outcome_rows,
    plan_rows,
)
from examples.company.defects import DefectBook
from examples.company.engagements import engagement_table, override_table, pulse_table
from examples.company.landing_files import Landing
from examples.company.raw_tables import TABLES
from examples.company.relationships import Relationships, drop_unsold_products, unfold_relationships
from examples.company.support import support_tables
from examples.company.surveys import survey_table
from examples.company.usage import UsageWriter

World = tuple[AccountBook, Causes, Relationships]


def unfold_world(config: CompanyConfig) -> World:
    """What really happens, before any system records it."""
    book = open_book(config)
    causes = unfold_causes(config, book)
    relationships = unfold_relationships(config, book, causes)
    drop_unsold_products(book, relationships)
    return book, causes, relationships


def generate(
    out: Path, config: CompanyConfig | None = None, report: Callable[[str], None] | None = None
) -> CompanyTotals:
    """Write the company's landing files into `out`; the same configuration gives the same bytes."""
    config = config or CompanyConfig()
    say = report or (lambda text: None)
    began = time.monotonic()
    landing = Landing(Path(out), config)
    defects = DefectBook(config)
    book, causes, relationships = unfold_world(config)
    identifiers, source_ids = identifier_rows(config, book)
    directory = open_directory(config, book, causes, relationships, source_ids)
    usage = UsageWriter(config, book, causes, relationships, directory, defects)
    last_files = _write_tables(config, landing, defects, (book, causes, relationships), directory, identifiers, usage)
    say(f"{sum(landing.rows.values()):,} rows of accounts, billing, support, surveys and CRM")
    events = usage.write(landing)
    say(f"{events:,} usage events")
    defects.break_lines(landing, last_files)
    defects.save(landing)
    return CompanyTotals(
        accounts=config.accounts,
        users=directory.size,
        events=events,
        churned_accounts=int(relationships.churned(config, book).sum()),
        account_years=relationships.account_days(config, book) / 365.0,
        rows=dict(landing.rows),
        files=dict(landing.files),
        planted=defects.totals(),
        seconds=time.monotonic() - began,
    )


def _write_tables(
    config: CompanyConfig,
    landing: Landing,
    defects: DefectBook,
    world: World,
    directory: Directory,
    identifiers: pa.Table,
    usage: UsageWriter,
) -> dict[str, str]:
    """All tables but the usage events; returns the last file of each."""
    book, causes, relationships = world
    edges = landing.edges()
    last_files: dict[str, str] = {}

    def write(name: str, rows: pa.Table) -> None:
        for path, part in landing.write(TABLES[name], defects.spoil(name, rows, edges)):
            defects.note(name, path, part)
            last_files[name] = path

    write("accounts", account_rows(config, book))
    write("account_identifiers", identifiers)
    write("csms", csm_rows(config, book))
    write("account_outcomes", outcome_rows(config, book, relationships))
    write("milestone_plans", plan_rows(config, book))
    write("users", directory.users)
    billing = Billing(config, book, causes, relationships, directory.source_ids["billing"])
    write("subscriptions", billing.subscriptions())
    write("invoice_lines", billing.invoices())
    tickets, ticket_events = support_tables(
        config, book, causes, relationships, directory, usage.activity, defects.support_outage
    )
    write("support_tickets", tickets)
    write("ticket_events", ticket_events)
    write("survey_responses", survey_table(config, book, causes, relationships, directory))
    write("csm_pulses", pulse_table(config, book, causes, relationships))
    write("engagements", engagement_table(config, book, causes, relationships))
    write("score_overrides", override_table(config, book, relationships))
    return last_files
