"""Who is observed when `make oulad` compares those behind their assignments with the others, and what is printed.

Belongs here: the observations of a made-up build, and their figures.
Does not belong here: the statistics (tests/unit/test_validation.py), the mapping (test_oulad_mapping.py).
"""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from examples.oulad.evidence import Observation, click_groups, read_observations, tell

STARTS = date(2019, 2, 1)
ENDS = STARTS + timedelta(days=100)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema staging; create schema intermediate; create schema journey; create schema health;
            create table staging.stg_billing__subscriptions (
                account_id varchar, product varchar, starts_on date, ends_on date, term_ends_on date, end_reason varchar
            );
            create table intermediate.int_account_days (account_id varchar, date_day date);
            create table journey.fct_journey_days (account_id varchar, date_day date, days_ahead integer);
            create table health.fct_health_scores (
                account_id varchar, date_day date, is_primary boolean, health_score double
            );
            create table health.fct_metric_points (account_id varchar, date_day date, metric varchar, value double);
            """
        )
        yield connection


def register(
    con: duckdb.DuckDBPyConnection, student: str, withdrawn_on_day: int | None = None, days_ahead: int = 0
) -> None:
    """A registration with a place before day 0 and the course from then on, clicking and scored every day."""
    account = f"XYZ_2019B_{student}"
    last = ENDS if withdrawn_on_day is None else STARTS + timedelta(days=withdrawn_on_day)
    insert = "insert into staging.stg_billing__subscriptions values (?, ?, ?, ?, ?, ?)"
    con.execute(insert, [account, "place", STARTS - timedelta(days=30), STARTS, ENDS, "replaced"])
    con.execute(insert, [account, "course", STARTS, None, ENDS, None])
    con.execute(
        insert, [account, "course", STARTS, last, ENDS, "completed" if withdrawn_on_day is None else "cancelled"]
    )
    for day in range(-30, (last - STARTS).days):
        on = STARTS + timedelta(days=day)
        con.execute("insert into intermediate.int_account_days values (?, ?)", [account, on])
        con.execute("insert into journey.fct_journey_days values (?, ?, ?)", [account, on, days_ahead])
        con.execute("insert into health.fct_health_scores values (?, ?, true, 50)", [account, on])
        con.execute("insert into health.fct_metric_points values (?, ?, 'usage_events_28d', ?)", [account, on, day])


def observed(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int, bool]]:
    return [
        (observation.account_id.rsplit("_", 1)[1], observation.day, observation.is_withdrawn)
        for observation in read_observations(con)
    ]


def test_days_whose_horizon_reaches_beyond_the_course_are_left_out(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "1")
    # of 100 days: 60 + 30 ends with the course, 90 + 30 does not
    assert observed(con) == [("1", 30, False), ("1", 60, False)]


def test_only_customers_at_the_end_of_the_day_are_observed(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "on the day", withdrawn_on_day=30)
    register(con, "the day after", withdrawn_on_day=31)
    register(con, "at the horizon", withdrawn_on_day=60)
    register(con, "beyond", withdrawn_on_day=61)
    assert observed(con) == [
        ("at the horizon", 30, True),
        ("beyond", 30, False),
        ("the day after", 30, True),
        ("beyond", 60, True),
    ]


def seen(student: int, clicks: float | None, is_behind: bool, is_withdrawn: bool) -> Observation:
    return Observation("XYZ_2019B", 30, f"XYZ_2019B_{student}", clicks, is_behind, 50.0 - student, is_withdrawn)


def test_thirds_by_clicks_are_those_of_the_same_day_and_presentation() -> None:
    observations = [seen(student, clicks, False, False) for student, clicks in enumerate([None, 5, 9, 1, 7, 3])]
    thirds = [group.rsplit(" ", 1)[1] for group in click_groups(observations)]
    assert thirds == ["1", "2", "3", "1", "3", "2"]
    assert all(group.startswith("XYZ_2019B day 30") for group in click_groups(observations))


def test_the_figures_are_told_in_words() -> None:
    observations = [seen(student, 1, student % 2 == 0, student % 4 == 0 or student == 1) for student in range(40)]
    page = "\n".join(tell(observations))
    assert "observations                   40   27.5% withdrew" in page
    assert "behind on assignments          20   50.0% withdrew" in page
    assert "on the path                    20   5.0% withdrew" in page
    assert "(Mantel-Haenszel): 10.00 (95%" in page


def test_a_course_without_withdrawals_has_nothing_to_compare() -> None:
    assert "nothing to compare" in "\n".join(tell([seen(1, 1, True, False), seen(2, 1, False, False)]))
    assert "nothing to compare" in "\n".join(tell([]))
