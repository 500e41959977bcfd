"""Which columns of the compiled models may be null, told from their SQL.

A column is never null where a test of the project asserts it (unique_combination, not_null), or where the SQL gives it
from such columns without an outer join. What cannot be told may be null.

Belongs here: columns of each relation, and whether an expression may be null where it stands.
Does not belong here: what follows from it (tests/portable_sql.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

# name of a column -> is it never null?
Columns = dict[str, bool]

ALWAYS_THERE = (
    exp.Boolean,
    exp.Count,
    exp.CountIf,
    exp.CurrentTimestamp,
    exp.DenseRank,
    exp.Exists,
    exp.Explode,
    exp.GenerateSeries,
    exp.Interval,
    exp.Is,
    exp.Literal,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Ntile,
    exp.PercentRank,
    exp.Rank,
    exp.RowNumber,
    exp.Star,
)
MAY_BE_NULL = (exp.Lag, exp.Lead, exp.Null, exp.Nullif, exp.NthValue, exp.TryCast, exp.Bracket, exp.JSONExtract)
REJECT_NULLS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like)


@dataclass
class Relations:
    """What is known of each relation (`schema.name`) so far, and of the scopes of the query that is looked at."""

    columns: dict[str, Columns] = field(default_factory=dict)

    def look_at(self, tree: exp.Expression) -> tuple[Columns, list[Where]]:
        """Columns that a query returns, and all of its scopes with what is known there."""
        query = qualify(
            tree,
            dialect="duckdb",
            schema=self._schema(),
            validate_qualify_columns=False,
            quote_identifiers=False,
            identify=False,
        )
        known: dict[int, Columns] = {}
        places: list[Where] = []
        output: Columns = {}
        for scope in traverse_scope(query):
            place = Where(scope, self._sources(scope, known))
            places.append(place)
            output = known[id(scope)] = place.output(known)
        return output, places

    def _schema(self) -> dict[str, dict[str, dict[str, str]]]:
        schema: dict[str, dict[str, dict[str, str]]] = {}
        for relation, columns in self.columns.items():
            owner, _, name = relation.partition(".")
            schema.setdefault(owner, {})[name] = dict.fromkeys(columns, "unknown")
        return schema

    def _sources(self, scope: Scope, known: Mapping[int, Columns]) -> dict[str, Columns]:
        found = {}
        for name, source in scope.sources.items():
            if isinstance(source, exp.Table):
                found[name] = self.columns.get(f"{source.db}.{source.name}".lower(), {})
            else:
                found[name] = known.get(id(source), {})
        return found


@dataclass
class Where:
    """One select, and what is known of the columns that it reads."""

    scope: Scope
    sources: dict[str, Columns]

    def __post_init__(self) -> None:
        self.given: set[tuple[str, str]] = set()
        select = self.scope.expression
        if not isinstance(select, exp.Select):
            return
        self.sources = {name: dict(columns) for name, columns in self.sources.items()}
        joined = [_from(select)]
        for join in select.args.get("joins") or ():
            if join.side in ("LEFT", "FULL"):
                self._forget([join.alias_or_name])
            if join.side in ("RIGHT", "FULL"):
                self._forget(joined)
            joined.append(join.alias_or_name)
        conditions = [select.args["where"].this] if select.args.get("where") else []
        conditions += [
            join.args["on"] for join in select.args.get("joins") or () if join.args.get("on") and not join.side
        ]
        for condition in conditions:
            self.given.update(_rejected(condition))

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self.sources[name] = dict.fromkeys(self.sources.get(name, {}), False)

    def output(self, known: Mapping[int, Columns]) -> Columns:
        expression = self.scope.expression
        if isinstance(expression, exp.SetOperation):
            sides = [known.get(id(part), {}) for part in self.scope.set_operation_scopes]
            if len(sides) < 2:
                return sides[0] if sides else {}
            rest = [list(side.values()) for side in sides[1:]]
            return {
                name: filled and all(position < len(side) and side[position] for side in rest)
                for position, (name, filled) in enumerate(sides[0].items())
            }
        if isinstance(expression, exp.Select):
            return {each.alias_or_name.lower(): self.is_filled(each) for each in expression.expressions}
        return {}

    def is_filled(self, node: exp.Expression) -> bool:
        """Whether an expression of this select is never null."""
        if isinstance(node, exp.Column):
            return self._column_is_filled(node)
        if isinstance(node, MAY_BE_NULL):
            return False
        if isinstance(node, ALWAYS_THERE):
            return True
        if isinstance(node, (exp.Alias, exp.Paren, exp.Cast, exp.Ordered, exp.Neg, exp.Not, exp.IgnoreNulls)):
            return self.is_filled(node.this)
        if isinstance(node, exp.Window):
            return self._window_is_filled(node)
        if isinstance(node, (exp.Coalesce, exp.Greatest, exp.Least)):
            return any(self.is_filled(each) for each in (node.this, *node.expressions))
        if isinstance(node, exp.Case):
            ends = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default") or exp.Null()]
            return all(self.is_filled(each) for each in ends)
        if isinstance(node, exp.If):
            return all(self.is_filled(node.args.get(name) or exp.Null()) for name in ("true", "false"))
        if isinstance(node, exp.AggFunc):
            # over no rows at all, most are null: a group has at least one
            return bool(self.scope.expression.args.get("group")) and self._arguments_are_filled(node)
        if isinstance(node, (exp.Binary, exp.Func, exp.Between, exp.In, exp.Extract, exp.AtTimeZone, exp.Var)):
            return self._arguments_are_filled(node)
        return False

    def _column_is_filled(self, column: exp.Column) -> bool:
        name = column.name.lower()
        if not column.table:
            selected = self.scope.expression.selects if isinstance(self.scope.expression, exp.Query) else []
            for each in selected:
                if isinstance(each, exp.Alias) and each.alias.lower() == name and each.find(exp.Column) is not column:
                    return self.is_filled(each.this)
            return any(columns.get(name, False) for columns in self.sources.values())
        return (column.table, name) in self.given or self.sources.get(column.table, {}).get(name, False)

    def _window_is_filled(self, window: exp.Window) -> bool:
        if isinstance(window.this, MAY_BE_NULL):
            return bool(window.this.args.get("default")) and self._arguments_are_filled(window.this)
        if isinstance(window.this, ALWAYS_THERE):
            return True
        spec = window.args.get("spec")
        includes_own_row = spec is None or (
            spec.args.get("end_side") != "PRECEDING" and spec.args.get("start_side") != "FOLLOWING"
        )
        return includes_own_row and window.args.get("alias") is None and self._arguments_are_filled(window.this)

    def _arguments_are_filled(self, node: exp.Expression) -> bool:
        return all(self.is_filled(each) for each in node.iter_expressions() if not isinstance(each, exp.DataType))


def _from(select: exp.Select) -> str:
    from_ = select.args.get("from_")
    return from_.alias_or_name if from_ else ""


def _rejected(condition: exp.Expression) -> Iterator[tuple[str, str]]:
    """Columns without which a condition does not hold."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _rejected(condition.left)
        yield from _rejected(condition.right)
    elif isinstance(condition, exp.Not) and isinstance(condition.this.unnest(), exp.Is):
        yield from _columns(condition.this.unnest().this)
    elif isinstance(condition, REJECT_NULLS):
        yield from _columns(condition.this)
        if isinstance(condition, exp.Binary):
            yield from _columns(condition.expression)


def _columns(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, exp.Column):
        yield node.table, node.name.lower()
