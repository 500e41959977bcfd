"""Ask `mf` many questions in one process that cannot reach anything: one start of dbt instead of one per question.

    python -m tests.reading.metric_questions <warehouse> <folder> < questions.json

Reads {name: [arguments of mf query]} and writes <folder>/<name>.csv for each; ends with 1 and says so if one failed, or
if anything tried to connect to somewhere.

Belongs here: the one process. Does not belong here: questions and answers (test_metrics.py).
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from click.testing import CliRunner

from customer_health.reading.metrics import prepare, run_mf

CALLS: list[str] = []


def _refuse(_: socket.socket, address: object) -> None:
    CALLS.append(str(address))
    raise OSError("no network here")


def main(warehouse: Path, folder: Path) -> int:
    socket.socket.connect = _refuse  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = _refuse  # type: ignore[method-assign, assignment]
    os.environ.update(prepare(warehouse))
    failed = []
    try:
        # as a command: whatever its start does is done as well
        run_mf(["list", "metrics"])
    except SystemExit as end:
        failed += ["list metrics"] if end.code else []

    import dbt_metricflow.cli.main as mf
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration

    configuration = CLIConfiguration()
    for name, arguments in json.load(sys.stdin).items():
        asked = ["query", "--quiet", "--csv", str(folder / f"{name}.csv"), *arguments]
        answer = CliRunner().invoke(mf.cli, asked, obj=configuration)
        if answer.exit_code:
            failed.append(f"{name}: {answer.output} {answer.exception}")
    print("\n".join([*failed, *(f"tried to reach {call}" for call in CALLS)]), file=sys.stderr)
    return 1 if failed or CALLS else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
