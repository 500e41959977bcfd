"""What a check is: a small frame that the engine computes, expectations on it, and what to say of it.

Belongs here: the shape of a check, and of the words that its result ends in.
Does not belong here: which checks there are (raw_arrivals.py, staged_facts.py, marts.py), or running them (judge.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROWS_SHOWN = 3


@dataclass(frozen=True)
class Check:
    """One rule about a build.

    `sql` ends in few rows: one per subject that is judged (a table, a column, a day), the worst first. What is too
    small or too new to be judged stays in the frame with an empty value, which expectations pass over; a frame with
    fewer than `least_rows` rows fails, because a rule that judged nothing has shown nothing.
    `told` sets a row of the frame in words, `told_when_fine` all of them together; `keys_sql` lists the keys behind a
    failure, never anything that may be personal.
    """

    name: str
    severity: str
    expected: str
    reason: str
    sql: str
    expectations: Sequence[Any]
    told: str
    keys_sql: str | None = None
    told_when_fine: str | None = None
    least_rows: int = 1

    def when_fine(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """What a frame without failures shows: the row that came nearest to its limit."""
        if self.told_when_fine:
            return self.told_when_fine.format(subjects=len(rows))
        others = f" (the worst of {len(rows)})" if rows[1:] else ""
        return (self.in_words(rows[:1]) or "nothing to judge") + others

    def in_words(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """The first few rows as text."""
        told = [self.told.format_map({name: _Value(value) for name, value in row.items()}) for row in rows]
        more = len(told) - ROWS_SHOWN
        return "; ".join(told[:ROWS_SHOWN]) + (f"; and {more} more" if more > 0 else "")


class _Value:
    """A value of a frame that may be missing, whatever format its sentence asks for."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, spec: str) -> str:
        # the one value that differs from itself is "not a number"
        if self.value is None or self.value != self.value:
            return "–"
        return format(self.value, spec)
