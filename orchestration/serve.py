"""Start Dagster on this machine, and stop it with everything that it started.

Belongs here: Dagster's home folder, the processes and their end.
Does not belong here: what Dagster runs (definitions.py).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from customer_health.core.settings import NO_LANDING, PREFIX, PROJECT_ROOT, Settings
from orchestration.manifest import home, prepare_manifest

HOST = "127.0.0.1"
DAGSTER_YAML = Path(__file__).with_name("dagster.yaml")
# named, not imported: the command line starts this, and only what it starts knows Dagster
WEB_SERVER = "orchestration.web_server"
# a run in progress gets this long to end its dbt cleanly, then everything is stopped
GRACE_SECONDS = 40.0


def make_home(settings: Settings) -> Path:
    """The folder of Dagster's own storage, inside the warehouse, with the project's dagster.yaml."""
    home(settings).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DAGSTER_YAML, home(settings) / DAGSTER_YAML.name)
    return home(settings)


def serve(settings: Settings, port: int) -> int:
    """Run the web server and the daemon until they end or this process is told to stop."""
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(make_home(settings)),
        f"{PREFIX}WAREHOUSE": str(settings.warehouse),
        f"{PREFIX}LANDING": str(settings.landing or NO_LANDING),
        f"{PREFIX}CONFIG": str(settings.config),
        "PYTHONPATH": os.pathsep.join([str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    prepare_manifest(settings)
    # not `dagster dev`: its web server takes what any page sends
    command = [sys.executable, "-m", WEB_SERVER, "dev", "--module-name", "orchestration.definitions"]
    command += ["--host", HOST, "--port", str(port)]
    told: list[int] = []

    def tell(number: int, _: FrameType | None) -> None:
        told.append(number)

    # before anything is started: a shell lets what runs in its background ignore the first of these, children included
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, tell)
    # a session of its own: what the server starts, and what that starts in turn, is stopped as one group
    server = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, start_new_session=True)
    while server.poll() is None and not told:
        time.sleep(0.2)
    _end(server)
    return 0 if told else server.returncode


def _end(server: subprocess.Popen[bytes]) -> None:
    _signal(server.pid, signal.SIGINT)
    deadline = time.monotonic() + GRACE_SECONDS
    while _signal(server.pid, 0) and time.monotonic() < deadline:
        server.poll()
        time.sleep(0.2)
    for number in (signal.SIGTERM, signal.SIGKILL):
        if _signal(server.pid, number):
            time.sleep(2)
            server.poll()
    server.wait()


def _signal(group: int, number: int) -> bool:
    """Whether anybody of the group was there to get it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True
