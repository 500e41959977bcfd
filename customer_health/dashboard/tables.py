"""Tables that are read on a page, and the same rows as CSV.

Belongs here: columns, how a cell is set, how many rows are shown, the download.
Does not belong here: which rows (reading/), what makes CSV harmless (reading/export.py).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from customer_health.dashboard.markup import escaped
from customer_health.reading.export import write_csv

Row = dict[str, Any]
ROWS_SHOWN = 25


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        title: its heading, with the unit.
        cell: makes HTML of a row; whatever comes from data must pass `markup.escaped`.
        kind: `number` (right-aligned), `short` (never broken), `long` (gets room), and `minor` (not on a phone), in any
            combination, or nothing.
    """

    title: str
    cell: Callable[[Row], str]
    kind: str = ""


def text(name: str, missing: str = "–") -> Callable[[Row], str]:
    """A cell that shows a value as it is."""
    return lambda row: escaped(missing if row[name] is None else row[name])


def number(name: str, pattern: str = "{:,.0f}", missing: str = "–") -> Callable[[Row], str]:
    """A cell that shows a number by a format pattern."""
    return lambda row: escaped(missing if row[name] is None else pattern.format(row[name]))


def show(
    rows: Sequence[Row],
    columns: Sequence[Column],
    name: str,
    caption: str = "",
    empty: str = "Nothing.",
    first: int = ROWS_SHOWN,
) -> None:
    """Show the first rows as a table, let more be asked for, and offer all of them as CSV.

    Args:
        rows: all rows; the CSV holds their values as they are, so give them the columns that somebody may see.
        name: of the file, and unique on the page.
        caption: what the rows are and how they are ordered.
        empty: what to say when there are none.
        first: how many rows are shown before somebody asks for more.
    """
    if not rows:
        st.html(f'<p class="nothing">{escaped(empty)}</p>')
        return
    state = f"rows_shown_{name}"
    shown = min(st.session_state.get(state, first), len(rows))
    st.html(table(rows[:shown], columns, caption))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<span class="subtitle">{shown:,} of {len(rows):,} rows</span>', width="content")
        if shown < len(rows):
            more = min(4 * shown, len(rows))
            # the callback runs before the page is drawn again, so that the table above already knows
            st.button(f"Show {more:,}", key=f"more_{name}", on_click=st.session_state.update, args=({state: more},))
        st.download_button(
            "Download CSV", lambda: csv_of(rows), f"{name}.csv", "text/csv", key=f"csv_{name}", on_click="ignore"
        )


def table(rows: Sequence[Row], columns: Sequence[Column], caption: str = "") -> str:
    """Rows as an HTML table that scrolls within itself where the page is narrow.

    One with a long column becomes a list of cards on a phone, where each cell bears its title.
    """
    head = "".join(f'<th scope="col" class="{column.kind}">{escaped(column.title)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(_cell(row, column) for column in columns)}</tr>" for row in rows)
    below = f"<caption>{escaped(caption)}</caption>" if caption else ""
    whole = f"<table>{below}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    cards = " as-cards" if any("long" in column.kind for column in columns) else ""
    # focusable, so that the keyboard can scroll it sideways
    return f'<div class="tablebox{cards}" tabindex="0" role="region" aria-label="table">{whole}</div>'


def _cell(row: Row, column: Column) -> str:
    return f'<td class="{column.kind}" data-title="{escaped(column.title)}">{column.cell(row)}</td>'


def csv_of(rows: Sequence[Row]) -> bytes:
    """All values of rows as CSV, safe to open in a spreadsheet; the mark at its beginning tells the encoding."""
    out = io.StringIO(newline="")
    write_csv(out, list(rows[0]) if rows else [], (list(row.values()) for row in rows))
    return out.getvalue().encode("utf-8-sig")
