"""The one command: `customer-health <verb>`, also `python -m customer_health <verb>`.

Belongs here: gathering the verbs, and what becomes of an error that explains itself.
Does not belong here: the verbs (command_line).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from customer_health.command_line import builds, configurations, examples, publications, readers
from customer_health.core.errors import CustomerHealthError
from customer_health.core.paths import COMMAND

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Customer health scores in your own data warehouse.",
)
for module in (examples, builds, configurations, publications, readers):
    module.add_to(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb and return its exit code: 0 done, 1 not done for the reason that is printed, 2 wrong options."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name=COMMAND)
    except CustomerHealthError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
