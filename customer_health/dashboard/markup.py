"""Small pieces of HTML that all pages use. What is put into one is escaped, unless it is Markup already.

Belongs here: badges, tiles, links between pages, paragraphs and lists; finding the templates of larger parts.
Does not belong here: tables (tables.py), colours and sizes (theme.py, dashboard.css), what a page says (pages/), the
markup itself (templates/).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from customer_health.core.templates import template
from customer_health.dashboard.theme import LINE, legible_on, sound_colour


def macros(name: str) -> Any:
    """The macros of `templates/<name>`: functions that return Markup."""
    return template(__file__, name).module


_PIECES = macros("pieces.html.j2")


def address(page: str, **parameters: Any) -> str:
    """The address of a page, relative, so that it works wherever the dashboard is mounted; empty ones stay out."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{page or './'}?{urlencode(given)}" if given else page or "./"


def link(words: Any, page: str, **parameters: Any) -> Markup:
    """A link to a page of the dashboard."""
    return _PIECES.link(words, address(page, **parameters))


def account_link(account_id: str, account_name: str | None, scorecard: str | None = None) -> Markup:
    """A link to the page of an account, which can be shared."""
    return link(account_name or account_id, "account", account=account_id, scorecard=scorecard)


def badge(grade: str | None, label: str | None, colour: str | None, size: str = "") -> Markup:
    """A grade as letter, colour and word, so that colour is never the only sign.

    Args:
        grade: its letter, or nothing for an account without a score.
        label: its word, such as Healthy.
        colour: #RRGGBB, as health.dim_grades has it.
        size: `large` for the head of a page.
    """
    fill = sound_colour(colour) if grade else LINE
    return _PIECES.badge(grade, label, fill, legible_on(fill), size)


def tile(label: str, value: Any, note: str = "", mood: str = "") -> Markup:
    """A number with what it means and one sentence; `mood` is good, bad or nothing, and its note must say the same."""
    return _PIECES.tile(label, value, note, mood)


def tiles(given: Iterable[Markup]) -> Markup:
    """Tiles side by side, as many in a row as fit."""
    return _PIECES.tiles(given)


def paragraph(words: Any, kind: str = "") -> Markup:
    """A paragraph; `kind` is a class of dashboard.css, such as nothing, subtitle or verdict."""
    return _PIECES.paragraph(words, kind)


def bullets(lines: Iterable[Any], kind: str = "said") -> Markup:
    """Lines below each other."""
    return _PIECES.bullets(lines, kind)


def strong(words: Any) -> Markup:
    """What is to be read first."""
    return _PIECES.strong(words)


def subtitle(words: Any) -> Markup:
    """What is to be read second."""
    return _PIECES.subtitle(words)


def above(words: Any, below: Any) -> Markup:
    """Words, and smaller ones on the line below."""
    return _PIECES.above(words, below)
