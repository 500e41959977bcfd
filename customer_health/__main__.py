"""The one command."""

from __future__ import annotations


def main(arguments: list[str] | None = None) -> int:
    raise SystemExit(arguments)
