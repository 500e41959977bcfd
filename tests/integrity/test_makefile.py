"""make hands options to the command letter by letter: no value passes through a shell, and make expands none."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from customer_health.core.settings import PROJECT_ROOT

SHOW = """import json, os
print(json.dumps({name: value for name, value in os.environ.items() if name.startswith("GIVEN_") and value}))
"""


def make(*arguments: str) -> str:
    """What make prints, called as from a shell: not as the part of another make that these tests may run under."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "GIVEN_"))
    }
    command = ["make", *arguments]
    return subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def handed_over(tmp_path: Path, *given: str) -> dict[str, str]:
    """What the command finds in its environment when `make forget` is given this."""
    script = tmp_path / "show.py"
    script.write_text(SHOW, encoding="utf-8")
    command = f"COMMAND={shlex.join([sys.executable, str(script)])}"
    return json.loads(make("--silent", "--old-file=.venv/.installed", "forget", command, *given))


@pytest.mark.parametrize(
    "identity",
    [
        "acme`touch {file}`",
        "cost$center",
        'a"b',
        "a'b; touch {file}",
        "$(shell touch {file})",
        "$$HOME",
        "a b",
        "{{x}}",
    ],
)
def test_an_id_arrives_as_it_is(tmp_path: Path, identity: str) -> None:
    file = tmp_path / "ran"
    identity = identity.replace("{file}", str(file))
    assert handed_over(tmp_path, "WAREHOUSE=some where", f"ACCOUNT={identity}") == {
        "GIVEN_WAREHOUSE": "some where",
        "GIVEN_ACCOUNT": identity,
    }
    assert not file.exists()


def test_only_what_is_given_to_make_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell has a USER of its own, who must not be forgotten."""
    monkeypatch.setenv("USER", "root")
    assert handed_over(tmp_path, "WAREHOUSE=x") == {"GIVEN_WAREHOUSE": "x"}


def test_cleaning_leaves_a_warehouse(tmp_path: Path) -> None:
    assert make("--dry-run", "clean").split() == ["rm", "-rf", ".venv", "target", "logs"]
