"""Names and texts as SQL.

Belongs here: the only place where a name or a text from outside becomes part of a statement, and reading the statements
that lie in files of their own.
Does not belong here: statements. Where the engine takes parameters, bind values instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

# what the loader adds to each raw row
AUDIT_COLUMNS = {"_loaded_at": "timestamp", "_source_file": "varchar", "_source_row": "bigint"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def quote_name(name: str) -> str:
    """Return an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str | Path) -> str:
    """Return an SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def quote_texts(texts: Iterable[str]) -> str:
    """Return SQL string literals, to be listed between brackets."""
    return ", ".join(quote_text(text) for text in texts)


def read_sql(module: str, name: str, **parts: str | float) -> str:
    """Return the text of `sql/<name>.sql` beside a module.

    Args:
        module: `__file__` of the module that runs it.
        name: of the file, without its ending.
        parts: what stands where the file says `{name}`: relations, literals that the module itself writes, and names
            and texts that were quoted here. What comes from elsewhere is bound by the engine, as `$name`.

    Raises:
        ValueError: the file asks for other ones than are given.
    """
    text = _text(Path(module).parent / "sql" / f"{name}.sql")
    asked = set(PLACEHOLDER.findall(text))
    if asked != parts.keys():
        raise ValueError(f"{name}.sql asks for {sorted(asked)} and is given {sorted(parts)}")
    return PLACEHOLDER.sub(lambda found: str(parts[found.group(1)]), text)


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
