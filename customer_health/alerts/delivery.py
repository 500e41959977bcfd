"""Send a message to a webhook, and say what became of it without giving its secret away.

Belongs here: which addresses are allowed, one request, trying again, words for what failed.
Does not belong here: what is sent (messages.py), or remembering that it was (store.py).
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
TIMEOUT_SECONDS = 10.0


class WebhookError(ValueError):
    """The address cannot be used; the message never holds it."""


class DeliveryError(RuntimeError):
    """A message was not taken. `may_pass` tells whether the same may work later in this run."""

    def __init__(self, message: str, may_pass: bool, pause_seconds: float | None = None) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        self.pause_seconds = pause_seconds


class Webhook:
    """A Slack-compatible incoming webhook. The path of its address is the secret, so nothing here shows it."""

    def __init__(
        self, url: str, *, timeout: float = TIMEOUT_SECONDS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            raise WebhookError("the webhook address is not a valid URL") from None
        if not host or any(char.isspace() or not char.isprintable() for char in parts.path + parts.query + host):
            raise WebhookError("the webhook address is not a valid URL")
        if parts.username is not None or parts.password is not None:
            raise WebhookError("the webhook address must not hold a user name or password")
        if parts.scheme != "https" and not (parts.scheme == "http" and host in LOCAL_HOSTS):
            raise WebhookError(
                "the webhook address has to begin with https:// (http:// only to 127.0.0.1 or localhost)"
            )
        try:
            self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            self._target.encode("ascii")
            host.encode("idna")
        except UnicodeError:
            raise WebhookError("the webhook address is not a valid URL") from None
        self._is_secure, self._host, self._port = parts.scheme == "https", host, port
        self._timeout, self._sleep = timeout, sleep

    @property
    def shown(self) -> str:
        """The address as it may appear in logs."""
        return f"{'https' if self._is_secure else 'http'}://{self._host}/***"

    def __repr__(self) -> str:
        return f"Webhook({self.shown})"

    def send(self, message: Mapping[str, Any], key: str) -> None:
        """Deliver a message, trying again on what may pass.

        Raises:
            DeliveryError: when the receiver did not take it.
        """
        body = json.dumps(message, ensure_ascii=False).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._post(body, key)
                return
            except DeliveryError as fault:
                if not fault.may_pass or attempt == ATTEMPTS:
                    raise DeliveryError(f"{self.shown}: {fault}, tried {_times(attempt)}", fault.may_pass) from None
                pause = fault.pause_seconds or FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
                self._sleep(min(pause, LONGEST_PAUSE_SECONDS))

    def _post(self, body: bytes, key: str) -> None:
        connection: http.client.HTTPConnection
        if self._is_secure:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=context)
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
        try:
            connection.request("POST", self._target, body, headers)
            answer = connection.getresponse()
            status, pause = answer.status, answer.getheader("Retry-After")
            answer.read(1024)
        except TimeoutError:
            raise DeliveryError("no answer in time", may_pass=True) from None
        except ssl.SSLError:
            raise DeliveryError("no secure connection", may_pass=True) from None
        except (OSError, http.client.HTTPException) as fault:
            raise DeliveryError(f"no connection ({type(fault).__name__})", may_pass=True) from None
        finally:
            connection.close()
        if 200 <= status < 300:
            return
        # a redirection is not followed: the message is for this address only
        may_pass = status >= 500 or status in (408, 425, 429)
        raise DeliveryError(f"answered with status {status}", may_pass, _seconds(pause) if may_pass else None)


def _seconds(pause: str | None) -> float | None:
    """Retry-After in seconds; a date there is left to our own pauses."""
    return float(pause) if pause and pause.strip().isdigit() else None


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
