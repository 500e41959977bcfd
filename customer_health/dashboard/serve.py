"""Start the dashboard on this machine.

    python -m dashboard.serve --warehouse warehouse [--port 8501]

Belongs here: the server, its options, and what is refused before it starts.
Does not belong here: pages (pages/), who reads (frame.py).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from customer_health.dashboard import theme
from customer_health.dashboard.frame import WAREHOUSE_VARIABLE, check_access
from customer_health.dashboard.pages import PAGES
from customer_health.reading.access import AccessError

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

    return st.App(APP, routes=[Route(f"/{page.path}", opened) for page in PAGES])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboard.serve", description="Show the published scores.")
    parser.add_argument("--warehouse", type=Path, default=Path("warehouse"))
    parser.add_argument("--port", type=int, default=PORT)
    given = parser.parse_args(arguments)
    try:
        check_access(os.environ)
    except AccessError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    os.environ[WAREHOUSE_VARIABLE] = str(given.warehouse.absolute())
    # only a proxy in front of it may offer it to others
    app().run(config={**theme.SERVER_OPTIONS, "server.address": HOST, "server.port": given.port})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
