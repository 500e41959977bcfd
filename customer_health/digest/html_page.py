"""A digest as one HTML file: no script, no picture, nothing from elsewhere, so that a mail program shows it as it is.

Belongs here: what the template is given.
Does not belong here: the markup (templates/page.html.j2), words and numbers (content.py), sizes and our own colours
(page.css).
"""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from customer_health.core.templates import template
from customer_health.digest.content import Digest, day
from customer_health.reading.colours import legible_on, sound_colour

STYLE = Path(__file__).with_name("page.css")


def render(digest: Digest) -> str:
    """The whole page."""
    return template(__file__, "page.html.j2").render(
        digest=digest,
        style=Markup(STYLE.read_text(encoding="utf-8")),
        day=day,
        sound_colour=sound_colour,
        legible_on=legible_on,
    )
