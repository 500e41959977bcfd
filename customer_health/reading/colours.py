"""Colours of grades, which are configuration: made safe to put into a page, and legible.

Belongs here: what dashboard and digest do with a colour that a company chose.
Does not belong here: colours of our own (dashboard/theme.py, digest/page.css), pages.
"""

from __future__ import annotations

import re

GREY = "#8a949e"


def sound_colour(colour: str | None) -> str:
    """A colour of the configuration as #rrggbb, grey if it is none."""
    return colour if colour and re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else GREY


def legible_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour (#rrggbb), by the contrast of WCAG 2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"
