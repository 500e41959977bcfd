"""Who may talk to a web server of ours: pages that it served itself, and programs of this machine.

A server on 127.0.0.1 is reached by every page that is open in a browser of this machine, and under every name that its
owner points here. So the name that is asked for must be one of ours, and what a page of another origin sends is refused
before the application sees it.

Belongs here: names, origins and methods that are refused, for any ASGI application.
Does not belong here: who may see what (reading/access.py), servers (dashboard/serve.py, orchestration/web_server.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

OWN_HOSTS = ("127.0.0.1", "localhost")
# what a page of another origin may do: be left for one of ours, by a link
NAVIGATION = ("navigate", "document")
ONLY_READS = ("GET", "HEAD")


def guarded(app: ASGIApp, hosts: Iterable[str] = (), json_paths: Iterable[str] = ()) -> ASGIApp:
    """The application behind checks of host, origin and method.

    Args:
        hosts: names beside this machine's own, as a proxy in front of the server passes them on.
        json_paths: here questions come as JSON by POST, and nothing is asked or changed in another way.
    """
    named = [name.lower() for name in hosts]
    checked = _SameOrigin(app, named, tuple(json_paths))
    return TrustedHostMiddleware(checked, allowed_hosts=[*OWN_HOSTS, *named], www_redirect=False)


class _SameOrigin:
    """Refuses what other origins send, and changes that come in a form that any page can send."""

    def __init__(self, app: ASGIApp, hosts: list[str], json_paths: tuple[str, ...]) -> None:
        self.app = app
        self.hosts = hosts
        self.json_paths = json_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            refused = self._refused(scope)
            if refused is not None:
                await _refuse(refused, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _refused(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        method = scope.get("method", "GET")
        is_page = method in ONLY_READS and scope["type"] == "http"
        navigates = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == NAVIGATION
        for origin in headers.getlist("origin"):
            place = urlsplit(origin)
            # another port of this machine is another origin; a proxy may ask for the server by another name
            if place.netloc.lower() != headers.get("host", "").lower() and place.hostname not in self.hosts:
                return "it comes from a page of another origin"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not (is_page and navigates):
            return "it comes from a page of another site"
        if scope["type"] == "http" and self.json_paths:
            asks = scope["path"].rstrip("/") in self.json_paths
            is_json = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
            if is_page and asks and ("query" in _names(scope) or "text/html" not in headers.get("accept", "")):
                return "questions are asked here as JSON by POST"
            if not is_page and not (method == "POST" and is_json):
                return "what is sent here is JSON by POST"
        return None


def _names(scope: Scope) -> set[str]:
    """Names of what stands behind the question mark."""
    return {part.partition("=")[0].lower() for part in scope.get("query_string", b"").decode("latin-1").split("&")}


async def _refuse(why: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # before it is accepted this is an answer of 403
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    await PlainTextResponse(f"Refused: {why}.\n", status_code=403)(scope, receive, send)
