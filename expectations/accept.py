"""Let a failed check pass for one day, by name and with a reason.

A gate compares with the last publication, so an intended change (new weights, a merged account list) would hold every
build after it. A person who has looked accepts it; the check still shows as failed, with who accepted it and why.

Belongs here: what may be accepted.
Does not belong here: what an acceptance does (gate.py), or its table (record.py).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from customer_health.core.errors import CustomerHealthError
from customer_health.core.words import did_you_mean
from expectations.record import Acceptance, accept, read_report


class AcceptanceError(CustomerHealthError):
    """Nothing was accepted; the message says why."""


def accept_check(warehouse: Path, as_of: date, check: str, by: str, reason: str) -> None:
    """Accept a check that holds the build of this day.

    Args:
        check: suite/check, as the gate prints it.

    Raises:
        AcceptanceError: this check does not hold that day, or it did not run.
    """
    report = read_report(warehouse, as_of)
    holding = {f"{result.suite}/{result.check}" for result in report.failures} if report else set()
    if check not in holding:
        held_by = ", ".join(sorted(holding)) or "nothing"
        raise AcceptanceError(f"{check} does not hold {as_of}{did_you_mean(check, holding)}; what holds it: {held_by}")
    suite, name = check.split("/", 1)
    if suite == "gate" or name == "suite":
        raise AcceptanceError(f"{check} did not run; there is nothing to accept")
    accept(warehouse, as_of, Acceptance(suite, name, by, reason))
