"""A digest as one HTML file: no script, no picture, nothing from elsewhere, so that a mail program shows it as it is.

Belongs here: the markup, and that everything from the data is escaped.
Does not belong here: words and numbers (content.py), sizes and our own colours (page.css).
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from customer_health.digest.content import Digest, Figure, Grade, Item, Section, day
from customer_health.reading.colours import legible_on, sound_colour

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(digest: Digest) -> str:
    """The whole page. Tables carry the layout, because not every mail program knows more."""
    title = f"Customer health: the week to {day(digest.as_of)}"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{escape(title)}, {escape(digest.whose)}</title>",
            f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>",
            "</head>",
            '<body><div class="page">',
            f'<p class="eyebrow">Customer health · {escape(digest.whose)}</p>',
            f"<h1>The week to {escape(day(digest.as_of))}</h1>",
            f'<p class="stale" role="status"><b>Not the newest.</b> {escape(digest.stale)}</p>' if digest.stale else "",
            f'<p class="lead">{escape(digest.lead)}</p>',
            _figures(digest.figures),
            *(_section(section) for section in digest.sections),
            f"<footer>Scores as of {escape(day(digest.as_of))}, published {digest.published_at:%Y-%m-%d %H:%M} UTC "
            f"({escape(digest.publication_id)}). Money is US dollars a month. A probability is the share of customers "
            "with the same grade who stayed.</footer>",
            "</div></body>",
            "</html>",
            "",
        ]
    )


def _figures(figures: Iterable[Figure]) -> str:
    cells = "".join(
        f'<td class="{"bad" if figure.is_bad else ""}"><span class="label">{escape(figure.label)}</span>'
        f'<span class="value">{escape(figure.value)}</span><span class="small">{escape(figure.note)}</span></td>'
        for figure in figures
    )
    return f'<table class="figures" role="presentation"><tr>{cells}</tr></table>'


def _section(section: Section) -> str:
    head = f"<h2>{escape(section.title)} <span class='grade'>{section.total or ''}</span></h2>"
    if not section.items:
        return f'{head}\n<p class="note">{escape(section.empty)}</p>'
    note = f'<p class="note">{escape(section.note)}</p>' if section.note else ""
    rows = "\n".join(_item(item) for item in section.items)
    more = f'<p class="more">and {section.left_out:,} more in the dashboard</p>' if section.left_out else ""
    return f'{head}\n{note}<table class="items" role="presentation">\n{rows}\n</table>{more}'


def _item(item: Item) -> str:
    mark = f'<td class="mark">{_letter(item.grade)}</td>' if item.grade else ""
    word = f' <span class="grade">{escape(item.grade.label)}</span>' if item.grade else ""
    facts = "".join(f'<span class="facts">{escape(fact)}</span>' for fact in item.facts)
    row = (
        f'<tr class="{"" if item.action else "end"}">{mark}<td><span class="about">{escape(item.about)}</span>{word}'
        f'{facts}</td><td class="amount">{escape(item.amount)}</td></tr>'
    )
    if not item.action:
        return row
    # a row of its own, so that it has the room beneath the amount as well
    before = "<td></td>" if item.grade else ""
    action = f'<span class="action">{escape(item.action)}</span>'
    return f'{row}\n<tr class="todo end">{before}<td colspan="2">{action}</td></tr>'


def _letter(grade: Grade) -> str:
    fill = sound_colour(grade.colour)
    return f'<span class="letter" style="background:{fill};color:{legible_on(fill)}">{escape(grade.letter)}</span>'
