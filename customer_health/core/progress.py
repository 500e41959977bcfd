"""How far a long step is: a bar where somebody watches, a line a minute where nobody does.

Belongs here: what is shown of a step, and how often.
Does not belong here: what the step does (whoever counts).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

LINE_EVERY_SECONDS = 60.0

# told: what is in hand, how much is done, how much there is
Advance = Callable[[str, int, int], None]


@contextmanager
def progress(step: str, where: str = "", say: Callable[[str], None] = print) -> Iterator[Advance]:
    """Show how far a step is while the block runs.

    Args:
        step: its name.
        where: what else helps whoever waits, such as where its log lies.
        say: prints a line where standard error is no terminal.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(step, where, console) as advance:
            yield advance
    else:
        yield _lines(step, where, say)


@contextmanager
def _bar(step: str, where: str, console: Console) -> Iterator[Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, TextColumn("{task.fields[name]}", style="dim"), console=console, transient=True) as bar:
        task = bar.add_task(step, total=None, name=where)

        def advance(name: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, name=f"{name}  {where}")

        yield advance


def _lines(step: str, where: str, say: Callable[[str], None]) -> Advance:
    began = time.monotonic()
    last = began

    def advance(name: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= LINE_EVERY_SECONDS:
            last = now
            say(f"{step}: {done} of {total} ({name}), {now - began:.0f} s{'; ' if where else ''}{where}")
            sys.stdout.flush()

    return advance
