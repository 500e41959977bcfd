"""Every question of docs/questions.md has an answer on a built company, and the right one.

Belongs here: reading the SQL out of the page, running it, computing some answers another way.
Does not belong here: the questions; they are in the page only.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.settings import PROJECT_ROOT
from customer_health.reading.published import Publications, Row, Snapshot

PAGE = PROJECT_ROOT / "docs" / "questions.md"
SECTION = re.compile(r"^### (.+?)\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)


def sections() -> dict[str, list[str]]:
    return {title: BLOCK.findall(text) for title, text in SECTION.findall(PAGE.read_text("utf-8"))}


QUESTIONS = sections()


@pytest.fixture(scope="module")
def snapshot(book: Path) -> Snapshot:
    return Publications(book).current()


def answer(book: Path, question: str) -> list[Row]:
    """As somebody who opens the file by its second name, and pastes."""
    [sql] = QUESTIONS[question]
    with duckdb.connect(str(book / PUBLISHED_FILE), read_only=True) as con:
        found = con.execute(sql)
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def test_there_are_enough_questions_with_one_block_each() -> None:
    assert 12 <= len(QUESTIONS) <= 15
    assert {title: len(blocks) for title, blocks in QUESTIONS.items()} == dict.fromkeys(QUESTIONS, 1)


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_have_an_answer(question: str, book: Path) -> None:
    rows = answer(book, question)
    assert rows
    empty = [column for column in rows[0] if all(row[column] is None for row in rows)]
    assert not empty, f"never known: {', '.join(empty)}"


# -- some of them computed in Python from the rows of other marts


def headline_days(snapshot: Snapshot) -> list[Row]:
    return snapshot.rows("select * from health.fct_health_scores where is_primary order by account_id, date_day")


def grade_changes(snapshot: Snapshot) -> object:
    customers = {row["account_id"] for row in snapshot.rows("select * from health.dim_accounts where is_customer")}
    names = {row["account_id"]: row["account_name"] for row in snapshot.rows("select * from health.dim_accounts")}
    known: dict[str, str] = {}
    found = []
    for row in headline_days(snapshot):
        account, grade = row["account_id"], row["grade"]
        if grade is None:
            continue
        before = known.get(account, grade)
        if grade != before and row["date_day"] > snapshot.as_of - timedelta(days=28) and account in customers:
            found.append((row["date_day"], names[account], before, grade))
        known[account] = grade
    return sorted(found)


def said_grade_changes(rows: list[Row]) -> object:
    return sorted((row["date_day"], row["account_name"], row["grade_before"], row["grade"]) for row in rows)


def book_by_month(snapshot: Snapshot) -> object:
    days: dict[object, list[Row]] = defaultdict(list)
    for row in headline_days(snapshot):
        if row["date_day"] == snapshot.as_of or (row["date_day"] + timedelta(days=1)).day == 1:
            days[row["date_day"]].append(row)
    found = []
    for day in sorted(days, reverse=True)[:13]:
        grades = Counter(row["grade"] for row in days[day])
        counts = (grades["A"] + grades["B"], grades["C"], grades["D"] + grades["F"], grades[None])
        found.append((day, len(days[day]), *counts))
    return found


def said_book_by_month(rows: list[Row]) -> object:
    columns = ("month_end", "customers", "healthy", "watched", "at_risk", "without_grade")
    return [tuple(row[column] for column in columns) for row in rows]


def moved_points(snapshot: Snapshot) -> object:
    """All effects together are the change of the headline scores; a score that appears or ends counts whole."""
    today = snapshot.rows("select * from health.rpt_account_health_current where is_primary")
    headlines = {(row["account_id"], row["scorecard"]) for row in today}
    total = 0.0
    for row in snapshot.rows("select * from health.fct_health_scores where health_score is not null"):
        if (row["account_id"], row["scorecard"]) in headlines:
            days_back = (snapshot.as_of - row["date_day"]).days
            total += row["health_score"] * ((days_back == 0) - (days_back == 28))
    return pytest.approx(total, abs=5)


def said_moved_points(rows: list[Row]) -> object:
    # each line is rounded to a tenth
    return sum(row["points"] for row in rows)


def expected_renewals(snapshot: Snapshot) -> object:
    likely = {
        row["account_id"]: row["renewal_probability"]
        for row in snapshot.rows("select * from health.rpt_account_health_current where is_primary")
    }
    found: dict[object, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
    for row in snapshot.rows("select * from health.rpt_renewals_due"):
        month = found[row["term_ends_on"].replace(day=1)]
        probability = likely.get(row["account_id"])
        month[0] += row["mrr_due_usd"]
        if probability is None:
            month[2] += row["mrr_due_usd"]
        else:
            month[1] += row["mrr_due_usd"] * Decimal(repr(probability))
    return [(month, due, round(float(kept)), unjudged) for month, (due, kept, unjudged) in sorted(found.items())]


def said_renewals(rows: list[Row]) -> object:
    return [
        (
            row["month"],
            row["mrr_due_usd"],
            round(row["expected_mrr_usd"] or 0),
            row["mrr_not_judged_usd"],
        )
        for row in rows
    ]


def departures_by_grade(snapshot: Snapshot) -> object:
    pairs = snapshot.rows(
        "select grade, has_outcome from validation.fct_score_outcome_pairs "
        "where predictor = 'scorecard' and outcome = 'churned' and horizon_days = 90"
    )
    counted = Counter(row["grade"] for row in pairs)
    left = Counter(row["grade"] for row in pairs if row["has_outcome"])
    return [
        (grade, count, left[grade], round(100 * left[grade] / count, 1)) for grade, count in sorted(counted.items())
    ]


def said_departures(rows: list[Row]) -> object:
    return [(row["grade"], row["observations"], row["departures"], row["left_pct"]) for row in rows]


def at_risk_by_csm(snapshot: Snapshot) -> object:
    found: Counter[str] = Counter()
    for row in snapshot.rows("select * from health.rpt_account_health_current where is_primary"):
        found[row["csm_name"]] += row["mrr_usd"] if row["shown_grade"] in ("D", "F") else 0
    # rounded to cents per account there, and exact here
    return pytest.approx({name: float(amount) for name, amount in found.items() if amount}, abs=0.1)


def said_at_risk(rows: list[Row]) -> object:
    return {row["csm_name"]: float(row["mrr_at_risk_usd"]) for row in rows if row["mrr_at_risk_usd"]}


COMPUTED: dict[str, tuple[Callable[[Snapshot], object], Callable[[list[Row]], object]]] = {
    "Whose grade changed in the last four weeks?": (grade_changes, said_grade_changes),
    "What moved the scores of the whole book in four weeks?": (moved_points, said_moved_points),
    "How has the book moved over the months?": (book_by_month, said_book_by_month),
    "How much of what is up for renewal may we expect to keep?": (expected_renewals, said_renewals),
    "What did a grade mean so far?": (departures_by_grade, said_departures),
    "How much recurring revenue is at risk, and with whom?": (at_risk_by_csm, said_at_risk),
}


@pytest.mark.parametrize("question", COMPUTED)
def test_answers_are_those_of_another_computation(question: str, book: Path, snapshot: Snapshot) -> None:
    computed, said = COMPUTED[question]
    assert said(answer(book, question)) == computed(snapshot)
