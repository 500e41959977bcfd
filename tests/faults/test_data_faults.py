"""Bad data, from the landing file to the marts: every fault provoked for real, in a company written by hand.

Six builds serve all tests: the company without faults, with all of them at once (each in an account of its own), ten
days later with what was missing, in another time zone, loaded by another tool, and with nothing but contracts. The
numbers in the docstrings are those of the list of faults that the project has to answer.

Belongs here: what becomes of rows that are wrong, late, repeated or missing.
Does not belong here: files that cannot be read (test_landing.py), random data (tests/properties).
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_health.core.contract import Column, load_contract
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.landing.load import load_landing
from customer_health.refresh.refresh import BUILD_FILE
from tests.faults import small_company as given
from tests.faults.small_company import AS_OF, LATER_AS_OF, ONLY_BAD_ROWS, SECRET, UNTOUCHED
from tests.in_process import InProcess

CONTRACT = load_contract()
BASE_MODELS = {
    "accounts": "base_crm__accounts",
    "account_identifiers": "base_crm__account_identifiers",
    "csms": "base_crm__csms",
    "account_outcomes": "base_crm__account_outcomes",
    "milestone_plans": "base_crm__milestone_plans",
    "users": "base_crm__users",
    "usage_events": "base_product__usage_events",
    "support_tickets": "base_support__tickets",
    "ticket_events": "base_support__ticket_events",
    "subscriptions": "base_billing__subscriptions",
    "invoice_lines": "base_billing__invoice_lines",
    "payments": "base_billing__payments",
    "survey_responses": "base_survey__responses",
    "csm_pulses": "base_crm__csm_pulses",
    "engagements": "base_crm__engagements",
    "score_overrides": "base_crm__score_overrides",
}
STAGED_MODELS = {
    table: model.replace("base_", "stg_")
    for table, model in BASE_MODELS.items()
    if table != "account_identifiers"  # becomes the list of account keys, which has other rows as well
}
SCORES = (
    "+fct_score_drivers",
    "+fct_metric_points",
    "+fct_health_scores",
    "+fct_score_changes",
    "+path:models/staging",
    "+int_account_days",
    "+quarantine",
)
USAGE_METRICS = ("usage_events_28d", "active_days_28d", "sticky_share_28d", "days_since_last_usage")


class Build:
    """A landing folder and a warehouse, in paths that hold spaces."""

    def __init__(self, folder: Path, config: Path, as_of: date, **dbt_vars: Any) -> None:
        self.landing = folder / "landing zone"
        self.warehouse = folder / "ware house"
        self.run = InProcess(self.warehouse, config, as_of, vars=dbt_vars)

    def land(self, delivery: given.Delivery, file_name: str) -> None:
        given.write(self.landing, delivery, file_name)

    def load(self, loaded_at: datetime) -> None:
        load_landing(self.landing, self.warehouse, loaded_at=loaded_at)

    def dbt(self, *select: str, with_tests: bool = False) -> None:
        command = ["build", "--quiet", "--exclude-resource-type", "unit_test", *([] if with_tests else ["test"])]
        if select:
            command += ["--select", *select]
        assert self.run.run(command) == 0, f"see {self.warehouse / 'logs' / 'dbt.log'}"

    def connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.warehouse / BUILD_FILE), read_only=True)

    def ask(self, sql: str, *parameters: Any) -> list[tuple]:
        with self.connect() as con:
            return con.execute(sql, parameters).fetchall()

    def value(self, sql: str, *parameters: Any) -> Any:
        ((value,),) = self.ask(sql, *parameters)
        return value

    # ------------------------------------------------------------ what tests ask for again and again

    def quarantined(self, table: str, *keys: str) -> dict[str, str]:
        """Key -> reason, of the given keys."""
        rows = self.ask("select row_key, quarantine_reason from staging.quarantine where raw_table = ?", table)
        return {key: reason for key, reason in rows if not keys or key in keys}

    def metric(self, account: str, metric: str, day: date | str) -> tuple[float | None, str]:
        ((value, status),) = self.ask(
            "select value, value_status from health.fct_metric_points"
            " where account_id = ? and metric = ? and date_day = cast(? as date)",
            *(account, metric, str(day)),
        )
        return value, status

    def measures(self, account: str, measure: str) -> dict[str, float]:
        rows = self.ask(
            "select date_day, value from intermediate.int_measures__unioned where account_id = ? and measure = ?"
            " order by date_day",
            *(account, measure),
        )
        return {str(day): float(value) for day, value in rows}

    def mrr(self, account: str, day: str) -> float:
        return float(
            self.value(
                "select mrr_usd from intermediate.int_account_days where account_id = ? and date_day = cast(? as date)",
                *(account, day),
            )
        )

    def findings(self, finding: str) -> dict[str, str]:
        return dict(self.ask("select entity, detail from quality.fct_quality_findings where finding = ?", finding))

    def scores(self, accounts: Iterable[str], last_day: date = AS_OF) -> list[tuple]:
        """Every column of every score; ranks among peers depend on the peers, so scorecards with them are left out."""
        return self.ask(
            "select * from health.fct_health_scores where account_id in (select unnest(?)) and date_day <= ?"
            " and scorecard <> 'efficiency' order by all",
            *(list(accounts), last_day),
        )

    def points(self, accounts: Iterable[str], last_day: date = AS_OF) -> list[tuple]:
        return self.ask(
            "select account_id, date_day, metric, value, value_status,"
            " case when benchmark_method <> 'peer_percentile' then points end as points"
            " from health.fct_metric_points where account_id in (select unnest(?)) and date_day <= ? order by all",
            *(list(accounts), last_day),
        )

    def marts(self) -> list[tuple[str, str]]:
        return self.ask(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('health', 'quality', 'journey', 'validation') order by all"
        )


def _all_measures() -> list[str]:
    with (DEFAULT_CONFIG / "scorecards" / "measures.csv").open() as file:
        return [row["measure"] for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default configuration with exchange rates that end early. What rows of faults fill for the first time would
    change what is known of every other account: all of it is said to be recorded from the beginning."""
    folder = tmp_path_factory.mktemp("configuration") / "seeds"
    shutil.copytree(DEFAULT_CONFIG, folder)
    (folder / "mappings" / "exchange_rates.csv").write_text(given.EXCHANGE_RATES)
    with (folder / "mappings" / "instrumentation.csv").open("a") as file:
        for measure in _all_measures():
            file.write(f"{measure},,2025-01-01,,Recorded\n")
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, config: Path) -> Build:
    build = Build(tmp_path_factory.mktemp("clean"), config, AS_OF)
    build.land(given.company(), "company")
    build.load(given.LOADED_AT)
    build.dbt(*SCORES)
    return build


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory, config: Path) -> Build:
    build = Build(tmp_path_factory.mktemp("faulty"), config, AS_OF)
    build.land(given.company(), "company")
    build.land(given.faults(), "faults")
    doubled = given.only_of(given.company(), "doubled")
    build.land({table: [*rows, *rows] for table, rows in doubled.items()}, "sent again")
    (build.landing / "csm_pulses" / "typed by hand.csv").write_text(given.BROKEN_PULSES)
    build.load(given.LOADED_AT)
    build.dbt()
    return build


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory, config: Path, faulty: Build) -> Build:
    build = Build(tmp_path_factory.mktemp("later"), config, LATER_AS_OF)
    shutil.copytree(faulty.landing, build.landing)
    build.warehouse.mkdir()
    shutil.copy(faulty.warehouse / BUILD_FILE, build.warehouse / BUILD_FILE)
    build.land(given.what_comes_later(), "later")
    build.load(given.LATER_LOADED_AT)
    build.dbt(with_tests=True)
    return build


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory, config: Path) -> Build:
    build = Build(tmp_path_factory.mktemp("berlin"), config, AS_OF, reporting_time_zone="Europe/Berlin")
    build.land(given.berlin(), "berlin")
    build.load(given.LOADED_AT)
    build.dbt(*SCORES)
    return build


def _as_another_tool(table: str, column: Column) -> str:
    """SQL for a column of ours as some other tool might have loaded it; an optional one that is empty is not there."""
    if column.name in ("industry", "written_off_on", "credited_invoice_id"):
        return f"null as ignored_{column.name}"
    if column.data_type == "timestamp":
        return f"timezone('UTC', {column.name}) as {column.name.upper()}"
    if column.data_type == "date":
        return f"cast({column.name} as varchar) as {column.name}"
    if column.data_type == "decimal(18,4)":
        return f"cast({column.name} as {'double' if table == 'subscriptions' else 'varchar'}) as {column.name}"
    return column.name


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, config: Path, clean: Build) -> Build:
    """The clean company as another tool would load it, with two rows that our loader or a key would not let through.

    Moments with a zone, money as text and as doubles, names in another case, optional columns left out.
    """
    build = Build(
        tmp_path_factory.mktemp("lake"),
        config,
        AS_OF,
        raw_schema="lake",
        raw_table_names={table: f"crm_{table}" for table in ("accounts", "users")},
        loaded_at_column="_synced_at",
        has_source_lineage=False,
    )
    build.warehouse.mkdir()
    with duckdb.connect(str(build.warehouse / BUILD_FILE)) as con:
        con.execute(f"attach '{clean.warehouse / BUILD_FILE}' as loaded (read_only)")
        con.execute("create schema lake")
        for table in CONTRACT.tables.values():
            name = build.run.vars["raw_table_names"].get(table.name, table.name)
            columns = ", ".join(_as_another_tool(table.name, column) for column in table.columns)
            rows = f"select {columns}, timezone('UTC', _loaded_at) as _synced_at from loaded.raw.{table.name}"
            if con.execute(f"select count(*) from loaded.raw.{table.name}").fetchone() != (0,):
                con.execute(f"create table lake.{name} as {rows}")
        con.execute("insert into lake.usage_events (account_id, _synced_at) values ('calm_1', '2026-04-01')")
        con.execute("insert into lake.crm_accounts (name, _synced_at) values ('Nobody', '2026-04-01')")
    build.dbt(*SCORES)
    return build


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory, config: Path) -> Build:
    build = Build(tmp_path_factory.mktemp("contracts"), config, AS_OF)
    build.land(given.contracts_only(), "company")
    build.load(given.LOADED_AT)
    build.dbt()
    return build


# ---------------------------------------------------------------- what always holds


@pytest.mark.parametrize("name", ["clean", "faulty", "later", "berlin", "contracts"])
def test_every_raw_row_of_every_file_is_staged_superseded_or_quarantined(name, request):
    build = request.getfixturevalue(name)
    for table, model in BASE_MODELS.items():
        raw = build.ask(f"select _source_file, count(*) from raw.{table} group by 1 order by 1")
        fates = build.ask(
            f"""
            select
                source_file,
                count(*) filter (row_fate = 'staged') + count(*) filter (row_fate = 'superseded')
                    + count(*) filter (row_fate = 'quarantined')
            from staging.{model} group by 1 order by 1
            """
        )
        assert fates == raw, table
        kept = build.value("select count(*) from staging.quarantine where raw_table = ?", table)
        assert kept == build.value(f"select count(*) from staging.{model} where row_fate = 'quarantined'"), table
        if table in STAGED_MODELS:
            typed = build.value(f"select count(*) from staging.{STAGED_MODELS[table]}")
            assert typed == build.value(f"select count(*) from staging.{model} where row_fate = 'staged'"), table


@pytest.mark.parametrize("name", ["faulty", "later", "contracts"])
def test_the_marts_count_the_same_fates(name, request):
    build = request.getfixturevalue(name)
    counted = build.ask(
        "select raw_table, raw_rows, staged_rows, superseded_rows, quarantined_rows, is_conserved"
        " from quality.fct_row_conservation order by 1"
    )
    expected = [
        (
            table,
            *build.ask(
                f"""
                select
                    count(*),
                    count(*) filter (row_fate = 'staged'),
                    count(*) filter (row_fate = 'superseded'),
                    count(*) filter (row_fate = 'quarantined'),
                    true
                from staging.{model}
                """
            )[0],
        )
        for table, model in sorted(BASE_MODELS.items())
    ]
    assert counted == expected


@pytest.mark.parametrize("name", ["faulty", "later"])
def test_quarantine_keeps_each_row_as_it_came_with_its_file_line_and_reason(name, request):
    build = request.getfixturevalue(name)
    explained = {row[0] for row in build.ask("select reason from configuration.quarantine_reasons")}
    tables = {row[0] for row in build.ask("select distinct raw_table from staging.quarantine")}
    assert len(tables) > 8
    for table in tables:
        columns = CONTRACT.table(table).column_names
        values_as_text = ", ".join(f"cast(raw.{column} as varchar)" for column in columns)
        rows = build.ask(
            f"""
            select quarantine.quarantine_reason, quarantine.raw_row, {values_as_text}
            from staging.quarantine as quarantine
            left join raw.{table} as raw
                on quarantine.source_file = raw._source_file and quarantine.source_row = raw._source_row
            where quarantine.raw_table = ?
            """,
            table,
        )
        for reason, kept, *values in rows:
            assert reason in explained
            row = json.loads(kept)
            assert set(row) >= set(columns)
            for column, value in zip(columns, values, strict=True):
                same = row[column] == value or value is not None and str(row[column]).lower() == value.lower()
                assert same or float(row[column]) == float(value), (table, column)


@pytest.mark.fault(53)
@pytest.mark.parametrize("name", ["clean", "faulty", "later", "berlin", "lake", "contracts"])
def test_no_number_in_the_marts_is_infinite_or_no_number(name, request):
    build = request.getfixturevalue(name)
    columns = build.ask(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('health', 'quality') and data_type in ('DOUBLE', 'FLOAT')"
    )
    assert len(columns) > 10
    for schema, table, column in columns:
        bad = build.value(
            f"select count(*) from {schema}.{table} where isnan({column}) or isinf({column})",
        )
        assert bad == 0, f"{schema}.{table}.{column}"


@pytest.mark.parametrize("name", ["clean", "faulty", "later", "berlin", "lake", "contracts"])
def test_points_and_scores_stay_on_their_scale(name, request):
    build = request.getfixturevalue(name)
    assert build.value("select count(*) from health.fct_metric_points where points not between 0 and 100") == 0
    assert build.value("select count(*) from health.fct_health_scores where health_score not between 0 and 100") == 0


@pytest.mark.parametrize("group", [UNTOUCHED, ONLY_BAD_ROWS], ids=["untouched accounts", "accounts with unusable rows"])
def test_faults_change_no_score_and_no_point_of_accounts_without_usable_ones(clean, faulty, later, group):
    assert len(clean.scores(group)) >= 100 * len(group)
    assert faulty.scores(group) == clean.scores(group)
    assert faulty.points(group) == clean.points(group)
    assert later.scores(group) == clean.scores(group)
    assert later.points(group) == clean.points(group)


def test_every_metric_has_one_row_per_account_day(later):
    assert (
        later.ask(
            "select metric from health.fct_metric_points group by metric"
            " having count(*) <> (select count(*) from intermediate.int_account_days)"
        )
        == []
    )


# ---------------------------------------------------------------- 1-2 repeated and contradicting rows


@pytest.mark.fault(1)
def test_exact_duplicates_are_superseded(faulty):
    """Faults, row 1: within a file and across files, in every table that the account has rows in."""
    doubled = given.only_of(given.company(), "doubled")
    assert len(doubled) >= 9
    for table, rows in doubled.items():
        fates = faulty.ask(
            f"select row_fate, count(*) from staging.{BASE_MODELS[table]}"
            f" where source_file = '{table}/sent again.csv' group by 1"
        )
        assert fates == [("superseded", 2 * len(rows))], table


@pytest.mark.fault(2)
def test_rows_of_one_load_that_contradict_each_other_are_a_conflict(faulty):
    """Faults, row 2: with the same updated_at the first one stands, with nothing that dates them both wait."""
    conflicts = faulty.ask(
        "select raw_table, source_file from staging.quarantine"
        " where quarantine_reason = 'conflicting_version' order by 1, 2"
    )
    dated = ["accounts", "invoice_lines", "subscriptions", "support_tickets"]
    undated = [
        (table, f"{table}/{file}.csv") for table in ("csm_pulses", "usage_events") for file in ("company", "faults")
    ]
    assert conflicts == sorted([*((table, f"{table}/faults.csv") for table in dated), *undated])
    assert faulty.mrr("contested", "2026-04-10") == 1000
    assert faulty.metric("contested", "pulse_latest", "2026-04-10")[1] != "observed"


def test_the_same_key_with_a_later_update_is_a_new_version_and_no_fault(faulty):
    """Faults, row 2: the exception."""
    assert faulty.quarantined("accounts", "moved") == {}
    segments = faulty.ask(
        "select segment, min(date_day), max(date_day) from intermediate.int_account_days"
        " where account_id = 'moved' group by 1 order by 2"
    )
    assert segments == [
        ("smb", given.START, date(2026, 2, 28)),
        ("enterprise", date(2026, 3, 1), AS_OF),
    ]


# ---------------------------------------------------------------- 3-5 late and early rows


@pytest.mark.fault(3)
def test_a_row_that_is_a_little_late_changes_its_day_and_none_before(faulty, later):
    """Faults, row 3."""
    _assert_changed_from(faulty, later, "late", date(2026, 4, 9))
    assert later.metric("late", "usage_events_28d", AS_OF)[0] == faulty.metric("late", "usage_events_28d", AS_OF)[0] + 1


@pytest.mark.fault(4)
def test_a_row_that_is_later_than_the_look_back_changes_its_day_and_none_before_and_is_reported(faulty, later):
    """Faults, row 4."""
    day = date(2026, 2, 15)
    _assert_changed_from(faulty, later, "very_late", day)
    before, after = (build.metric("very_late", "usage_events_28d", day)[0] for build in (faulty, later))
    assert after == before + 1
    assert later.metric("very_late", "pulse_latest", "2026-02-28") == (1, "observed")
    assert faulty.findings("late_rows_beyond_lookback") == {}
    found = later.findings("late_rows_beyond_lookback")
    assert set(found) == {"usage_events", "csm_pulses", "accounts"}
    assert "2026-02-15" in found["usage_events"]


def _assert_changed_from(before: Build, after: Build, account: str, day: date) -> None:
    eve = day - timedelta(days=1)
    assert after.points([account], eve) == before.points([account], eve)
    assert after.points([account], day) != before.points([account], day)


@pytest.mark.fault(5)
def test_rows_from_the_future_wait_in_quarantine(faulty):
    """Faults, row 5: in every table; what was planned may lie ahead, and clocks may differ by hours."""
    expected = {
        "usage_events": {"future-far", "future-near"},
        "support_tickets": {"t-future"},
        "csm_pulses": {"pulse-future"},
        "survey_responses": {"csat-future"},
        "invoice_lines": {"inv-early-2/1"},
        "accounts": {"early", "hasty"},
    }
    found = faulty.ask(
        "select raw_table, row_key from staging.quarantine where quarantine_reason = 'timestamp_in_future' order by all"
    )
    assert found == sorted((table, key) for table, keys in expected.items() for key in keys)
    assert (
        faulty.value("select count(*) from staging.base_billing__subscriptions where term_ends_on > date '2026-05-01'")
        > 0
    )
    assert faulty.quarantined("usage_events", "future-hours") == {}


@pytest.mark.fault(65)
def test_values_that_nobody_can_mean_wait_in_quarantine_and_the_rest_builds(faulty):
    found = faulty.ask(
        "select raw_table, row_key, quarantine_reason from staging.quarantine"
        " where quarantine_reason in ('implausible_date', 'implausible_number') order by all"
    )
    assert found == [
        ("csm_pulses", "pulse-sheet", "implausible_date"),
        ("invoice_lines", "inv-early-3/1", "implausible_number"),
        ("subscriptions", "item-early-gift", "implausible_number"),
        ("subscriptions", "item-early-huge-1", "implausible_number"),
        ("subscriptions", "item-early-huge-2", "implausible_number"),
        ("subscriptions", "item-early-huge-3", "implausible_number"),
        ("subscriptions", "item-early-sheet", "implausible_date"),
        ("support_tickets", "t-year-1", "implausible_date"),
        ("usage_events", "endless", "implausible_number"),
        ("usage_events", "zero-of-net", "implausible_date"),
        ("usage_events", "zero-of-unix", "implausible_date"),
        ("users", "u-year-1", "implausible_date"),
    ]
    first_days = faulty.ask("select raw_table, min(date_day) from intermediate.int_source_days group by 1 order by 1")
    assert min(str(day) for _, day in first_days) >= "2025-10-01", first_days


@pytest.mark.fault(65)
def test_values_that_nobody_can_mean_are_decided_anew_and_do_not_reach_back(later):
    """The day after, the row is still kept, and the nightly build does not begin at its day."""
    assert later.quarantined("usage_events", "zero-of-net") == {"zero-of-net": "implausible_date"}
    reached = later.value("select min(product_from_on) from intermediate.int_product__rebuild_range")
    assert str(reached) >= "2025-10-01"


@pytest.mark.fault(5)
def test_a_row_from_the_future_counts_once_it_is_sent_again_on_its_day(later):
    """Faults, row 5: it is kept until its date is no longer ahead of a load."""
    fates = later.ask(
        "select source_file, row_fate from staging.base_product__usage_events where event_id = 'future-near' order by 1"
    )
    assert sorted(fate for _, fate in fates) == ["staged", "superseded"]
    assert later.quarantined("usage_events", "future-near", "future-far") == {"future-far": "timestamp_in_future"}
    days = later.ask(
        "select date_day from intermediate.int_product__event_days where account_id = 'early' and user_id = ''"
    )
    assert sorted(str(day) for (day,) in days) == ["2026-04-11", "2026-04-14"]


# ---------------------------------------------------------------- 6-8 keys and accounts


@pytest.mark.fault(6)
def test_rows_without_a_key_are_quarantined_one_by_one(faulty):
    """Faults, row 6."""
    found = faulty.ask(
        "select raw_table, count(*) from staging.quarantine where quarantine_reason = 'null_key' group by 1 order by 1"
    )
    assert found == [
        ("accounts", 1),
        ("invoice_lines", 1),
        ("subscriptions", 1),
        ("support_tickets", 1),
        ("usage_events", 2),
    ]


@pytest.mark.fault(7)
def test_rows_of_an_unknown_account_wait_in_quarantine(faulty):
    """Faults, row 7: however they name it, and its users' rows with them."""
    rows = given.stranger()
    for table, of_table in rows.items():
        if table != "ticket_events":
            waiting = faulty.value(
                "select count(*) from staging.quarantine where raw_table = ?"
                " and quarantine_reason in ('unknown_account', 'unknown_user') and raw_row like '%stranger%'",
                table,
            )
            assert waiting == len(of_table), table
    assert faulty.quarantined("ticket_events", "t-stranger") == {"t-stranger": "unknown_ticket"}
    assert faulty.value("select count(*) from health.fct_health_scores where account_id = 'stranger'") == 0


@pytest.mark.fault(7)
def test_rows_of_an_unknown_account_come_back_when_it_arrives(later):
    """Faults, row 7: the account that behaves like calm_2 has its whole history, as if it had always been there."""
    assert later.value("select count(*) from staging.quarantine where raw_row like '%stranger%'") == 0
    assert later.value("select count(*) from intermediate.int_account_days where account_id = 'stranger'") == 110
    assert later.ask(
        "select min(override_grade), min(date_day), max(date_day) from health.fct_health_scores"
        " where account_id = 'stranger' and override_grade is not null"
    ) == [("F", date(2026, 3, 1), date(2026, 3, 4))]
    stranger, twin = (later.points([name], LATER_AS_OF) for name in ("stranger", "calm_2"))
    assert [row[1:] for row in stranger] == [row[1:] for row in twin]


@pytest.mark.fault(7)
def test_old_events_come_back_when_what_they_waited_for_arrives(faulty, later):
    """Faults, row 7: an id that came before its account, and an account whose first row could not be used."""
    for account, day in (("foreigner", "2025-12-10"), ("hasty", "2025-12-11")):
        assert faulty.measures(account, "usage_events") == {}
        assert later.measures(account, "usage_events") == {day: 1}
    assert later.value("select count(*) from staging.quarantine where row_key in ('foreign-1', 'hasty-1')") == 0


@pytest.mark.fault(8)
def test_an_account_that_is_no_longer_delivered_keeps_its_history(clean, faulty, later):
    """Faults, row 8: it stays a customer until its contract and the days of grace end, and nothing is forgotten."""
    kept = "select * from intermediate.int_account_days where account_id = 'departed' and date_day <= ? order by all"
    assert faulty.ask(kept, AS_OF) == later.ask(kept, AS_OF)
    assert later.value("select max(date_day) from intermediate.int_account_days where account_id = 'departed'") == date(
        2026, 3, 11
    )
    assert later.scores(["departed"], LATER_AS_OF) == faulty.scores(["departed"])
    assert faulty.scores(["departed"], date(2026, 2, 9)) == clean.scores(["departed"], date(2026, 2, 9))
    assert later.quarantined("usage_events", "departed-late") == {}


# ---------------------------------------------------------------- 9-12 money


@pytest.mark.fault(9)
def test_a_negative_invoice_is_a_credit(faulty):
    """Faults, row 9: it is no debt and no overdue invoice, and lowers what was invoiced."""
    assert faulty.ask("select line_type, amount_usd from staging.stg_billing__invoice_lines where amount_usd < 0") == [
        ("credit", -250)
    ]
    assert faulty.measures("credited", "invoiced_usd") == {"2026-01-02": 1000, "2026-02-15": -250}
    assert faulty.metric("credited", "invoice_days_overdue", AS_OF) == (0, "zero")
    assert faulty.measures("credited", "invoices_failed") == {}


@pytest.mark.fault(10)
def test_a_refund_above_the_invoice_is_used_and_reported(faulty):
    """Faults, row 10."""
    assert faulty.measures("refunded", "refunded_usd") == {"2026-03-10": 800}
    assert set(faulty.findings("refund_above_invoice")) == {"inv-refunded-2/1"}
    value, status = faulty.metric("refunded", "refunded_share_180d", AS_OF)
    assert (round(value, 6), status) == (round(100 * 800 / 1500, 6), "observed")


@pytest.mark.fault(11)
def test_currencies_are_converted_at_the_rate_of_their_month(faulty):
    """Faults, row 11."""
    assert faulty.mrr("mixed", "2026-01-09") == 1000
    assert faulty.mrr("mixed", "2026-01-10") == 1110
    assert faulty.mrr("mixed", "2026-03-05") == 1230
    invoiced = faulty.measures("mixed", "invoiced_usd")
    assert (invoiced["2026-01-20"], invoiced["2026-03-20"]) == (220, 240)


@pytest.mark.fault(12)
def test_the_last_known_rate_is_carried_forward_and_reported(faulty):
    """Faults, row 12."""
    assert faulty.measures("mixed", "invoiced_usd")["2026-03-21"] == 280
    assert set(faulty.findings("exchange_rate_carried_forward")) == {"GBP/2026-02-01"}


@pytest.mark.fault(12)
def test_a_currency_without_any_rate_is_quarantined(faulty):
    """Faults, row 12."""
    assert faulty.quarantined("invoice_lines", "inv-mixed-5/1") == {"inv-mixed-5/1": "missing_exchange_rate"}
    assert faulty.quarantined("subscriptions", "item-mixed-xts") == {"item-mixed-xts": "missing_exchange_rate"}


# ---------------------------------------------------------------- 13-15 subscriptions


@pytest.mark.fault(13)
def test_rows_of_one_item_that_overlap_never_double_the_revenue(faulty):
    """Faults, row 13: one of them is quarantined; two items side by side both count, and so does what follows."""
    assert faulty.quarantined("subscriptions", "item-overlapping-x") == {
        "item-overlapping-x": "overlapping_subscription"
    }
    expected = {"2026-01-14": 1000, "2026-01-15": 1300, "2026-02-20": 1300, "2026-03-14": 1300, "2026-03-15": 1500}
    assert {day: faulty.mrr("overlapping", day) for day in expected} == expected


@pytest.mark.fault(14)
def test_what_ends_before_it_starts_is_quarantined(faulty):
    """Faults, row 14."""
    found = faulty.ask(
        "select raw_table, row_key from staging.quarantine where quarantine_reason = 'end_before_start' order by 1"
    )
    assert found == [
        ("account_outcomes", "backwards/growth"),
        ("subscriptions", "item-backwards-y"),
        ("support_tickets", "t-backwards"),
    ]
    assert faulty.mrr("backwards", "2026-03-05") == 1000


@pytest.mark.fault(15)
def test_a_gap_at_a_plan_change_stays_in_the_index_and_is_marked(faulty):
    """Faults, row 15."""
    gap = faulty.ask(
        "select min(date_day), max(date_day), count(*) from intermediate.int_account_days"
        " where account_id = 'gap' and is_in_grace"
    )
    assert gap == [(date(2026, 2, 1), date(2026, 2, 10), 10)]
    assert faulty.ask(
        "select count(*), count(distinct spell_number), max(tenure_days) from intermediate.int_account_days"
        " where account_id = 'gap'"
    ) == [(100, 1, 99)]


# ---------------------------------------------------------------- 16-18 time zones


@pytest.mark.fault(16)
def test_timestamps_of_any_zone_count_on_the_day_of_the_reporting_zone(berlin):
    """Faults, rows 16 and 18: offsets are read, and a timestamp without one is UTC."""
    assert berlin.measures("clockmaker", "usage_events") == {"2025-10-26": 25, "2025-11-10": 24, "2026-03-29": 23}
    # half past ten in the evening, UTC, is the next day in Berlin
    assert list(berlin.measures("clockmaker", "pulse")) == ["2026-03-30"]


@pytest.mark.fault(17)
def test_days_of_23_and_25_hours_are_one_row_per_account(berlin):
    """Faults, row 17."""
    assert berlin.ask(
        "select count(*), count(distinct date_day), min(date_day), max(date_day) from intermediate.int_account_days"
        " where account_id = 'clockmaker'"
    ) == [(192, 192, date(2025, 10, 1), AS_OF)]
    assert berlin.metric("clockmaker", "active_days_28d", "2026-04-10") == (1, "observed")


# ---------------------------------------------------------------- 31 volume


def test_a_source_that_loses_nine_rows_of_ten_goes_stale_rather_than_to_zero(later):
    """Faults, row 31: an outage is no inactivity, and it is reported."""
    silent = later.ask(
        "select date_day from intermediate.int_source_days where raw_table = 'usage_events' and not is_live order by 1"
    )
    assert [day for (day,) in silent] == given.days(given.OUTAGE_STARTS, LATER_AS_OF)
    found = later.findings("source_outage")
    assert set(found) == {"usage_events"}
    assert f"from {given.OUTAGE_STARTS} to {LATER_AS_OF}" in found["usage_events"]
    for metric in USAGE_METRICS:
        assert later.metric("calm_1", metric, LATER_AS_OF)[1] == "stale", metric
    assert later.ask(
        "select effective_weight from health.fct_score_drivers where account_id = 'calm_1' and date_day = ?"
        " and metric = 'sticky_share_28d'",
        LATER_AS_OF,
    ) in ([(None,)], [(0,)])
    assert later.metric("calm_1", "usage_events_28d", given.OUTAGE_STARTS)[1] == "observed"


def test_a_day_of_ten_times_the_volume_silences_no_other_day_and_no_other_account(clean, faulty):
    """Faults, row 31: the verdict on a day rests on medians, which one loud day does not move."""
    assert faulty.metric("loud", "usage_events_28d", given.LOUD_DAY)[0] > 600
    assert (
        faulty.ask("select date_day from intermediate.int_source_days where not is_live and raw_table = 'usage_events'")
        == []
    )
    assert faulty.points(UNTOUCHED) == clean.points(UNTOUCHED)


# ---------------------------------------------------------------- 50-52 parents


@pytest.mark.fault(50)
def test_a_circle_of_parents_is_cut_and_named(faulty):
    """Faults, row 50."""
    found = faulty.findings("parent_cycle")
    assert "ring_b" in found["ring_a"] and "ring_a" in found["ring_b"]
    assert _ancestors(faulty, "ring_a", "ring_b") == []


@pytest.mark.fault(51)
def test_an_account_that_names_itself_as_parent_stands_alone(faulty):
    """Faults, row 51."""
    assert "itself" in faulty.findings("parent_cycle")["narcissus"]
    assert _ancestors(faulty, "narcissus") == []


@pytest.mark.fault(52)
def test_a_parent_that_nobody_knows_is_reported_and_ignored(faulty):
    """Faults, row 52."""
    assert "nobody" in faulty.findings("orphan_parent")["orphan"]
    assert _ancestors(faulty, "orphan") == []
    assert faulty.ask("select * from health.fct_parent_scores") == []


def _ancestors(build: Build, *accounts: str) -> list[tuple]:
    return build.ask(
        "select * from intermediate.int_account_ancestors where account_id in (select unnest(?))", list(accounts)
    )


# ---------------------------------------------------------------- 53-55 thin data


@pytest.mark.fault(53)
def test_a_metric_without_variance_puts_everybody_in_the_middle(clean):
    """Faults, row 53: nobody ever logs in, so all ranks are shared."""
    assert clean.ask(
        "select distinct value, value_status, points from health.fct_metric_points"
        " where metric = 'logins_28d' and value_status in ('observed', 'zero')"
    ) == [(0, "zero", 50)]


@pytest.mark.fault(54)
def test_a_segment_with_one_account_is_ranked_among_all(clean, berlin):
    """Faults, row 54; and an account that is alone altogether stands in the middle."""
    assert clean.ask(
        "select distinct points.benchmark_scope from health.fct_metric_points as points"
        " where account_id = 'only_enterprise' and metric = 'usage_per_seat_28d' and points is not null"
    ) == [("all/all",)]
    scored = clean.value(
        "select count(*) from health.fct_health_scores where account_id = 'only_enterprise'"
        " and scorecard in ('efficiency', 'adoption_enterprise') and health_score is not null"
    )
    assert scored > 100
    assert (
        berlin.value(
            "select count(*) from health.fct_metric_points where metric = 'usage_per_seat_28d' and points is not null"
        )
        > 100
    )


@pytest.mark.fault(55)
def test_a_metric_that_nobody_has_passes_its_weight_on_in_sight(clean, faulty):
    """Faults, row 55: nobody ever answers an NPS survey."""
    for build in (clean, faulty):
        assert (
            build.value(
                "select count(*) from health.fct_metric_points where metric = 'nps_score_180d' and points is not null"
            )
            == 0
        )
        drivers = build.ask(
            """
            select
                sum(weight),
                sum(effective_weight),
                sum(case when metric = 'nps_score_180d' then weight end),
                sum(case when metric = 'nps_score_180d' then effective_weight end),
                any_value(scores.score_coverage)
            from health.fct_score_drivers as drivers
            inner join health.fct_health_scores as scores using (account_id, date_day, scorecard)
            where account_id = 'calm_1' and date_day = ?
            """,
            AS_OF,
        )
        ((weight, effective_weight, own_weight, own_effective_weight, coverage),) = drivers
        assert abs(effective_weight - 1) < 1e-9
        assert own_weight > 0 and not own_effective_weight
        assert coverage <= 1 - own_weight / weight + 1e-9
    found = faulty.findings("metric_never_observed")
    assert "nps_score_180d" in found


def test_without_optional_tables_everything_else_is_not_instrumented(contracts):
    """Accounts and subscriptions are enough for a build; what is missing is named and never zero."""
    assert contracts.ask(
        """
        select distinct points.value_status
        from health.fct_metric_points as points
        inner join configuration.metrics as metrics using (metric)
        inner join configuration.measures as measures using (measure)
        where measures.raw_table not in ('subscriptions', 'accounts')
            and points.value_status <> 'not_applicable'
        """
    ) == [("not_instrumented",)]
    assert contracts.metric("calm_1", "tenure_days", AS_OF) == (99, "observed")
    assert contracts.value("select count(*) from health.fct_health_scores where health_score is not null") == 0
    assert len(contracts.findings("table_empty")) == 14


# ---------------------------------------------------------------- 60 personal data


@pytest.mark.fault(59)
@pytest.mark.parametrize("name", ["faulty", "later"])
def test_what_people_wrote_and_who_they_are_stays_out_of_marts_and_logs(name, request):
    """Faults, rows 59 and 60: the same words are in raw, staging and rejected rows, so they could have passed."""
    build = request.getfixturevalue(name)
    marts = build.marts()
    assert len(marts) >= 18
    for schema, table in marts:
        leaks = build.ask(f"select * from {schema}.{table} as t where contains(cast(t as varchar), '{SECRET}')")
        assert leaks == [], f"{schema}.{table}"
    for table in ("users", "usage_events", "survey_responses", "csm_pulses", "engagements", "account_outcomes"):
        kept = f"select count(*) from raw.{table} as t where contains(cast(t as varchar), '{SECRET}')"
        assert build.value(kept) > 0, table
    rejected = build.ask("select file_name from landing.rejected_rows where contains(raw_row, ?)", SECRET)
    assert rejected == [("csm_pulses/typed by hand.csv",)]
    for path in (build.warehouse / "logs").rglob("*"):
        assert SECRET not in path.read_text(), path


# ---------------------------------------------------------------- 61-62 surveys and tickets


@pytest.mark.fault(61)
def test_scores_off_their_scale_are_quarantined(faulty):
    """Faults, row 61."""
    assert set(faulty.quarantined("survey_responses", "nps-11", "nps-minus", "csat-9", "ces-0").values()) == {
        "score_out_of_range"
    }
    assert faulty.quarantined("survey_responses", "other") == {"other": "invalid_value"}
    assert faulty.quarantined("csm_pulses", "pulse-9", "pulse-none") == dict.fromkeys(
        ("pulse-9", "pulse-none"), "score_out_of_range"
    )
    assert faulty.quarantined("support_tickets", "t-csat-7") == {"t-csat-7": "score_out_of_range"}


def test_a_row_that_is_sent_again_corrected_takes_the_place_of_the_bad_one(later):
    """Faults, row 61: what could not be used must not stand in the way as a conflict."""
    fates = later.ask("select pulse, row_fate from staging.base_crm__csm_pulses where pulse_id = 'pulse-9' order by 1")
    assert fates == [(5, "staged"), (9, "quarantined")]
    assert later.metric("surveyed", "pulse_latest", LATER_AS_OF) == (5, "observed")


@pytest.mark.fault(62)
def test_a_reopened_ticket_is_what_it_was_on_each_day(faulty):
    """Faults, row 62."""
    assert faulty.measures("reopener", "tickets_opened") == {"2026-01-15": 1, "2026-03-01": 1}
    assert faulty.measures("reopener", "tickets_reopened") == {"2026-03-10": 1}
    assert faulty.metric("reopener", "reopened_share_90d", "2026-03-09") == (0, "zero")
    assert faulty.metric("reopener", "reopened_share_90d", "2026-03-10") == (50, "observed")
    solved = faulty.ask(
        "select valid_from_on, solved_at is not null from staging.stg_support__tickets"
        " where ticket_id = 't-again' order by version_number"
    )
    assert [(str(day), is_solved) for day, is_solved in solved] == [
        ("2026-03-01", False),
        ("2026-03-03", True),
        ("2026-03-10", False),
        ("2026-03-14", True),
    ]


# ---------------------------------------------------------------- another tool's warehouse


def test_tables_of_another_tool_give_the_same_scores(clean, lake):
    """Other schema, other table names, another name for the moment of loading, and no lineage."""
    for table in ("fct_metric_points", "fct_health_scores", "fct_score_drivers", "fct_score_changes"):
        rows = f"select * from health.{table} order by all"
        assert lake.ask(rows) == clean.ask(rows), table


def test_rows_without_lineage_are_quarantined_all_the_same(lake):
    """Faults, row 6."""
    assert lake.ask("select raw_table, quarantine_reason, source_file from staging.quarantine order by 1") == [
        ("accounts", "null_key", None),
        ("usage_events", "null_key", None),
    ]
