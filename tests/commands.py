"""The command line as tests run it: in this process, with an exit code."""

from __future__ import annotations

from customer_health.__main__ import main


def run_command(*arguments: object) -> int:
    """Run `customer-health` with these arguments and return its exit code."""
    return main([str(argument) for argument in arguments])
