"""Each rule of portable SQL finds one planted line, and lets pass what keeps it. Nothing is built.

Belongs here: lines of SQL and what the rules say of them.
Does not belong here: whether the project keeps the rules (make lint asks its compiled models).
"""

from __future__ import annotations

import pytest

from customer_health.core.settings import PROJECT_ROOT
from tests.nullability import Relations
from tests.portable_sql import BUILD_LOGS, check_project, check_sql

SCORES = {"account_id": True, "date_day": True, "score": False, "weight": False}
PARENTS = {"account_id": True, "parent_account_id": False, "name": True}


def problems(sql: str) -> list[tuple[str, str]]:
    relations = Relations({"health.scores": dict(SCORES), "health.parents": dict(PARENTS)})
    return [(each.rule, each.sql) for each in check_sql(sql, "planted.sql", relations)[1]]


@pytest.mark.parametrize(
    ("sql", "sort"),
    [
        ("select row_number() over (partition by date_day order by score) as place from health.scores", "scores.score"),
        ("select row_number() over (order by account_id, score desc) as place from health.scores", "scores.score"),
        ("select account_id from health.scores order by score limit 1", "scores.score"),
        ("with s as (select * from health.scores) select max(score) over w as m from s window w as (order by weight)",)
        + ("s.weight",),
        (
            "select row_number() over (order by p.name) as place from health.scores as s"
            " left join health.parents as p on s.account_id = p.account_id",
            "p.name",
        ),
        ("select row_number() over (order by nullif(account_id, '')) as place from health.scores",)
        + ("NULLIF(scores.account_id, '')",),
        (
            "select row_number() over (order by earlier) as place from"
            " (select lag(date_day) over (order by date_day) as earlier from health.scores) as t",
            "t.earlier",
        ),
        (
            "select row_number() over (order by day) as place from (select date_day as day from health.scores"
            " union all select cast(null as date) from health.scores) as t",
            "t.day",
        ),
        (
            "select row_number() over (order by total) as place from"
            " (select max(date_day) as total from health.scores) as t",
            "t.total",
        ),
    ],
)
def test_a_sort_by_what_may_be_null_says_where_nulls_go(sql: str, sort: str) -> None:
    assert problems(sql) == [("says not where nulls go", f"order by {sort}")]


@pytest.mark.parametrize(
    "sql",
    [
        "select row_number() over (order by score nulls last, weight desc nulls first) as place from health.scores",
        "select row_number() over (order by date_day, account_id desc) as place from health.scores",
        "select row_number() over (order by score) as place from health.scores where score is not null and weight > 0",
        "select row_number() over (order by coalesce(score, 0)) as place from health.scores",
        "select row_number() over (order by case when score > 1 then 1 else 0 end) as place from health.scores",
        "select row_number() over (order by n) as place from (select account_id, count(score) as n, max(date_day) as d"
        " from health.scores group by account_id) as t order by d",
        "select row_number() over (order by p.name) as place from health.scores as s"
        " inner join health.parents as p on s.account_id = p.account_id",
        "select string_agg(distinct account_id, ';' order by nullif(account_id, '')) as names from health.scores",
    ],
)
def test_a_sort_by_what_is_never_null_needs_no_word(sql: str) -> None:
    assert problems(sql) == []


@pytest.mark.parametrize("number", ["1.0", "0.25", "-0.5", "100."])
def test_a_number_with_a_point_is_found(number: str) -> None:
    [(rule, _)] = problems(f"select account_id from health.scores where score > {number}")
    assert rule == "a decimal literal"


def test_a_double_a_cast_and_a_text_may_have_a_point() -> None:
    kept = "score * 0.5e0 + 1e-9 + cast(0.3 as double) - cast(-0.3 as decimal(9, 2))"
    assert problems(f"select {kept} as score, '1.5' as text from health.scores") == []


@pytest.mark.parametrize(
    "division",
    ["score / weight", "score / 0", "score / (weight - 1)", "score % weight", "score / sum(weight) over ()",
     "case when weight > 0 then score / weight end", "score / nullif(weight, 1)", "score / (nullif(weight, 0) * score)",
     "score / cast(weight as double)"],
)  # fmt: skip
def test_a_divisor_that_may_be_zero_is_found(division: str) -> None:
    [(rule, _)] = problems(f"select {division} as share from health.scores")
    assert rule == "divides by what may be zero"


@pytest.mark.parametrize(
    "division",
    ["score / nullif(weight, 0)", "score / 100", "score / sqrt(nullif(weight, 0))", "score / (1 + 2 * abs(weight))",
     "score / greatest(1, weight)", "score / (2 * nullif(weight, 0))", "score / cast(nullif(weight, 0) as double)"],
)  # fmt: skip
def test_a_divisor_that_is_never_zero_needs_no_word(division: str) -> None:
    assert problems(f"select {division} as share from health.scores") == []


def test_what_a_model_returns_is_known_to_those_that_read_it() -> None:
    """A column that an outer join left empty stays one that may be null, one that a test asserts does not."""

    def node(name: str, sql: str, *parents: str, **more: object) -> dict[str, object]:
        return {
            "schema": "health", "alias": name, "resource_type": "model", "compiled_code": sql,
            "original_file_path": f"{name}.sql", "depends_on": {"nodes": list(parents)}, **more,
        }  # fmt: skip

    read = (
        "select row_number() over (order by name) as place, row_number() over (order by score) as other from health.b"
    )
    joined = (
        "select a.account_id, b.name, a.score from raw.rows as a left join raw.rows as b on a.account_id = b.account_id"
    )
    nodes = {
        "c": node("c", read, "b"),
        "b": node("b", joined),
        "t": node("t", "select 1 as one", "b", test_metadata={"name": "not_null", "kwargs": {"column_name": "score"}}),
    }
    nodes["t"] |= {"resource_type": "test", "attached_node": "b"}
    sources = {"s": {"schema": "raw", "identifier": "rows", "columns": dict.fromkeys(("account_id", "name", "score"))}}
    assert [str(each) for each in check_project({"nodes": nodes, "sources": sources})] == [
        "c.sql: says not where nulls go: order by b.name"
    ]


def test_logs_that_the_rules_know_are_those_that_macros_create() -> None:

    created = (PROJECT_ROOT / "macros" / "incremental.sql").read_text("utf-8")
    for name, columns in BUILD_LOGS.items():
        assert f"build_log('{name.partition('.')[2]}')" in created
        assert all(column in created for column in columns)
