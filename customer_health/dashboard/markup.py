"""Small pieces of HTML that all pages use. Everything that comes from data passes `escaped`.

Belongs here: badges, tiles, links between pages.
Does not belong here: tables (tables.py), colours and sizes (theme.py, dashboard.css), what a page says (pages/).
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from customer_health.dashboard.theme import LINE, legible_on, sound_colour


def escaped(value: Any) -> str:
    """Text that cannot be anything but text in HTML; nothing for None."""
    return "" if value is None else html.escape(str(value))


def address(page: str, **parameters: Any) -> str:
    """The address of a page, relative, so that it works wherever the dashboard is mounted; empty ones stay out."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{page or './'}?{urlencode(given)}" if given else page or "./"


def link(words: Any, page: str, **parameters: Any) -> str:
    """A link to a page of the dashboard."""
    return f'<a href="{escaped(address(page, **parameters))}">{escaped(words)}</a>'


def account_link(account_id: str, account_name: str | None, scorecard: str | None = None) -> str:
    """A link to the page of an account, which can be shared."""
    return link(account_name or account_id, "account", account=account_id, scorecard=scorecard)


def badge(grade: str | None, label: str | None, colour: str | None, size: str = "") -> str:
    """A grade as letter, colour and word, so that colour is never the only sign.

    Args:
        grade: its letter, or nothing for an account without a score.
        label: its word, such as Healthy.
        colour: #RRGGBB, as health.dim_grades has it.
        size: `large` for the head of a page.
    """
    fill = sound_colour(colour) if grade else LINE
    letter = f'<b style="background:{fill};color:{legible_on(fill)}">{escaped(grade or "–")}</b>'
    return f'<span class="badge {escaped(size)}">{letter}<span>{escaped(label or "No score")}</span></span>'


def tile(label: str, value: Any, note: str = "", mood: str = "") -> str:
    """A number with what it means and one sentence; `mood` is good, bad or nothing, and its note must say the same."""
    below = f'<div class="note">{escaped(note)}</div>' if note else ""
    words = f'<div class="label">{escaped(label)}</div><div class="value">{escaped(value)}</div>{below}'
    return f'<div class="tile {escaped(mood)}">{words}</div>'


def tiles(given: Iterable[str]) -> str:
    """Tiles side by side, as many in a row as fit."""
    return f'<div class="tiles">{"".join(given)}</div>'
