"""Start the dashboard on this machine.

    python -m dashboard.serve --warehouse warehouse [--port 8501]

Belongs here: the options that Streamlit is started with, and what is refused before it starts.
Does not belong here: pages (entry/app.py), who reads (frame.py).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dashboard import theme
from dashboard.frame import WAREHOUSE_VARIABLE, check_access
from orchestration.configuration import PROJECT_ROOT
from reading.access import AccessError

HOST = "127.0.0.1"
PORT = 8501


def command(port: int) -> list[str]:
    """The command that serves the pages on 127.0.0.1; only a proxy in front of it may offer them to others."""
    app = str(Path(__file__).parent / "entry" / "app.py")
    options = {**theme.SERVER_OPTIONS, "server.address": HOST, "server.port": str(port)}
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", app, *given]


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
    path = os.pathsep.join([str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, WAREHOUSE_VARIABLE: str(given.warehouse.absolute()), "PYTHONPATH": path}
    print(f"http://{HOST}:{given.port} shows {given.warehouse}. Ctrl-C stops it.", flush=True)
    # in place of this process, so that whoever stops it stops the server
    os.execve(sys.executable, command(given.port), environment)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
