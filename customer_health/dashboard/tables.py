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
from markupsafe import Markup

from customer_health.dashboard import markup
from customer_health.reading.export import write_csv

Row = dict[str, Any]
ROWS_SHOWN = 25


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        title: its heading, with the unit.
        cell: what it holds of a row: text or a number, which is escaped, or Markup.
        kind: `number` (right-aligned), `short` (never broken), `long` (gets room), and `minor` (not on a phone), in any
            combination, or nothing.
    """

    title: str
    cell: Callable[[Row], Any]
    kind: str = ""


def text(name: str, missing: str = "–") -> Callable[[Row], Any]:
    """A cell that shows a value as it is."""
    return lambda row: missing if row[name] is None else row[name]


def number(name: str, pattern: str = "{:,.0f}", missing: str = "–") -> Callable[[Row], str]:
    """A cell that shows a number by a format pattern."""
    return lambda row: missing if row[name] is None else pattern.format(row[name])


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
        st.html(markup.paragraph(empty, "nothing"))
        return
    state = f"rows_shown_{name}"
    shown = min(st.session_state.get(state, first), len(rows))
    st.html(table(rows[:shown], columns, caption))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(markup.subtitle(f"{shown:,} of {len(rows):,} rows"), width="content")
        if shown < len(rows):
            more = min(4 * shown, len(rows))
            # the callback runs before the page is drawn again, so that the table above already knows
            st.button(f"Show {more:,}", key=f"more_{name}", on_click=st.session_state.update, args=({state: more},))
        st.download_button(
            "Download CSV", lambda: csv_of(rows), f"{name}.csv", "text/csv", key=f"csv_{name}", on_click="ignore"
        )


def table(rows: Sequence[Row], columns: Sequence[Column], caption: str = "") -> Markup:
    """Rows as an HTML table that scrolls within itself where the page is narrow.

    One with a long column becomes a list of cards on a phone, where each cell bears its title.
    """
    as_cards = any("long" in column.kind for column in columns)
    return markup.macros("table.html.j2").table(rows, columns, caption, as_cards)


def csv_of(rows: Sequence[Row]) -> bytes:
    """All values of rows as CSV, safe to open in a spreadsheet; the mark at its beginning tells the encoding."""
    out = io.StringIO(newline="")
    write_csv(out, list(rows[0]) if rows else [], (list(row.values()) for row in rows))
    return out.getvalue().encode("utf-8-sig")
