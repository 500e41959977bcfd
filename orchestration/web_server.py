"""Dagster's web server behind the guard: what `dagster dev` starts for us in place of its own.

Dagster takes any Host and Origin and runs mutations that come by GET, so that a page on the internet could start and
wipe what runs here.

Belongs here: putting the guard in front of Dagster's application, and our server in the place of Dagster's.
Does not belong here: what is refused (customer_health/core/web_guard.py), processes and their end (serve.py).

    python -m orchestration.web_server dev <options of dagster dev>
    python -m orchestration.web_server web <options of dagster-webserver>
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp

from customer_health.core.settings import read_settings
from customer_health.core.web_guard import guarded

MODULE = "orchestration.web_server"
DAGSTERS_OWN = ["-m", "dagster_webserver"]
QUESTIONS = "/graphql"


def run_dev(arguments: Sequence[str]) -> None:
    """`dagster dev`, which starts this module where it would start its own web server."""
    from dagster._cli import dev

    start = dev.open_ipc_subprocess

    def start_ours(command: list[str], **options: Any) -> Any:
        if command[1:3] == DAGSTERS_OWN:
            command = [command[0], "-m", MODULE, "web", *command[3:]]
        elif any("webserver" in part for part in command[1:3]):
            raise RuntimeError(f"this version of Dagster starts its web server in another way: {command[:3]}")
        return start(command, **options)

    dev.open_ipc_subprocess = start_ours
    dev.dev_command(list(arguments), prog_name="dagster dev")


def run_web(arguments: Sequence[str]) -> None:
    """Dagster's web server, its application guarded."""
    from dagster_webserver import cli

    create = cli.create_app_from_workspace_process_context

    def create_guarded(*given: Any, **options: Any) -> ASGIApp:
        return guarded(create(*given, **options), read_settings().hosts, json_paths=[QUESTIONS])

    cli.create_app_from_workspace_process_context = create_guarded
    cli.cli(list(arguments), prog_name="dagster-webserver", auto_envvar_prefix="DAGSTER_WEBSERVER")


if __name__ == "__main__":
    {"dev": run_dev, "web": run_web}[sys.argv[1]](sys.argv[2:])
