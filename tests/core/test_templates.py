"""Templates escape what is put into them, and fail where they ask for something that nobody gave."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import jinja2
import pytest
from markupsafe import Markup

from customer_health.core.templates import template

EVIL = "<script>'&\""
ESCAPED = "&lt;script&gt;&#39;&amp;&#34;"


@pytest.fixture
def module(tmp_path: Path) -> str:
    """The `__file__` of a module with templates beside it."""
    texts = {"page": "<p>{{ words }}</p>\n", "pieces": "{% macro piece(words) %}<b>{{ words }}</b>{% endmacro %}\n"}
    (tmp_path / "templates").mkdir()
    for name, text in texts.items():
        (tmp_path / "templates" / f"{name}.html.j2").write_text(text, encoding="utf-8")
    return str(tmp_path / "module.py")


def test_text_is_escaped_and_markup_stays(module: str) -> None:
    page = template(module, "page.html.j2")
    assert page.render(words=EVIL) == f"<p>{ESCAPED}</p>\n"
    assert page.render(words=Markup("<i>so</i>")) == "<p><i>so</i></p>\n"
    piece = template(module, "pieces.html.j2").module.piece(EVIL)
    assert piece == f"<b>{ESCAPED}</b>" and isinstance(piece, Markup)
    assert page.render(words=piece) == f"<p>{piece}</p>\n"


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (date(2026, 6, 30), "2026-06-30"), (0, "0")])
def test_values_are_shown_as_text_and_none_as_nothing(module: str, value: object, shown: str) -> None:
    assert template(module, "page.html.j2").render(words=value) == f"<p>{shown}</p>\n"


def test_what_nobody_gave_is_an_error(module: str) -> None:
    with pytest.raises(jinja2.UndefinedError, match="'words' is undefined"):
        template(module, "page.html.j2").render(word="misspelt")
    with pytest.raises(jinja2.UndefinedError):
        template(module, "pieces.html.j2").module.piece()
    with pytest.raises(jinja2.TemplateNotFound):
        template(module, "another.html.j2")
