"""What surrounds every page: who reads, which publication, whether it is stale, what is said when nothing can be shown.

Belongs here: the menu, the reader of a session, banner and footer, errors in plain words.
Does not belong here: what a page shows (pages/), looks (theme.py), who may see what (reading/access.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import streamlit as st

from customer_health.core.settings import Settings, SettingsError, read_settings
from customer_health.dashboard import theme
from customer_health.dashboard.markup import macros, paragraph
from customer_health.publication.status import staleness
from customer_health.reading.access import ACCESS_VARIABLE, AccessError, Reader, reader_named
from customer_health.reading.published import NothingPublishedError, Publications, Snapshot

WAREHOUSE_VARIABLE = "CUSTOMER_HEALTH_WAREHOUSE"
IDENTITY_HEADER_VARIABLE = "CUSTOMER_HEALTH_IDENTITY_HEADER"

_FRAME = macros("frame.html.j2")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """One page of the menu.

    Attributes:
        path: its place in the address, such as `account`; empty for the page that opens first.
        title: its name in the menu.
        show: draws it for a snapshot.
        for_whole_book: it shows marts that only those may see who see everything, so others do not find it in the menu.
    """

    path: str
    title: str
    show: Callable[[Snapshot], None]
    for_whole_book: bool = False


def run(pages: Sequence[Page]) -> None:
    """Draw the menu and the chosen page, from what is published now."""
    st.set_page_config(page_title="Customer health", layout="wide", menu_items={"About": None})
    theme.apply()
    try:
        reader = reader_of(st.context.headers, read_settings())
        snapshot = _publications(warehouse()).current(reader)
    except (AccessError, NothingPublishedError, SettingsError) as error:
        reason = str(error)
        _choose([_entry(page, lambda: st.error(reason)) for page in pages], "hidden")
        return
    seen = [page for page in pages if not (page.for_whole_book and reader.is_restricted)]
    _choose([_entry(page, lambda page=page: _draw(page, snapshot)) for page in seen], "top")


def reader_of(headers: Mapping[str, str], settings: Settings) -> Reader:
    """Who reads in this session: everybody is the same unless an access list and the header of a proxy are named.

    Raises:
        AccessError: this reader may see nothing, or only one of the two is named.
    """
    check_access(settings)
    header = settings.identity_header
    return reader_named(headers.get(header) if header else None, settings.access)


def check_access(settings: Settings) -> None:
    """Refuse an access list without the header that says who somebody is, and the other way round.

    Raises:
        AccessError: only one of the two is named.
    """
    given = {ACCESS_VARIABLE: settings.access, IDENTITY_HEADER_VARIABLE: settings.identity_header}
    named = [variable for variable, value in given.items() if value]
    if len(named) == 1:
        raise AccessError(
            f"{ACCESS_VARIABLE} says who may see what, {IDENTITY_HEADER_VARIABLE} in which header a proxy says who"
            f" somebody is. Only {named[0]} is set, so nothing is shown: set both, or neither."
        )


def heading(title: str, subtitle: str = "") -> None:
    """The first line of a page; below it what the page answers."""
    st.html(_FRAME.heading(title, subtitle))


def section(title: str, subtitle: str = "") -> None:
    """The heading of a part of a page."""
    st.html(_FRAME.section(title, subtitle))


def nothing(words: str) -> None:
    """Say why a part of a page is empty, and what would fill it."""
    st.html(paragraph(words, "nothing"))


def _choose(entries: Sequence[object], position: str) -> None:
    st.navigation(entries, position=position).run()


def _entry(page: Page, draw: Callable[[], object]) -> object:
    return st.Page(draw, title=page.title, url_path=page.path, default=not page.path)


def _draw(page: Page, snapshot: Snapshot) -> None:
    _stale_banner(warehouse())
    try:
        page.show(snapshot)
    except Exception as error:
        # what went wrong may name data, so it goes to the log of whoever runs the server
        _log.exception("page %s of publication %s", page.path, snapshot.publication_id)
        st.error(f"This page cannot be shown. {_why(error)} The other pages may work.")
    _footer(snapshot)


def _why(error: Exception) -> str:
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return "It needs a table or column that an earlier version of this project did not publish: refresh once more."
    return "What went wrong is in the log of the dashboard."


def warehouse() -> Path:
    """The folder that this server shows."""
    return read_settings().warehouse


# one per server: a publication is opened once for all sessions of a reader, and followed by the next one
@st.cache_resource(show_spinner=False)
def _publications(warehouse: Path) -> Publications:
    return Publications(warehouse)


def _stale_banner(warehouse: Path) -> None:
    verdict = staleness(warehouse)
    if verdict.is_stale:
        st.html(_FRAME.stale(verdict.as_of, verdict.reason))


def _footer(snapshot: Snapshot) -> None:
    whose = {
        "everything": "all accounts",
        "team": f"the accounts of the team of {snapshot.reader.csm_id}",
        "accounts": f"the accounts of {snapshot.reader.csm_id}",
    }[snapshot.reader.sees]
    st.html(_FRAME.footer(snapshot, whose))
