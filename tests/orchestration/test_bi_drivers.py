"""BI tools read the published file with drivers of their own, while it is published anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.publication_storm import ReadFile, storm
from customer_health.core.published_file import PUBLISHED_FILE
from customer_health.core.settings import PROJECT_ROOT
from tests.orchestration.bi_drivers import (
    ask_older_client,
    ask_sqlalchemy,
    read_with_older_client,
    read_with_sqlalchemy,
)
from tests.orchestration.published_company import FIRST_DAY, company, published

ASKED = (
    pytest.param(ask_sqlalchemy, id="sqlalchemy"),
    pytest.param(ask_older_client, id="duckdb 1.x"),
)
READ = (
    pytest.param(read_with_sqlalchemy, id="sqlalchemy"),
    pytest.param(read_with_older_client, id="duckdb 1.x"),
)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = company().warehouse(tmp_path_factory.mktemp("for tools"))
    published(folder, FIRST_DAY)
    return folder


def by_our_own(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        con.execute(f"attach '{warehouse / PUBLISHED_FILE}' as seen (read_only)")
        con.execute("use seen")
        return con.execute(sql).fetchall()


def relations(warehouse: Path) -> list[str]:
    sql = "select table_schema || '.' || table_name from information_schema.tables where table_catalog = 'seen'"
    return sorted(name for (name,) in by_our_own(warehouse, sql))


@pytest.mark.parametrize("ask", ASKED)
def test_every_table_and_view_reads_the_same(ask: Callable[[Path, str], list[tuple]], warehouse: Path) -> None:
    names = relations(warehouse)
    assert {"health.fct_score_drivers", "health.rpt_account_health_current", "quality.fct_publications"} <= set(names)
    # whole rows, every column of them, in one number
    counts = " union all ".join(f"select '{name}' as mart, count(*), count(seen) from {name} as seen" for name in names)
    assert sorted(ask(warehouse, counts)) == sorted(by_our_own(warehouse, counts))
    scores = "select account_id, cast(date_day as varchar), health_score from health.fct_health_scores order by all"
    assert ask(warehouse, scores) == by_our_own(warehouse, scores)


@pytest.mark.parametrize("ask", ASKED)
def test_nothing_can_be_written(ask: Callable[[Path, str], list[tuple]], warehouse: Path) -> None:
    with pytest.raises(Exception, match="(?i)read-only"):
        ask(warehouse, "update health.dim_accounts set account_name = 'x'")


@pytest.mark.slow
@pytest.mark.parametrize("read", READ)
def test_drivers_see_one_whole_publication_while_many_come(read: ReadFile, tmp_path: Path) -> None:
    seen = storm(company().warehouse(tmp_path), FIRST_DAY, publications=10, reads=100, read_file=read)
    assert len(seen.busy.seconds) >= 100
    assert seen.busy.errors == []
    assert seen.busy.mixed == []
    assert len(seen.busy.generations) > 2


def test_the_recipes_of_the_page_run(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "warehouse").symlink_to(warehouse)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    blocks = PYTHON.findall((PROJECT_ROOT / "docs" / "bi.md").read_text("utf-8"))
    assert len(blocks) == 2
    for block in blocks:
        exec(block, found)
    portfolios = by_our_own(warehouse, "select * from health.rpt_csm_portfolio")
    assert [tuple(row) for row in found["rows"]] == portfolios
    [(scores,)] = by_our_own(warehouse, "select count(*) from health.fct_health_scores")
    assert found["scores"].num_rows == scores
