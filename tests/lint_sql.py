"""Run sqlfluff over the models, with a build file of its own.

The dbt templater connects to the warehouse while it renders, and would otherwise lock or create the real one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        environment = {
            **os.environ,
            "CUSTOMER_HEALTH_BUILD_FILE": f"{scratch}/build.duckdb",
            "DBT_TARGET_PATH": f"{scratch}/target",
            "DBT_LOG_PATH": f"{scratch}/logs",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        sqlfluff = Path(sys.executable).with_name("sqlfluff")
        command = [str(sqlfluff), "lint", "models", "--disable-progress-bar", "--nocolor", "--processes", "2"]
        return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
