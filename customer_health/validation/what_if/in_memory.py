"""The models of a what-if in a database in memory, in the order of dbt's own lineage.

Each appears under its own name as a view: of its SQL where a build stores a view, too, and of a table in `edited` where
a build stores rows. So what a model reads can be put in its place by whoever knows a shorter way to the same rows, and
the SQL of the models stays as dbt compiled it.

Belongs here: making models, placing rows in the place of a model.
Does not belong here: which rows stand in for which model (rescoring.py, sides.py), compiling (formulas.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb

from customer_health.validation.what_if.formulas import Formula

# holds the rows of what is computed anew
EDITED = "edited"
# what the questions look at, under names that do not depend on the models
AFTER = "after"


class InMemory:
    """Models by name. The connection is to a database in memory, with the build file attached as `build`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, formulas: Mapping[str, Formula]) -> None:
        self.connection = connection
        self.formulas = formulas
        self._placed: dict[str, str] = {}

    def relation(self, name: str) -> str:
        """Schema and name."""
        return self.formulas[name].relation

    def sql(self, name: str) -> str:
        """What computes it, of what is in the place of its inputs when that runs; to be read from."""
        return f"({self.formulas[name].sql})"

    def rows(self, name: str) -> str:
        """What is in its place now; to be read from, in what is to replace it, too."""
        return f"({self._placed[name]})"

    def create_schemas(self) -> None:
        """Begin with nothing in its place."""
        for schema in (*sorted({formula.relation.split(".")[0] for formula in self.formulas.values()}), EDITED, AFTER):
            self.connection.execute(f"drop schema if exists {schema} cascade; create schema {schema}")
        self._placed.clear()

    def place(self, name: str, query: str) -> None:
        """Put the rows of a query in the place of a model."""
        self._placed[name] = query
        self.connection.execute(f"create or replace view {self.relation(name)} as {query}")

    @contextmanager
    def placed(self, queries: Mapping[str, str]) -> Iterator[None]:
        """Put the rows of other queries in the place of models for a while."""
        before = {name: self._placed[name] for name in queries}
        for name, query in queries.items():
            self.place(name, query)
        try:
            yield
        finally:
            for name, query in before.items():
                self.place(name, query)

    def make(self, name: str, where: str = "") -> None:
        """Make a model and whatever it reads that is not in its place yet.

        Args:
            where: of its rows, keep these.
        """
        self.make_inputs(name)
        if self.formulas[name].is_view:
            self.place(name, f"select * from {self.sql(name)} {where}")
        else:
            self.connection.execute(f"create table {EDITED}.{name} as select * from {self.sql(name)} {where}")
            self.place(name, f"from {EDITED}.{name}")

    def make_inputs(self, name: str) -> None:
        """Make what a model reads, as far as it is not in its place yet."""
        for read in self.formulas[name].reads:
            if read not in self._placed:
                self.make(read)
