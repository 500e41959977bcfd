"""Rules that keep the models' SQL computing the same on every engine, asked of what dbt compiled.

    null order  a sort names where nulls go, unless its column is never null: engines put them at different ends
    decimals    a number with a point is a double (`1e0`, or a cast): engines divide decimals to different digits
    divisors    nothing is divided by what may be zero: one engine says null there, another stops

docs/extend.md tells how to keep them.

Belongs here: the rules, and the compiled SQL that they are asked of.
Does not belong here: layout and style (sqlfluff), how it is known that a column is never null (nullability.py).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.transform.run import DbtRun
from tests.nullability import Columns, Relations, Where

IMPLICIT = "implicit_null_order"
# an aggregate that leaves nulls out sorts none
SKIP_NULLS = (exp.GroupConcat,)
CASTS = (exp.Cast, exp.TryCast)
# config of the tests that assert columns to be filled
FILLED_BY = ("unique_combination", "not_null")
PYTHON_COLUMN = re.compile(r'^ +\("(\w+)", pa\.', re.MULTILINE)
# what macros create beside the models
BUILD_LOGS = {
    "build_log.dirty_days": ("invocation_id", "model", "dirty_from_on", "logged_at"),
    "build_log.complete_builds": (
        *("invocation_id", "as_of_date", "loaded_until", "metrics_configuration", "points_configuration"),
        *("scores_configuration", "milestones_configuration", "completed_at"),
    ),
}
SHOWN = 120


class SmallNulls(DuckDB):
    """Reads a sort without a null order as one with nulls first."""

    NULL_ORDERING = "nulls_are_small"


class LargeNulls(DuckDB):
    """Reads the same as one with nulls last, which tells the two apart."""

    NULL_ORDERING = "nulls_are_large"


class Problem(NamedTuple):
    """A line of SQL that another engine would read otherwise."""

    path: str
    rule: str
    sql: str

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}: {self.sql[:SHOWN]}"


def main() -> int:
    problems = check_project(compile_project())
    for problem in problems:
        print(problem)
    print(f"portable SQL: {len(problems)} problems")
    return 1 if problems else 0


def compile_project() -> dict[str, Any]:
    """The manifest with all SQL as DuckDB gets it in a first build."""
    with TemporaryDirectory() as scratch:
        run = DbtRun(Path(scratch), DEFAULT_CONFIG)
        if run.run(["compile", "--quiet"]) != 0:
            raise SystemExit("the project does not compile: dbt says above why")
        return json.loads((run.target / "manifest.json").read_text("utf-8"))


def check_project(manifest: Mapping[str, Any]) -> list[Problem]:
    """All problems of all models and data tests."""
    relations = Relations(_given_columns(manifest))
    filled = _asserted(manifest)
    problems = []
    for name in _in_order(manifest):
        node = manifest["nodes"][name]
        relation = _relation(node)
        if node.get("language") == "python":
            columns = dict.fromkeys(PYTHON_COLUMN.findall(node["raw_code"]), False)
        else:
            columns, found = check_sql(node["compiled_code"], node["original_file_path"], relations)
            problems += found
        if node["resource_type"] == "model":
            relations.columns[relation] = columns | dict.fromkeys(filled.get(name, ()), True)
    return sorted(set(problems))


def check_sql(sql: str, path: str, relations: Relations) -> tuple[Columns, list[Problem]]:
    """What a query returns, and its problems."""
    tree = parse(sql)
    found = [*_decimals(tree, path), *_divisors(tree, path)]
    columns, places = relations.look_at(tree)
    return columns, [*found, *_null_orders(places, path)]


def parse(sql: str) -> exp.Expression:
    """The tree of a query, with a mark on each sort that does not say where nulls go."""
    tree, other = (sqlglot.parse_one(sql, dialect=dialect) for dialect in (SmallNulls, LargeNulls))
    for mine, theirs in zip(tree.find_all(exp.Ordered), other.find_all(exp.Ordered), strict=True):
        mine.meta[IMPLICIT] = mine.args.get("nulls_first") != theirs.args.get("nulls_first")
    return tree


def _null_orders(places: Iterable[Where], path: str) -> Iterator[Problem]:
    for place in places:
        for sort in place.scope.find_all(exp.Ordered):
            is_skipped = isinstance(sort.find_ancestor(*SKIP_NULLS, exp.Window, exp.Select), SKIP_NULLS)
            if sort.meta.get(IMPLICIT) and not is_skipped and not place.is_filled(sort.this):
                yield Problem(path, "says not where nulls go", f"order by {sort.this.sql('duckdb')}")


def _decimals(tree: exp.Expression, path: str) -> Iterator[Problem]:
    for literal in tree.find_all(exp.Literal):
        is_decimal = not literal.is_string and "." in literal.name and "e" not in literal.name.lower()
        parent = literal.parent.parent if isinstance(literal.parent, exp.Neg) else literal.parent
        if is_decimal and not isinstance(parent, CASTS):
            yield Problem(path, "a decimal literal", f"{literal.name} in {_around(literal)}")


def _divisors(tree: exp.Expression, path: str) -> Iterator[Problem]:
    for division in tree.find_all(exp.Div, exp.IntDiv, exp.Mod):
        if _may_be_zero(division.expression):
            yield Problem(path, "divides by what may be zero", division.sql("duckdb"))


def _may_be_zero(divisor: exp.Expression) -> bool:
    if isinstance(divisor, (exp.Paren, exp.Neg, *CASTS)):
        return _may_be_zero(divisor.this)
    if isinstance(divisor, exp.Nullif):
        return not (isinstance(divisor.expression, exp.Literal) and float(divisor.expression.name) == 0)
    if isinstance(divisor, exp.Mul):
        return _may_be_zero(divisor.left) or _may_be_zero(divisor.right)
    if isinstance(divisor, (exp.Sqrt, exp.Pow)):
        return _may_be_zero(divisor.this)
    return not _is_positive(divisor)


def _is_positive(node: exp.Expression) -> bool:
    if isinstance(node, (exp.Paren, *CASTS)):
        return _is_positive(node.this)
    if isinstance(node, exp.Literal):
        return not node.is_string and float(node.name) > 0
    if isinstance(node, exp.Greatest):
        return any(_is_positive(each) for each in (node.this, *node.expressions))
    if isinstance(node, exp.Add):
        sides = (node.left, node.right)
        return any(map(_is_positive, sides)) and all(map(_is_not_negative, sides))
    return False


def _is_not_negative(node: exp.Expression) -> bool:
    if isinstance(node, (exp.Paren, *CASTS)):
        return _is_not_negative(node.this)
    if isinstance(node, exp.Mul):
        return _is_not_negative(node.left) and _is_not_negative(node.right)
    return isinstance(node, (exp.Abs, exp.Count)) or _is_positive(node)


def _around(node: exp.Expression) -> str:
    parent = node.parent
    return (parent.parent if parent and isinstance(parent.parent, exp.Binary) else parent or node).sql("duckdb")


def _relation(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node.get('alias') or node.get('identifier')}".lower()


def _given_columns(manifest: Mapping[str, Any]) -> dict[str, Columns]:
    """Columns of raw tables, logs and seeds."""
    lineage = ("_loaded_at", "_source_file", "_source_row")
    sources = {
        _relation(each): dict.fromkeys([*each["columns"], *lineage], False) for each in manifest["sources"].values()
    }
    asserted = _asserted(manifest)
    seeds = {
        _relation(each): {name: name in asserted.get(unique_id, ()) for name in each["config"]["column_types"]}
        for unique_id, each in manifest["nodes"].items()
        if each["resource_type"] == "seed"
    }
    logs = {name: dict.fromkeys(columns, False) for name, columns in BUILD_LOGS.items()}
    return sources | seeds | logs


def _asserted(manifest: Mapping[str, Any]) -> dict[str, set[str]]:
    """Columns that a test of the project asserts to be filled, by the node that it tests."""
    found: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        if test.get("name") in FILLED_BY:
            given = test["kwargs"]
            columns = [*given.get("columns", ()), *given.get("not_null_columns", ()), given.get("column_name")]
            filled = {name for name in columns if name and name not in given.get("nullable_columns", ())}
            found.setdefault(node["attached_node"], set()).update(filled)
    return found


def _in_order(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Models and data tests, each after what it reads."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        node = manifest["nodes"].get(name)
        if name in done or node is None or node["resource_type"] not in ("model", "test"):
            return
        done.add(name)
        for parent in node["depends_on"]["nodes"]:
            yield from visit(parent)
        yield name

    for name in manifest["nodes"]:
        yield from visit(name)


if __name__ == "__main__":
    sys.exit(main())
