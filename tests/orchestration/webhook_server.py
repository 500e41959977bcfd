"""A real HTTP server on this machine that takes webhook messages, or fails as a test tells it to.

Belongs here: the server, what it received, how it answers.
Does not belong here: what must have been received.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "T0SECRET/B0SECRET/verysecret"


@dataclass
class Receiver:
    """Answers with `answers` in turn, then with 200. An answer is a status, or 0 for silence."""

    answers: list[int] = field(default_factory=list)
    on_message: Callable[[dict[str, Any]], None] | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    silence: float = 1.5
    headers: dict[str, str] = field(default_factory=dict)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/{SECRET}"

    @property
    def taken_ids(self) -> list[str]:
        return [identity for message in self.taken for identity in message["event_ids"]]

    @property
    def texts(self) -> str:
        return "\n".join(message["text"] for message in self.taken)


@contextmanager
def receiver(**settings: Any) -> Iterator[Receiver]:
    state = Receiver(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = json.loads(body)
            state.seen.append(message)
            state.keys.append(self.headers["Idempotency-Key"])
            answer = state.answers.pop(0) if state.answers else 200
            if answer == 0:
                time.sleep(state.silence)
                return
            if answer == 200:
                state.taken.append(message)
                if state.on_message:
                    state.on_message(message)
            self.send_response(answer)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            """Keep the test's output to itself."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                """The client was killed, or did not wait."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
