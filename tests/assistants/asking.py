"""An assistant's end of the line: the SDK's own client, talking to a real server process over stdio.

Belongs here: starting a session, asking a tool, telling answer from error.
Does not belong here: what must be answered (test_server.py).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult, Tool

from customer_health.core.settings import PROJECT_ROOT


@dataclass(frozen=True)
class Assistant:
    client: Client
    portal: BlockingPortal

    def tools(self) -> list[Tool]:
        return self.portal.call(self.client.list_tools).tools

    def call(self, tool: str, **arguments: Any) -> CallToolResult:
        return self.portal.call(self.client.call_tool, tool, arguments)

    def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of an answer; an error fails the test."""
        result = self.call(tool, **arguments)
        assert not result.is_error, text_of(result)
        assert text_of(result)
        return result.structured_content

    def refused(self, tool: str, **arguments: Any) -> str:
        """The words of an error; an answer fails the test."""
        result = self.call(tool, **arguments)
        assert result.is_error, result.structured_content
        assert result.structured_content is None
        return text_of(result)


@contextmanager
def assistant(warehouse: Path, environment: Mapping[str, str] | None = None) -> Iterator[Assistant]:
    """A session with a server of its own, which ends with it."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "customer_health", "assistant", "--warehouse", str(warehouse)],
        cwd=PROJECT_ROOT,
        env=dict(environment or {}),
    )
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(server))) as client,
    ):
        yield Assistant(client, portal)


def text_of(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content)


def everything_said(result: CallToolResult) -> str:
    """All that an assistant gets to read."""
    return text_of(result) + json.dumps(result.structured_content, ensure_ascii=False)
