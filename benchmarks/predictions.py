"""Do scores come true in companies that nobody looked at? On simulated ones, each built whole by the default weights.

    python -m benchmarks.predictions
    python -m benchmarks.predictions --seeds 1 --accounts 300 --results trial.md
    python -m benchmarks.predictions --blind --seeds 3001 3002

Each seed is another company of the generator's usual kind. It is generated, landed and built once; what is read are the
validation marts. Looked at is the headline score at each month's end against departures within 30, 60, 90 and 180
days: whether the churn rate rises from grade A to F (trend over whole accounts), which share of those who left was
below healthy 60 to 90 days before, and how many times the base rate is found in red. Beside it stand the area under
the curve, the generic score, and a metric of pure noise that is planted into each company. With --blind, churn ignores
behaviour, and nothing may be found.

Belongs here: making the companies, reading the marts, the table of results.
Does not belong here: what a pair or an area is (models/marts/validation, macros/accuracy.sql).
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.early_interventions import scored_only
from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.core.sql import quote_text, read_sql
from customer_health.landing.load import load_landing
from customer_health.refresh.refresh import BUILD_FILE, DbtRun, RefreshError
from customer_health.validation.statistics.trend import Trend, clustered_trend
from examples.company import CompanyConfig, generate

SEEDS = tuple(range(2021, 2031))
BLIND_SEEDS = tuple(range(3014, 3024))
ACCOUNTS = 2000
DAYS = 548
HORIZONS = (30, 60, 90, 180)
P_VALUE = 0.01
WARNED_SHARE = 2 / 3
RED_MULTIPLE = 3.0
NOISE = "page_themes_changed"
RESULTS = Path(__file__).with_name("results_predictions.md")


@dataclass(frozen=True)
class Horizon:
    """What one company showed at one horizon."""

    base_rate: float
    departures: int
    rates: dict[str, float]
    trend: Trend
    area: float
    area_low: float
    area_high: float
    lift: float
    red_multiple: float
    critical_multiple: float
    beyond_generic: float
    beyond_generic_low: float


@dataclass(frozen=True)
class Company:
    """What one company showed."""

    seed: int
    horizons: dict[int, Horizon]
    warned_share: float
    due_to_warn: int
    noise: tuple[float, float, float]
    intervals: int
    intervals_off: int
    intervals_off_holm: int


def build(seed: int, accounts: int, folder: Path, blind: bool) -> None:
    """Generate, land and build one company in `folder`, with a metric of pure noise among its own."""
    company = CompanyConfig(
        accounts=accounts, days=DAYS, seed=seed, file_format="parquet", churn_ignores_behaviour=blind
    )
    landing = folder / "landing"
    generate(landing, company)
    _plant_noise(landing, company)
    load_landing(landing, folder)
    run = DbtRun(folder, _configuration(folder), as_of=company.end)
    models = ("+fct_score_outcome_pairs", "+rpt_score_accuracy", "+rpt_score_calibration", "+rpt_metric_accuracy")
    for command in (["seed"], ["run", "--select", *models]):
        if run.run([*command, "--quiet"]) != 0:
            raise RefreshError(f"seed {seed}: dbt {command[0]} did not complete (see {folder / 'logs' / 'dbt.log'})")


def _plant_noise(landing: Path, company: CompanyConfig) -> None:
    """Events that come to every account alike, each account with a habit of its own that means nothing."""
    with duckdb.connect() as con:
        con.execute(f"set threads = 1; select setseed({(company.seed % 997) / 997})")
        noise = read_sql(
            __file__,
            "plant_noise",
            noise=quote_text(NOISE),
            first_day=quote_text(str(company.start)),
            hours=DAYS * 24,
            accounts=quote_text(landing / "accounts" / "*.parquet"),
        )
        events = quote_text(landing / "usage_events" / "noise.parquet")
        con.execute(f"copy ({noise}) to {events} (format parquet)")


def _configuration(folder: Path) -> Path:
    """The default weights, the metrics of the baselines, and the noise as a shadow metric."""
    config = scored_only(folder)
    needed = {row["metric"] for row in _rows(DEFAULT_CONFIG, "baselines")}
    _append(config, "measures", [f"{NOISE},additive,product,usage_events,events,Noise"])
    _append(config, "product_event_measures", [f"{NOISE},{NOISE},events"])
    for name in ("metrics", "benchmarks"):
        there = {row["metric"] for row in _rows(config, name)}
        kept = [row for row in _rows(DEFAULT_CONFIG, name) if row["metric"] in needed - there]
        path = next(config.rglob(f"{name}.csv"))
        with path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, list(_rows(DEFAULT_CONFIG, name)[0]), lineterminator="\n").writerows(kept)
    _append(
        config,
        "metrics",
        [f"{NOISE}_28d,Noise,adoption,{NOISE},,sum,28,28,,,,,,higher_is_better,leading,proactive,events,Planted"],
    )
    _append(config, "benchmarks", [f"{NOISE}_28d,1,1900-01-01,,,,linear,0,10,,,Planted"])
    return config


def _rows(config: Path, name: str) -> list[dict[str, str]]:
    with next(config.rglob(f"{name}.csv")).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _append(config: Path, name: str, lines: Sequence[str]) -> None:
    with next(config.rglob(f"{name}.csv")).open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def examine(seed: int, build_file: Path) -> Company:
    """Read what the marts say of one company."""
    with duckdb.connect(str(build_file), read_only=True) as con:
        horizons = {days: _horizon(con, days) for days in HORIZONS}
        warned, due = con.execute(
            "select warned_share, events_due_to_warn from validation.rpt_score_accuracy"
            " where scorecard = 'all' and period = 'all' and predictor = 'scorecard'"
            " and outcome = 'churned' and horizon_days = 90"
        ).fetchall()[0]
        noise = con.execute(
            "select auc, auc_low, auc_high from validation.rpt_metric_accuracy"
            f" where metric = '{NOISE}_28d' and horizon_days = 90"
        ).fetchall()[0]
        # chance is left out: it is at chance by construction
        intervals = con.execute(
            "select count(auc_low), count(*) filter (where differs_from_chance),"
            " count(*) filter (where differs_from_chance_holm) from validation.rpt_score_accuracy"
            " where outcome = 'churned' and predictor <> 'chance'"
        ).fetchall()[0]
    return Company(seed, horizons, warned, due, noise, *intervals)


def _horizon(con: duckdb.DuckDBPyConnection, days: int) -> Horizon:
    pairs = con.execute(
        "select grade, has_outcome, account_id from validation.fct_score_outcome_pairs where predictor = 'scorecard'"
        f" and outcome = 'churned' and horizon_days = {days} order by account_id, date_day"
    ).fetchall()
    grades, happened, accounts = (np.asarray(values) for values in zip(*pairs, strict=True))
    steps = np.searchsorted(np.unique(grades), grades)
    base, departures, area, low, high, lift, red, beyond, beyond_low = con.execute(
        "select base_rate, accounts_with_outcome, auc, auc_low, auc_high, lowest_tenth_lift, red_multiple,"
        " auc_minus_generic, auc_minus_generic_low"
        " from validation.rpt_score_accuracy where scorecard = 'all' and period = 'all' and predictor = 'scorecard'"
        f" and outcome = 'churned' and horizon_days = {days}"
    ).fetchall()[0]
    rates = {str(grade): float(happened[grades == grade].mean()) for grade in np.unique(grades)}
    trend = clustered_trend(steps, happened, accounts)
    critical = rates.get("F", float("nan")) / base
    return Horizon(base, departures, rates, trend, area, low, high, lift, red, critical, beyond, beyond_low)


def report(companies: Sequence[Company], wanted: int, accounts: int, blind: bool) -> list[str]:
    """The page's section for one kind of company."""
    title = "churn ignores behaviour" if blind else "as usual"
    lines = [
        f"## Companies in which {title}" if blind else "## Usual companies",
        "",
        f"{len(companies)} of {wanted} companies, {accounts:,} accounts over {DAYS} days, default weights.",
        "",
    ]
    for days in HORIZONS:
        lines += [
            f"### Departures within {days} days",
            "",
            "| seed | base rate | left | churn A / B / C / D / F | trend p | area (95%) | lift | red (D, F)"
            " | F alone | beyond generic (from) |",
            "|---:|---:|---:|---|---:|---|---:|---:|---:|---|",
            *(_line(company.seed, company.horizons[days]) for company in companies),
            "",
        ]
    lines += [
        "| seed | below healthy 60–90 days before | of | area of planted noise (95%) | intervals | off 0.5 | Holm |",
        "|---:|---:|---:|---|---:|---:|---:|",
        *(
            f"| {company.seed} | {company.warned_share or 0:.0%} | {company.due_to_warn}"
            f" | {company.noise[0]:.3f} ({company.noise[1]:.3f} to {company.noise[2]:.3f})"
            f" | {company.intervals} | {company.intervals_off} | {company.intervals_off_holm} |"
            for company in companies
        ),
        "",
    ]
    for days in HORIZONS:
        at = [company.horizons[days] for company in companies]
        lines.append(
            f"- within {days} days: trend p < {P_VALUE:g} in {sum(one.trend.p_value < P_VALUE for one in at)},"
            f" red (D and F) at least {RED_MULTIPLE:g} times the base rate in"
            f" {sum(one.red_multiple >= RED_MULTIPLE for one in at)},"
            f" F alone in {sum(one.critical_multiple >= RED_MULTIPLE for one in at)},"
            f" better than the generic score (whole interval) in {sum(one.beyond_generic_low > 0 for one in at)}"
            f" of {len(companies)}"
        )
    lines += [
        f"- two thirds of those who left were below healthy 60 to 90 days before in"
        f" {sum((company.warned_share or 0) >= WARNED_SHARE for company in companies)} of {len(companies)}",
        f"- the planted noise is at chance (interval around 0.5) in"
        f" {sum(company.noise[1] <= 0.5 <= company.noise[2] for company in companies)} of {len(companies)}",
        f"- of all area intervals {sum(company.intervals_off for company in companies)} of"
        f" {sum(company.intervals for company in companies)} leave out 0.5, after Holm's correction"
        f" {sum(company.intervals_off_holm for company in companies)}",
        "",
    ]
    return lines


def _line(seed: int, found: Horizon) -> str:
    rates = " / ".join(f"{found.rates.get(grade, float('nan')):.1%}" for grade in "ABCDF")
    return (
        f"| {seed} | {found.base_rate:.1%} | {found.departures} | {rates} | {found.trend.p_value:.1g}"
        f" | {found.area:.3f} ({found.area_low:.3f} to {found.area_high:.3f}) | {found.lift:.1f}"
        f" | {found.red_multiple:.1f} | {found.critical_multiple:.1f}"
        f" | {found.beyond_generic:+.3f} ({found.beyond_generic_low:+.3f}) |"
    )


HEAD = """\
# Do the scores come true?

Made by `python -m benchmarks.predictions`, whose head says what is observed. Nothing in the project was changed by what
these seeds showed. What was looked at before are the companies of the example (seed 7), of the tests, of the seeds 1001
to 1010, 2001 to 2010 (before the limit between C and D was moved) and 2011 to 2020 (after it), and of the seeds 3001 to
3013, in which churn ignores behaviour (before observation began with the record of use, Holm's correction took in whole
tables, and intervals became Student's): docs/decisions/0011-judged-from-the-record-of-use.md, 0012-holm-and-student.md
and 0014-limits-of-grades.md. The usual companies had been run once before that last change, which only widens
intervals.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.predictions")
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--blind", action="store_true", help="companies in which churn ignores behaviour")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    seeds = given.seeds or (BLIND_SEEDS if given.blind else SEEDS)
    companies: list[Company] = []
    before = given.results.read_text(encoding="utf-8") if given.results.exists() else HEAD
    marker = "## Companies in which churn ignores behaviour"
    usual, _, blind_part = before.partition(marker)
    try:
        for seed in seeds:
            started = time.monotonic()
            with tempfile.TemporaryDirectory(prefix=f"company {seed} ") as folder:
                build(seed, given.accounts, Path(folder), given.blind)
                companies.append(examine(seed, Path(folder) / BUILD_FILE))
            print(f"seed {seed}: {time.monotonic() - started:.0f} s", flush=True)
            section = "\n".join(report(companies, len(seeds), given.accounts, given.blind))
            if given.blind:
                text = usual.rstrip("\n") + "\n\n" + section
            else:
                text = HEAD + "\n" + section + ("\n" + marker + blind_part if blind_part else "")
            given.results.write_text(text, encoding="utf-8")
    except (ValueError, RefreshError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\n".join(report(companies, len(seeds), given.accounts, given.blind)[-10:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
