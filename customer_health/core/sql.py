"""Names and texts as SQL.

Belongs here: the only place where a name or a text from outside becomes part of a statement.
Does not belong here: statements. Where the engine takes parameters, bind values instead.
"""

from __future__ import annotations

from pathlib import Path

# what the loader adds to each raw row
AUDIT_COLUMNS = {"_loaded_at": "timestamp", "_source_file": "varchar", "_source_row": "bigint"}


def quote_name(name: str) -> str:
    """Return an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str | Path) -> str:
    """Return an SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"
