"""Paths and commands as a person would type them.

Belongs here: what is printed of a path, and of the command that helps on.
Does not belong here: where things lie (settings.py and the package that writes them).
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

COMMAND = "customer-health"


def display_path(path: Path) -> Path:
    """The path from here, where it lies below."""
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd())
    return path


def command_line(*words: str | Path) -> str:
    """A command to copy: called as this process was, with its words quoted for a shell."""
    typed = sys.argv[0] if sys.argv and Path(sys.argv[0]).name == COMMAND else ""
    # a command on the PATH comes with its whole path, which nobody typed
    program = str(display_path(Path(typed))) if typed else COMMAND
    return shlex.join([program, *map(str, words)])
