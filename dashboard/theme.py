"""How everything looks: colours that colour-blind people tell apart, the theme of charts, Streamlit's options.

Belongs here: colours, fonts, the Altair theme, the options that the server is started with.
Does not belong here: sizes and spacing of HTML (dashboard.css), HTML itself (markup.py), colours of grades (they are
configuration: health.dim_grades).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import altair as alt
import streamlit as st

INK = "#1f2933"
MUTED = "#5b6770"
LINE = "#d9dee3"
SURFACE = "#f6f8fa"
# blue and orange differ for every kind of colour vision; grey is the third
BLUE = "#2166ac"
ORANGE = "#b35806"
PALE_BLUE = "#d6e4f2"
PALE_ORANGE = "#f7e3cf"
GREY = "#8a949e"
FONT = "Source Sans, Source Sans Pro, sans-serif"

STYLE = Path(__file__).with_name("dashboard.css")

# given to the server when it starts, so that no folder of settings is needed
SERVER_OPTIONS = {
    "browser.gatherUsageStats": False,
    "server.headless": True,
    "server.showEmailPrompt": False,
    "server.fileWatcherType": "none",
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
    "theme.base": "light",
    "theme.primaryColor": BLUE,
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": SURFACE,
    "theme.textColor": INK,
    "theme.borderColor": LINE,
    "theme.linkColor": BLUE,
    "theme.baseRadius": "small",
    "theme.baseFontSize": 15,
}


def apply() -> None:
    """Give the page being drawn its looks."""
    st.html(STYLE)
    alt.theme.enable("customer_health")


def draw(chart: alt.TopLevelMixin, words: str) -> None:
    """Show a chart over the whole width of its place.

    Args:
        words: what the chart shows, in a sentence with its numbers, for those who cannot see it.
    """
    st.altair_chart(chart, width="stretch", theme=None, alt=words)


def sound_colour(colour: str | None) -> str:
    """A colour of the configuration as #rrggbb, grey if it is none."""
    return colour if colour and re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else GREY


def legible_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour (#rrggbb), by the contrast of WCAG 2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"


@alt.theme.register("customer_health", enable=False)
def _altair() -> dict[str, Any]:
    words = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": 12, "titleFontSize": 12}
    axis = {
        **words,
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "domainColor": LINE,
        "tickColor": LINE,
        "gridColor": "#eceff2",
        "labelPadding": 6,
    }
    return {
        "config": {
            "background": "transparent",
            "font": FONT,
            "view": {"stroke": None},
            "axis": axis,
            "axisX": {"grid": False},
            "axisY": {"domain": False, "ticks": False},
            "legend": {**words, "labelColor": INK, "titleColor": MUTED, "orient": "top", "titleFontWeight": "normal"},
            "header": {**words, "labelColor": INK, "titleColor": MUTED},
            "text": {"font": FONT, "fontSize": 12, "color": INK},
            "line": {"strokeWidth": 2, "color": BLUE},
            "bar": {"color": BLUE},
            "range": {"category": [BLUE, ORANGE, GREY, "#67a9cf", "#e08214", "#4d4d4d"]},
        }
    }
