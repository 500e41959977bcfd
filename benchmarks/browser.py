"""The dashboard as its readers meet it: the real server, and pages opened by a real browser.

Belongs here: starting and ending the server, opening a page and saying how long it took.
Does not belong here: which pages are opened, and how many (dashboard.py); what must be on them (tests/dashboard).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.measure import children, high_water_mark
from customer_health.core.settings import PROJECT_ROOT

CHROMIUM = "/usr/bin/chromium"
START_SECONDS = 120
DRAW_MS = 60_000
# when something last changed in what a page shows, in milliseconds after it was navigated to
WATCH = """
window.lastChange = 0;
new MutationObserver(changes => {
    const isShown = change => (change.target.closest ? change.target : change.target.parentElement)
        ?.closest("[data-testid=stMain]");
    if (changes.some(isShown)) window.lastChange = performance.now();
}).observe(document, {childList: true, subtree: true, characterData: true});
"""
# the footer comes last, charts are drawn after it; and nothing has changed for a while
IS_WHOLE = """
() => {
    const charts = [...document.querySelectorAll("[data-testid=stVegaLiteChart]")];
    return document.querySelector("footer") && charts.every(chart => chart.querySelector("canvas, svg"))
        && performance.now() - window.lastChange > 500;
}
"""


@dataclass(frozen=True)
class Server:
    """A dashboard that is running; `address` ends with a slash."""

    address: str
    process_id: int

    @property
    def peak_bytes(self) -> int:
        """The most memory that the server and whatever it started have had."""
        return sum(high_water_mark(process) for process in [self.process_id, *children(self.process_id)])


@dataclass(frozen=True)
class Visit:
    """One page: from navigation until its last number stood there, and what of that the server took for its script.

    Attributes:
        seconds: until nothing changed any more on the page.
        server_seconds: from asking for the page's script until it had ended, as the browser saw it.
        server_processor_seconds: what the server computed meanwhile.
        browser_processor_seconds: what the browser computed meanwhile, until it was sure that nothing changes any more.
    """

    seconds: float
    server_seconds: float
    server_processor_seconds: float
    browser_processor_seconds: float


@contextmanager
def served(warehouse: Path, **variables: str) -> Iterator[Server]:
    """The dashboard as `make dashboard` starts it, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "customer_health",
        "dashboard",
        "--warehouse",
        str(warehouse),
        "--port",
        str(port),
    ]
    server = subprocess.Popen(command, cwd=PROJECT_ROOT, env={**os.environ, **variables})
    address = f"http://127.0.0.1:{port}/"
    try:
        end = time.monotonic() + START_SECONDS
        while not _answers(f"{address}_stcore/health"):
            assert server.poll() is None and time.monotonic() < end, "the server does not start"
            time.sleep(0.3)
        yield Server(address, server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


def visit(context: BrowserContext, server: Server, place: str) -> Visit:
    """Open a page in a tab of its own and wait until it is whole.

    Args:
        context: what it has loaded before (scripts, fonts) is not loaded again, as in anybody's browser.
        place: the page's address below the server's.
    """
    page = context.new_page()
    page.add_init_script(WATCH)
    asked: list[float] = []
    ended: list[float] = []

    def received(frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
        if message.WhichOneof("type") == "script_finished":
            ended.append(time.monotonic())

    def opened(socket: WebSocket) -> None:
        socket.on("framesent", lambda _: asked.append(time.monotonic()))
        socket.on("framereceived", received)

    page.on("websocket", opened)
    before = _computed(os.getpid())
    page.goto(server.address + place)
    page.wait_for_function(IS_WHOLE, timeout=DRAW_MS, polling=100)
    seconds = page.evaluate("window.lastChange") / 1000
    computed = {process: total - before.get(process, 0) for process, total in _computed(os.getpid()).items()}
    page.close()
    by_server = computed.pop(str(server.process_id))
    del computed[str(os.getpid())]
    return Visit(seconds, ended[0] - asked[0], by_server, sum(computed.values()))


def _computed(process: int | str) -> dict[str, float]:
    """Processor seconds of a process and of all that it started, by their ids."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return {}
    found = {str(process): (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")}
    for child in children(process):
        found |= _computed(child)
    return found
