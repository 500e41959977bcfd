"""The simulated company is what it claims to be: repeatable, in contract, fair, bounded, honest on defects.

Belongs here: properties of the landing files and of the world behind them.
Does not belong here: what loading, staging or scoring makes of the files.
"""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_health.core.contract import load_contract
from customer_health.landing.load import load_landing
from examples.company import CompanyConfig, CompanyTotals, generate
from examples.company.__main__ import main
from examples.company.company import unfold_world
from examples.company.raw_tables import MONEY, TABLES

PROJECT_ROOT = Path(__file__).resolve().parents[2]
TINY = CompanyConfig(accounts=20, days=120, seed=3)
SMALL = CompanyConfig(accounts=250, days=365, seed=5, events_per_day_scale=0.3)

CONTRACT_TYPES = {
    pa.string(): "varchar",
    pa.timestamp("s"): "timestamp",
    pa.date32(): "date",
    pa.float64(): "double",
    pa.int64(): "bigint",
    MONEY: "decimal(18,4)",
    pa.bool_(): "boolean",
}


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read_file(path: Path, table: str) -> list[dict]:
    """Rows by the types of the contract, read without the loader; planted broken lines are left out."""
    schema = TABLES[table].schema
    if path.suffix == ".parquet":
        return pa.parquet.read_table(path).cast(schema).to_pylist()
    if path.suffix == ".csv":
        rows = pa.csv.read_csv(
            path,
            parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda row: "skip"),
            convert_options=pa.csv.ConvertOptions(
                column_types={name: pa.string() for name in schema.names}, strings_can_be_null=True
            ),
        ).to_pylist()
        return [typed(row, schema) for row in rows if "_broken_" not in str(row[TABLES[table].key[0]])]
    lines = path.read_text(encoding="utf-8").splitlines()
    return [typed(json.loads(line), schema) for line in lines if "_broken_" not in line]


def typed(row: dict, schema: pa.Schema) -> dict:
    out = {}
    for name, value in row.items():
        kind = schema.field(name).type
        if value is None:
            out[name] = None
        elif pa.types.is_timestamp(kind):
            out[name] = str(value).replace(" ", "T").removesuffix("Z")
        elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            out[name] = float(value)
        elif pa.types.is_boolean(kind):
            out[name] = str(value).lower() == "true"
        else:
            out[name] = value
    return out


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompanyTotals]:
    folder = tmp_path_factory.mktemp("a company") / "landing files"
    return folder, generate(folder, SMALL)


@pytest.fixture(scope="module")
def loaded(small: tuple[Path, CompanyTotals], tmp_path_factory: pytest.TempPathFactory) -> Path:
    warehouse = tmp_path_factory.mktemp("warehouse")
    load_landing(small[0], warehouse)
    return warehouse


def test_a_seed_decides_every_byte(tmp_path: Path) -> None:
    generate(tmp_path / "one", TINY)
    generate(tmp_path / "two", TINY)
    generate(tmp_path / "other", CompanyConfig(accounts=20, days=120, seed=4))
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    assert digest(tmp_path / "one") != digest(tmp_path / "other")


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    generate(tmp_path, CompanyConfig(accounts=40, days=200, seed=1))
    generate(tmp_path, TINY)
    alone = tmp_path.parent / "alone"
    generate(alone, TINY)
    assert digest(tmp_path) == digest(alone)


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "mine.csv").write_text("account_id\n", encoding="utf-8")
    with pytest.raises(FileExistsError, match="choose an empty folder"):
        generate(tmp_path, TINY)
    assert (tmp_path / "accounts" / "mine.csv").exists()


def test_the_tables_are_those_of_the_raw_contract() -> None:
    """What the company delivers is in the contract, with its key and types; it need not fill every optional column."""
    contract = load_contract()
    for name, ours in TABLES.items():
        table = contract.table(name)
        types = {column.name: column.data_type for column in table.columns}
        assert ours.key == tuple(table.key), name
        assert {column: CONTRACT_TYPES[kind] for column, kind in ours.columns.items()}.items() <= types.items(), name
        assert set(table.required_columns) <= set(ours.columns), name


@pytest.mark.parametrize("file_format", ["mixed", "csv", "parquet"])
def test_files_hold_contract_columns_only(tmp_path: Path, file_format: str) -> None:
    generate(tmp_path, CompanyConfig(accounts=20, days=120, seed=3, file_format=file_format))
    seen = set()
    for name, table in TABLES.items():
        for path in (tmp_path / name).iterdir():
            seen.add(path.suffix)
            if path.suffix == ".parquet":
                columns = pa.parquet.read_schema(path).names
            elif path.suffix == ".csv":
                columns = path.read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
            else:
                columns = list(json.loads(path.read_text(encoding="utf-8").splitlines()[0]))
            assert columns == list(table.columns), path
    expected = {"mixed": {".csv", ".jsonl", ".parquet"}, "csv": {".csv"}, "parquet": {".parquet"}}
    assert seen == expected[file_format]


def test_the_loader_takes_everything_but_the_broken_lines(small: tuple[Path, CompanyTotals], tmp_path: Path) -> None:
    folder, totals = small
    report = load_landing(folder, tmp_path)
    assert report.count("refused") == 0
    assert report.rows_rejected == totals.planted["malformed_row"] == 4
    assert report.rows_loaded == sum(totals.rows.values()) - 4


def test_the_default_company_has_the_promised_size(tmp_path: Path) -> None:
    totals = generate(tmp_path, CompanyConfig())
    assert 1_300_000 < totals.events < 1_700_000
    assert totals.rows["usage_events"] == totals.events
    assert totals.seconds < 20


@pytest.mark.parametrize("wanted", [20_000, 150_000, 1_000_000])
def test_the_number_of_events_can_be_chosen(tmp_path: Path, wanted: int) -> None:
    totals = generate(tmp_path, CompanyConfig(accounts=150, days=400, seed=9, events=wanted))
    assert totals.events == pytest.approx(wanted, rel=0.06)


def test_a_tenth_to_a_fifth_of_the_customers_leave_each_year() -> None:
    rates = []
    for seed in range(6):
        config = CompanyConfig(seed=seed, accounts=800)
        book, _, relationships = unfold_world(config)
        left = relationships.churned(config, book).sum()
        rates.append(left / (relationships.account_days(config, book) / 365))
    assert 0.12 < np.mean(rates) < 0.18
    assert min(rates) > 0.08 and max(rates) < 0.22


def test_files_name_the_last_day_they_hold_and_late_rows_come_later(
    small: tuple[Path, CompanyTotals],
) -> None:
    folder, _ = small
    late = 0
    for path in (folder / "usage_events").iterdir():
        last_day = date.fromisoformat(path.stem[-10:])
        happened = pa.parquet.read_table(path)["occurred_at"].to_pylist()
        ordinary = [moment.date() for moment in happened if moment.year < 2099]
        # a few hours of the next day belong to people far west
        assert max(ordinary).toordinal() <= last_day.toordinal() + 1
        late += sum(day < last_day.replace(day=1) for day in ordinary)
    planted = json.loads((folder / "_planted_defects.json").read_text(encoding="utf-8"))
    counted = [e["rows"] for e in planted["counts"] if e["kind"] == "late_row" and e["table"] == "usage_events"]
    # repeated rows may be late as well, and the hours before midnight UTC belong to the east
    assert 0 < counted[0] <= late <= counted[0] + 60


def test_no_cause_is_in_the_raw_tables(loaded: Path) -> None:
    config = SMALL
    book, causes, _ = unfold_world(config)
    latents = {
        name: getattr(causes, name).mean(axis=1)
        for name in ("value", "champion", "service", "price", "onboarding", "strength", "mood")
    }
    latents["fit"] = causes.fit
    columns = {column for table in TABLES.values() for column in table.columns}
    assert not columns & set(latents)
    position = {account: index for index, account in enumerate(book.ids)}
    with duckdb.connect(str(loaded / "build.duckdb"), read_only=True) as con:
        for name, table in TABLES.items():
            if "account_id" not in table.columns:
                continue
            for column, kind in table.columns.items():
                if not (pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_integer(kind)):
                    continue
                rows = con.execute(
                    f"select account_id, avg({column})::double from raw.{name} where {column} is not null group by 1"
                ).fetchall()
                pairs = [(position[account], value) for account, value in rows if account in position]
                if len(pairs) < 30:
                    continue
                where, values = (np.array(part) for part in zip(*pairs, strict=True))
                for latent in latents.values():
                    assert abs(np.corrcoef(latent[where], values)[0, 1]) < 0.9, (name, column)


def rank_auc(values: np.ndarray, positive: np.ndarray) -> float:
    """Share of pairs in which the positive one has the higher value; ties count half."""
    order = np.unique(values, return_inverse=True)[1]
    counts = np.bincount(order)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[order]
    ones, zeros = positive.sum(), (~positive).sum()
    return (ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros)


def churn_by_usage(tmp_path: Path, *, blind: bool) -> tuple[float, int]:
    """AUC of active users per seat in four weeks against leaving within the next 90 days, at month ends."""
    config = CompanyConfig(
        accounts=1500,
        seed=21,
        events_per_day_scale=0.02,
        file_format="parquet",
        plant_defects=False,
        churn_ignores_behaviour=blind,
    )
    generate(tmp_path, config)
    load_landing(tmp_path, tmp_path / "warehouse")
    with duckdb.connect(str(tmp_path / "warehouse" / "build.duckdb"), read_only=True) as con:
        rows = con.execute(
            """
            with

            ids as (
                select source, external_id, account_id from raw.account_identifiers
            ),

            items as (
                select coalesce(ids.account_id, items.account_id) as account_id, items.*
                exclude (account_id)
                from raw.subscriptions as items
                left join ids on ids.source = 'billing' and ids.external_id = items.account_id
                where billing_status = 'paid' and product = 'core'
                qualify row_number() over (
                    partition by subscription_item_id, valid_from order by updated_at desc
                ) = 1
            ),

            spells as (
                select
                    account_id,
                    min(valid_from) as begins,
                    min(valid_to) filter (where end_reason in ('cancelled', 'non_payment')) as ends,
                    max(quantity) as seats
                from items group by 1
            ),

            active as (
                select
                    users.account_id,
                    events.occurred_at::date as day,
                    count(distinct events.user_id) as people
                from raw.usage_events as events
                inner join raw.users as users using (user_id)
                where events.event_name = 'login' and users.updated_at = users.created_at
                group by 1, 2
            ),

            month_ends as (
                select unnest(
                    generate_series(date '2025-04-01', date '2026-03-01', interval 1 month)
                )::date as day
            )

            select
                coalesce(spells.ends <= month_ends.day + 90, false) as leaves,
                coalesce((
                    select sum(active.people) from active
                    where active.account_id = spells.account_id
                        and active.day < month_ends.day and active.day >= month_ends.day - 28
                ), 0) / spells.seats as use
            from spells
            inner join month_ends
                on spells.begins < month_ends.day - 30
                and coalesce(spells.ends, date '2099-01-01') > month_ends.day
            """
        ).fetchall()
    leaves = np.array([row[0] for row in rows])
    return rank_auc(np.array([row[1] for row in rows], dtype=float), leaves), int(leaves.sum())


def test_who_uses_little_leaves_more_often(tmp_path: Path) -> None:
    auc, leavers = churn_by_usage(tmp_path, blind=False)
    assert leavers > 200
    assert auc < 0.35


def test_with_the_switch_use_says_nothing_about_leaving(tmp_path: Path) -> None:
    auc, leavers = churn_by_usage(tmp_path, blind=True)
    assert leavers > 200
    assert auc == pytest.approx(0.5, abs=0.08)


def test_with_the_switch_nothing_announces_an_end(tmp_path: Path) -> None:
    config = CompanyConfig(accounts=400, seed=2, churn_ignores_behaviour=True, events=40_000, plant_defects=False)
    generate(tmp_path, config)
    rows = [
        row
        for path in sorted((tmp_path / "subscriptions").iterdir())
        for row in read_file(path, "subscriptions")
        if row["billing_status"] == "paid"
    ]
    assert all(row["cancel_requested_at"] is None for row in rows)
    assert {row["end_reason"] for row in rows} == {None, "replaced", "cancelled"}
    for row in rows:
        term = date.fromisoformat(row["term_ends_on"]) - date.fromisoformat(row["term_starts_on"])
        assert 28 <= term.days <= 31
    ended = {row["account_id"]: row for row in rows if row["end_reason"] == "cancelled"}
    assert len(ended) > 30
    assert all(row["valid_to"] == row["term_ends_on"] for row in ended.values())


def test_with_the_switch_the_hazard_is_constant() -> None:
    """Left at a month end over month ends reached: the same for the young and the old, strong or weak."""
    config = CompanyConfig(accounts=6000, seed=13, churn_ignores_behaviour=True, yearly_logo_churn=0.2)
    book, causes, relationships = unfold_world(config)
    paying = book.trial_converts & ~book.is_free
    ends = np.where(book.term_end_days > 0, book.term_end_days, 10**6)
    reached = (ends < config.days) & (ends <= relationships.end_day[:, None]) & paying[:, None]
    left = reached & (ends == relationships.end_day[:, None])
    tenure = ends - book.paid_day[:, None]
    account = np.broadcast_to(np.arange(book.size)[:, None], ends.shape)
    strength = causes.on_day(causes.strength, account, np.clip(ends, 0, config.days - 1))
    expected = 1 - 0.8 ** (1 / 12)
    for part in (tenure < 180, tenure >= 180, strength < 0, strength >= 0):
        months = int((reached & part).sum())
        error = 4 * np.sqrt(expected * (1 - expected) / months)
        assert (left & part).sum() / months == pytest.approx(expected, abs=error)


def test_memory_does_not_grow_with_the_events(tmp_path: Path) -> None:
    program = (
        "import re, sys; from pathlib import Path; "
        "from examples.company import CompanyConfig, generate; "
        "generate(Path(sys.argv[1]), CompanyConfig(accounts=300, days=365, events=int(sys.argv[2]), "
        # not ru_maxrss: that of a child begins with what its parent had
        "slice_rows=200_000)); "
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1024)"
    )
    peaks = {}
    for events in (500_000, 6_000_000):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / str(events)), str(events)],
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        peaks[events] = int(done.stdout)
    assert peaks[6_000_000] < 600
    assert peaks[6_000_000] - peaks[500_000] < 150


def test_every_planted_defect_is_in_its_file(small: tuple[Path, CompanyTotals]) -> None:
    folder, totals = small
    planted = json.loads((folder / "_planted_defects.json").read_text(encoding="utf-8"))
    kinds = Counter(entry["kind"] for entry in planted["defects"])
    kinds.update({entry["kind"]: 0 for entry in planted["counts"]})
    for entry in planted["counts"]:
        kinds[entry["kind"]] += entry["rows"]
    assert dict(kinds) == totals.planted
    files = {
        path: read_file(folder / path, path.split("/")[0]) for path in {entry["file"] for entry in planted["defects"]}
    }
    for entry in planted["defects"]:
        if entry["kind"] == "malformed_row":
            lines = (folder / entry["file"]).read_text(encoding="utf-8").split("\n")
            assert lines[entry["line"] - 1] == entry["detail"]
            continue
        matches = [
            row
            for row in files[entry["file"]]
            if all(str(plain(row[column])) == str(value) for column, value in entry["key"].items())
        ]
        assert matches, entry
        assert any(is_defective(entry["kind"], row, matches) for row in matches), (entry, matches)


def plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def is_defective(kind: str, row: dict, same_key: list[dict]) -> bool:
    if kind == "null_key":
        return next(iter(row.values())) is None or row.get("event_id", "") is None
    if kind == "conflicting_duplicate":
        return len(same_key) >= 2 and any(other != row for other in same_key)
    if kind == "future_timestamp":
        return any(str(value).startswith("2099") for value in row.values())
    checks = {
        "unknown_account": lambda: row["account_id"] == "acc_99999x",
        "unmapped_event_name": lambda: row["event_name"] == "beta_canvas_opened",
        "end_before_start": lambda: row["valid_to"] < row["valid_from"],
        "overlapping_item_rows": lambda: row["valid_to"] is None and row["end_reason"] is None,
        "negative_invoice": lambda: row["amount"] < 0 and row["line_type"] == "recurring",
        "refund_above_invoice": lambda: row["refunded_amount"] > row["amount"],
        "currency_without_rate": lambda: row["currency"] == "XTS",
        "score_out_of_range": lambda: row["survey"] == "nps" and row["score"] > 10,
        "orphan_parent": lambda: row["parent_account_id"] == "acc_99999x",
        "self_parent": lambda: row["parent_account_id"] == row["account_id"],
    }
    return bool(checks[kind]())


def test_repeated_rows_are_counted(small: tuple[Path, CompanyTotals]) -> None:
    """Beyond the planted ones no row of the company comes twice."""
    folder, _ = small
    planted = json.loads((folder / "_planted_defects.json").read_text(encoding="utf-8"))
    expected = {entry["table"]: entry["rows"] for entry in planted["counts"] if entry["kind"] == "exact_duplicate"}
    for name in TABLES:
        rows = Counter(tuple(row.values()) for path in (folder / name).iterdir() for row in read_file(path, name))
        assert sum(number - 1 for number in rows.values()) == expected.get(name, 0), name


def test_rows_are_counted(small: tuple[Path, CompanyTotals]) -> None:
    folder, totals = small
    planted = json.loads((folder / "_planted_defects.json").read_text(encoding="utf-8"))
    assert planted["complete"] and planted["rows"] == totals.rows
    broken = Counter(entry["table"] for entry in planted["defects"] if entry["kind"] == "malformed_row")
    for name in TABLES:
        files = list((folder / name).iterdir())
        assert len(files) == totals.files[name]
        assert sum(len(read_file(path, name)) for path in files) == totals.rows[name] - broken[name]


def test_defects_stay_rare(small: tuple[Path, CompanyTotals]) -> None:
    _, totals = small
    wrong = sum(number for kind, number in totals.planted.items() if kind != "late_row")
    assert wrong / sum(totals.rows.values()) < 0.002


def test_an_outage_leaves_a_hole(small: tuple[Path, CompanyTotals], loaded: Path) -> None:
    planted = json.loads((small[0] / "_planted_defects.json").read_text(encoding="utf-8"))
    days = {outage["source"]: outage["days"] for outage in planted["outages"]}
    assert len(days["product"]) == 2 and len(days["support"]) == 1
    with duckdb.connect(str(loaded / "build.duckdb"), read_only=True) as con:
        for source, table, moment in (
            ("product", "usage_events", "occurred_at"),
            ("support", "support_tickets", "opened_at"),
        ):
            by_day = dict(
                con.execute(f"select {moment}::date::varchar, count(*) from raw.{table} group by 1").fetchall()
            )
            usual = np.median(list(by_day.values()))
            for day in days[source]:
                # the evening before, in the west, is already the next day in UTC
                assert by_day.get(day, 0) < 0.1 * usual


def test_without_defects_nothing_is_planted(tmp_path: Path) -> None:
    totals = generate(tmp_path, CompanyConfig(accounts=40, days=150, seed=8, plant_defects=False))
    assert set(totals.planted) <= {"late_row"}
    report = load_landing(tmp_path, tmp_path / "warehouse")
    assert report.rows_rejected == 0
    assert json.loads((tmp_path / "_planted_defects.json").read_text(encoding="utf-8"))["outages"] == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    accounts=st.integers(1, 40),
    days=st.integers(60, 400),
    existing_share=st.sampled_from([0.0, 0.5, 1.0]),
    blind=st.booleans(),
)
def test_any_company_keeps_its_books(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    accounts: int,
    days: int,
    existing_share: float,
    blind: bool,
) -> None:
    folder = tmp_path_factory.mktemp("company")
    config = CompanyConfig(
        accounts=accounts,
        days=days,
        seed=seed,
        existing_share=existing_share,
        churn_ignores_behaviour=blind,
        plant_defects=False,
    )
    generate(folder, config)
    tables = {
        name: [row for path in sorted((folder / name).iterdir()) for row in read_file(path, name)]
        for name in TABLES
        if (folder / name).exists()
    }
    end = f"{config.end.isoformat()}T23:59:59"
    for name, rows in tables.items():
        keys = Counter(
            tuple(row[column] for column in (*TABLES[name].key, "updated_at") if column in row) for row in rows
        )
        assert max(keys.values()) == 1, name
        if TABLES[name].is_mutable:
            assert max(row["updated_at"] for row in rows) <= end, name

    latest: dict[tuple, dict] = {}
    for row in sorted(tables["subscriptions"], key=lambda row: row["updated_at"]):
        latest[row["subscription_item_id"], row["valid_from"]] = row
    items: dict[str, list[dict]] = {}
    for (item, _), row in sorted(latest.items()):
        items.setdefault(item, []).append(row)
    for rows in items.values():
        for row, following in pairwise(rows):
            assert row["valid_to"] is not None and row["valid_from"] < row["valid_to"] <= following["valid_from"]
            if row["end_reason"] == "replaced":
                assert row["valid_to"] == following["valid_from"]
        assert (rows[-1]["valid_to"] is None) == (rows[-1]["end_reason"] is None)
        assert rows[-1]["end_reason"] != "replaced"
        assert all(row["mrr"] >= 0 for row in rows)
        assert all(row["mrr"] > 0 for row in rows if row["billing_status"] == "paid")

    created: dict[str, str] = {}
    for row in tables["users"]:
        created.setdefault(row["user_id"], row["created_at"])
    accounts_known = {row["account_id"] for row in tables["accounts"]}
    assert {row["account_id"] for row in tables["users"]} <= accounts_known
    for row in tables.get("usage_events", []):
        if row["user_id"] is not None:
            assert plain(row["occurred_at"]) >= created[row["user_id"]]


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "with a space"
    assert main(["--out", str(folder), "--accounts", "20", "--days", "120", "--seed", "3"]) == 0
    assert "20 accounts" in capsys.readouterr().out
    again = tmp_path / "again"
    generate(again, TINY)
    assert digest(folder) == digest(again)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--accounts", "0"], "accounts must be between 1 and 99999, not 0"),
        (["--days", "5"], "days must be at least 60, not 5"),
        (["--events", "0"], "events must be at least 1, not 0"),
        (["--yearly-logo-churn", "0.9"], "yearly-logo-churn must be between 0 and 0.6, not 0.9"),
    ],
)
def test_a_parameter_out_of_range_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["--out", str(tmp_path / "out"), *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
