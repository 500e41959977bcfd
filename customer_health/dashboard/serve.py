"""Start the dashboard on this machine.

Belongs here: the server, its options, and what is refused before it starts.
Does not belong here: pages (pages/), who reads (frame.py).
"""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from customer_health.core.settings import read_settings
from customer_health.core.web_guard import guarded
from customer_health.dashboard import theme
from customer_health.dashboard.frame import WAREHOUSE_VARIABLE, check_access
from customer_health.dashboard.pages import PAGES

HOST = "127.0.0.1"
PORT = 8501
APP = Path(__file__).parent / "entry" / "app.py"
INDEX = Path(st.__file__).parent / "static" / "index.html"
# A browser that opens the address of a page looks for a server below that address first, which fails and is reported as
# an error. All pages are one level below the server, so it can be told.
BASE = '<script>window.__streamlit = {BACKEND_BASE_URL: new URL(".", window.location.href).href}</script>'


def app() -> st.App:
    """The pages as a web application."""
    index = INDEX.read_text("utf-8").replace("</head>", f"{BASE}</head>", 1)

    def opened(_: Request) -> HTMLResponse:
        return HTMLResponse(index, headers={"Cache-Control": "no-cache"})

    guard = Middleware(guarded, hosts=read_settings().hosts)
    return st.App(APP, routes=[Route(f"/{page.path}", opened) for page in PAGES], middleware=[guard])


def serve(warehouse: Path, port: int = PORT) -> None:
    """Show the pages until the process is told to stop.

    Raises:
        AccessError: half of what access needs is set.
    """
    check_access(read_settings())
    os.environ[WAREHOUSE_VARIABLE] = str(warehouse.absolute())
    # only a proxy in front of it may offer it to others
    app().run(config={**theme.SERVER_OPTIONS, "server.address": HOST, "server.port": port})
