"""How everything looks: colours that colour-blind people tell apart, the theme of charts, Streamlit's options.

Belongs here: colours, fonts, the Altair theme, the options that the server is started with.
Does not belong here: sizes and spacing of HTML (dashboard.css), HTML itself (markup.py), colours of grades (they are
configuration: health.dim_grades).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import streamlit as st
from altair.utils.schemapi import disable_debug_mode

from customer_health.reading.colours import GREY as GREY
from customer_health.reading.colours import legible_on as legible_on
from customer_health.reading.colours import sound_colour as sound_colour

INK = "#1f2933"
MUTED = "#5b6770"
LINE = "#d9dee3"
SURFACE = "#f6f8fa"
# blue and orange differ for every kind of colour vision; grey is the third
BLUE = "#2166ac"
ORANGE = "#b35806"
PALE_BLUE = "#d6e4f2"
PALE_ORANGE = "#f7e3cf"
FONT = "Source Sans, Source Sans Pro, sans-serif"

# Whether charts are checked against the schema of Vega-Lite when they are drawn, which takes longer than all else on a
# page; tests do it. So nothing has to be checked while a chart is put together, either.
CHECKED = False
disable_debug_mode()

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
    st.vega_lite_chart(chart.to_dict(validate=CHECKED), width="stretch", theme=None, alt=words)


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
