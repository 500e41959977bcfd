"""Map an OULAD extract to landing files of the raw contract.

Belongs here: what an extract must hold, the order of the steps, writing the files, counting both ends.
Does not belong here: the meaning of each column (sql/, one file per landing file), any presentation's code or dates.
"""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from customer_health.core.errors import CustomerHealthError

SQL_FOLDER = Path(__file__).parent / "sql"

EXTRACT_COLUMNS: dict[str, tuple[str, ...]] = {
    "courses": ("code_module", "code_presentation", "module_presentation_length"),
    "registrations": (
        "code_module",
        "code_presentation",
        "id_student",
        "date_registration",
        "date_unregistration",
        "region",
        "num_of_prev_attempts",
        "studied_credits",
    ),
    "assessments": ("code_module", "code_presentation", "id_assessment", "assessment_type", "date_due"),
    "assessment_submissions": ("id_assessment", "id_student", "date_submitted", "is_banked", "score"),
    "student_vle": ("code_module", "code_presentation", "id_student", "id_site", "date", "sum_click"),
    "vle": ("code_module", "code_presentation", "id_site", "activity_type"),
}
"""The columns that are read. final_result is not among them: it is known only when a presentation has ended."""

LANDING_FILES: dict[str, tuple[str, str]] = {
    "accounts": ("accounts", "accounts"),
    "subscriptions": ("subscriptions", "subscriptions"),
    "account_outcomes": ("account_outcomes", "account_outcomes"),
    "milestone_plans": ("milestone_plans", "milestone_plans"),
    "usage_events_clicks": ("usage_events", "clicks"),
    "usage_events_assessments": ("usage_events", "assessments"),
    "usage_events_deadlines": ("usage_events", "deadlines"),
}
"""Name of the SQL file → raw table and file name in the landing folder."""


class ExtractError(CustomerHealthError):
    """The extract cannot be mapped without losing or guessing something; the message says what and where."""


@dataclass(frozen=True)
class OuladTotals:
    """What the extract held and what was written for it."""

    registrations: int
    registrations_without_start: int
    registrations_ended_before_start: int
    withdrawals: int
    withdrawals_after_end: int
    accounts: int
    subscription_versions: int
    click_rows: int
    clicks: int
    click_events: int
    click_events_quantity: int
    clicks_from_withdrawal_on: int
    clicks_from_course_end_on: int
    submissions: int
    submission_events: int
    banked_events: int
    score_events: int
    submissions_from_withdrawal_on: int
    assessments: int
    assessments_without_due_date: int
    milestone_plans: int
    deadlines_passed_before_registration: int
    deadline_events: int
    first_day: date | None
    last_customer_day: date | None

    @property
    def registrations_to_index(self) -> int:
        """Registrations that are customers on at least one day."""
        return self.registrations - self.registrations_without_start - self.registrations_ended_before_start

    def losses(self) -> list[str]:
        """What the landing files lack, in words; empty when both ends agree."""
        pairs = {
            "registrations": (self.registrations, self.accounts),
            "rows of student_vle": (self.click_rows, self.click_events),
            "clicks": (self.clicks, self.click_events_quantity),
            "submissions": (self.submissions, self.submission_events + self.banked_events),
        }
        return [
            f"{held} {name} in the extract, {landed} landed" for name, (held, landed) in pairs.items() if held != landed
        ]

    def lines(self) -> list[str]:
        """The counts as text for a reader."""
        lines = [
            ("registrations", self.registrations, ""),
            ("  customers for a day or more", self.registrations_to_index, ""),
            ("  ended before they began", self.registrations_ended_before_start, ""),
            ("  without a start date", self.registrations_without_start, "left to quarantine"),
            (
                "  withdrawn",
                self.withdrawals,
                f"and {self.withdrawals_after_end:,} after the end of the course",
            ),
            ("subscription versions", self.subscription_versions, ""),
            ("clicks by student, site, day", self.click_rows, f"{self.clicks:,} clicks"),
            ("  on or after a withdrawal", self.clicks_from_withdrawal_on, ""),
            ("  after the last course day", self.clicks_from_course_end_on, ""),
            ("assessments submitted", self.submissions, ""),
            (
                "  handed in",
                self.submission_events,
                f"{self.submissions_from_withdrawal_on:,} on or after a withdrawal",
            ),
            ("  banked, no activity", self.banked_events, "carried over from an earlier attempt"),
            ("  with a score of their own", self.score_events, ""),
            ("assessments", self.assessments, f"{self.assessments_without_due_date:,} without a due date"),
            (
                "milestone plans",
                self.milestone_plans,
                f"{self.deadlines_passed_before_registration:,} deadlines had passed before the registration",
            ),
            ("  fell due while registered", self.deadline_events, ""),
        ]
        return [
            *(f"{label:<29}{count:>9,}{f'  ({note})' if note else ''}" for label, count, note in lines),
            f"first day {self.first_day}, last day with a customer {self.last_customer_day}",
        ]


def map_oulad(data: Path, out: Path) -> OuladTotals:
    """Write the landing files for the extract in `data` to `out` and return the counts of both ends.

    The same extract gives the same bytes, so that a second landing of it loads nothing twice.
    """
    with duckdb.connect() as connection:
        _open_extract(connection, data)
        _check_courses(connection)
        for name in ("courses", "registrations", "assessments"):
            connection.execute(f"create table {name} as {_sql(name)}")
        _check_registrations(connection)
        for name, (table, file_name) in LANDING_FILES.items():
            target = out / table / f"{file_name}.parquet"
            _write(connection.sql(_sql(name)), target)
            connection.read_parquet(str(target)).create_view(f"landed_{name.removeprefix('usage_events_')}")
        cursor = connection.execute(_sql("totals"))
        row = cursor.fetchone()
        assert row is not None
        totals = OuladTotals(**dict(zip([column[0] for column in cursor.description], row, strict=True)))
    if losses := totals.losses():
        raise ExtractError(f"{data}: the mapping would lose rows: {'; '.join(losses)}")
    return totals


def _open_extract(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    for name, columns in EXTRACT_COLUMNS.items():
        path = data / f"{name}.parquet"
        if not path.is_file():
            raise ExtractError(
                f"{data}: {path.name} is missing; an extract holds {', '.join(EXTRACT_COLUMNS)} as Parquet"
            )
        try:
            relation = connection.read_parquet(str(path))
        except duckdb.Error as error:
            raise ExtractError(f"{path.name} is not a readable Parquet file: {error}") from error
        if missing := [column for column in columns if column not in relation.columns]:
            raise ExtractError(f"{path.name} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}")
        relation.project(", ".join(columns)).create_view(f"extract_{name}")


def _check_courses(connection: duckdb.DuckDBPyConnection) -> None:
    unreadable = connection.execute(
        "select code_presentation from extract_courses "
        "where code_presentation is null or not regexp_full_match(code_presentation, '[0-9]{4}[BJ]')"
    ).fetchall()
    if unreadable:
        raise ExtractError(
            f"courses.parquet: presentation {unreadable[0][0]!r} has no known start; "
            "a year and B (February) or J (October) is understood"
        )


def _check_registrations(connection: duckdb.DuckDBPyConnection) -> None:
    orphans = connection.execute(
        "select code_module, code_presentation from extract_registrations "
        "anti join courses using (code_module, code_presentation)"
    ).fetchall()
    if orphans:
        raise ExtractError(
            f"registrations.parquet: {len(orphans)} registrations for presentations that courses.parquet does not "
            f"hold, such as {orphans[0][0]} {orphans[0][1]}"
        )


def _write(relation: duckdb.DuckDBPyRelation, target: Path) -> None:
    """Write whole files only: a mapping that is stopped leaves the previous file or none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    relation.write_parquet(str(unfinished), compression="zstd")
    os.replace(unfinished, target)


def _sql(name: str) -> str:
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
