"""Command line: `python -m examples.company --out <folder>`.

Belongs here: arguments and what is printed.
Does not belong here: anything that generate() could do for another caller.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from examples.company import CompanyConfig, CompanyTotals, generate
from examples.company.config import FILE_FORMATS


def main(arguments: list[str] | None = None) -> int:
    usual = CompanyConfig()
    parser = argparse.ArgumentParser(
        prog="python -m examples.company",
        description="Write the landing files of a simulated SaaS company. Same arguments, same files.",
    )
    parser.add_argument("--out", type=Path, required=True, help="landing folder: empty, or of an earlier run")
    parser.add_argument("--accounts", type=int, default=usual.accounts)
    parser.add_argument("--days", type=int, default=usual.days, help="length of the window")
    parser.add_argument("--end", type=date.fromisoformat, default=usual.end, help="last day of the window")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--events", type=int, help="about so many usage events, whatever is natural")
    parser.add_argument(
        "--events-per-day-scale",
        type=float,
        default=usual.events_per_day_scale,
        help="actions per active day, scaled",
    )
    parser.add_argument("--format", choices=FILE_FORMATS, default=usual.file_format)
    parser.add_argument(
        "--churn-ignores-behaviour",
        action="store_true",
        help="monthly terms that end at a constant hazard, whatever the customer does",
    )
    parser.add_argument("--yearly-logo-churn", type=float, default=usual.yearly_logo_churn)
    parser.add_argument(
        "--existing-share",
        type=float,
        default=usual.existing_share,
        help="share of accounts older than the window",
    )
    parser.add_argument("--without-defects", action="store_true", help="plant nothing, lose nothing, repeat nothing")
    given = parser.parse_args(arguments)
    try:
        config = CompanyConfig(
            accounts=given.accounts,
            days=given.days,
            end=given.end,
            seed=given.seed,
            events=given.events,
            events_per_day_scale=given.events_per_day_scale,
            file_format=given.format,
            churn_ignores_behaviour=given.churn_ignores_behaviour,
            yearly_logo_churn=given.yearly_logo_churn,
            existing_share=given.existing_share,
            plant_defects=not given.without_defects,
        )
        write_company(given.out, config)
    except (ValueError, FileExistsError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    return 0


def write_company(out: Path, config: CompanyConfig) -> None:
    """Write the landing files of a company, and say what is in them."""
    _show(out, generate(out, config, report=print))


def _show(out: Path, totals: CompanyTotals) -> None:
    for table, rows in totals.rows.items():
        print(f"  {table:<20} {rows:>12,} rows in {totals.files[table]} files")
    print(
        f"{totals.accounts:,} accounts, {totals.users:,} users; {totals.churned_accounts:,} accounts left "
        f"({100 * totals.yearly_logo_churn:.1f}% a year)"
    )
    planted = ", ".join(f"{number:,} {kind}" for kind, number in totals.planted.items())
    print(f"planted: {planted or 'nothing'}")
    print(f"{out} written in {totals.seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
