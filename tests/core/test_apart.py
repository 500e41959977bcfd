"""Work in a process of its own ends there: at its bounds, by a sentence, or by an answer.

Belongs here: the bounds themselves, on small work.
Does not belong here: what is computed apart (tests/validation, tests/dashboard).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from customer_health.core.apart import BoundError, run_apart
from customer_health.core.errors import CustomerHealthError
from customer_health.validation.what_if import NeedsRebuildError
from tests.core.work_apart import MEGABYTE, add, crash, never_end, stop, take, take_in_the_engine


def test_the_answer_comes_from_another_process() -> None:
    total, process = run_apart(add, 2, 3)
    assert total == 5
    assert process != os.getpid()


def test_what_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    started = tmp_path / "child"
    with pytest.raises(BoundError, match="longer than 45 seconds"):
        run_apart(never_end, started, seconds=45)
    status = Path(f"/proc/{started.read_text('utf-8')}/stat")
    assert not status.exists() or status.read_text("utf-8").rpartition(")")[2].split()[0] == "Z"


def test_what_needs_too_much_memory_ends_with_a_sentence() -> None:
    assert run_apart(take, 10, memory_bytes=1500 * MEGABYTE) == 10 * MEGABYTE
    with pytest.raises(BoundError, match="more memory than it may have"):
        run_apart(take, 4000, memory_bytes=1500 * MEGABYTE)
    with pytest.raises(BoundError, match="more memory than it may have"):
        run_apart(take_in_the_engine)


def test_a_stop_arrives_as_it_was_raised() -> None:
    with pytest.raises(NeedsRebuildError) as stopped:
        run_apart(stop)
    assert stopped.value.reasons == ("one", "two")
    assert isinstance(stopped.value, CustomerHealthError)


def test_a_process_that_dies_ends_nobody_else() -> None:
    with pytest.raises(BoundError, match="without an answer"):
        run_apart(crash)
