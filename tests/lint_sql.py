"""Run sqlfluff over the models and over statements beside Python modules, and ask the rules of portable SQL.

The dbt templater connects to the warehouse while it renders, and would otherwise lock or create the real one; so it
gets a build file of its own. Statements of modules are no templates: their `{names}` stand for themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.portable_sql import main as check_portability

PROJECT_ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("benchmarks", "customer_health", "examples", "expectations", "orchestration")


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
        command = [str(sqlfluff), "lint", "--disable-progress-bar", "--nocolor", "--processes", "2"]
        statements = ["--templater", "placeholder", *statements_of_modules()]
        codes = [
            subprocess.run([*command, *what], cwd=PROJECT_ROOT, env=environment, check=False).returncode
            for what in (["models"], statements)
        ]
        return max(*codes, check_portability())


def statements_of_modules() -> list[str]:
    """The files that core/sql.py reads."""
    return sorted(
        str(path.relative_to(PROJECT_ROOT))
        for package in PACKAGES
        for path in (PROJECT_ROOT / package).glob("**/sql/*.sql")
    )


if __name__ == "__main__":
    sys.exit(main())
