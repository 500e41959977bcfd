"""The steps from a finished build to its readers, the same for the command line and for Dagster.

    judge by the gate, publish or hold, notify

Belongs here: what each step does, and that a refresh which stops leaves the last good publication marked as stale.
Does not belong here: the steps before (steps.py), how the gate, a publication and alerts work inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from customer_health.alerts.notify import AlertError, AlertReport
from customer_health.alerts.notify import notify as notify_people
from customer_health.core.errors import HeldError, RefreshError
from customer_health.publication.publish import Publication, PublicationError, hold
from customer_health.publication.publish import publish as publish_build
from customer_health.refresh.steps import Say
from expectations.report import GateReport


def judge(warehouse: Path, as_of: date, say: Say = print) -> GateReport:
    """What the gate finds about the build of this day."""
    # only a run that gets here pays for the import of its engine
    from expectations.gate import run_gate

    report = run_gate(warehouse, as_of=as_of)
    for line in report.lines():
        say(line)
    return report


def publish_or_hold(warehouse: Path, as_of: date, gate: GateReport, say: Say = print) -> Publication:
    """Show readers the new build, or keep showing them the last good one.

    Raises:
        HeldError: the gate failed; the publication before is kept, marked as stale with the reason.
    """
    if not gate.passed:
        checks = ", ".join(f"{result.suite}/{result.check}" for result in gate.failures) or "nothing was checked"
        reason = f"the gate failed for {as_of}: {checks}"
        try:
            hold(warehouse, as_of=as_of, reason=reason, gate=gate)
        except PublicationError as error:
            raise HeldError(f"publication: {reason}; that it is held could not be noted: {error}") from error
        raise HeldError(f"publication: {reason}. Readers keep the last good one; see {warehouse / 'gate'}")
    try:
        publication = publish_build(warehouse, as_of=as_of, gate=gate)
    except PublicationError as error:
        raise RefreshError(f"publication: {error}") from error
    say(f"published {publication.publication_id}: scores up to {publication.as_of}")
    return publication


@contextmanager
def marked_stale(warehouse: Path, as_of: date, say: Say = print) -> Iterator[None]:
    """Whatever stops a refresh for good, readers learn that what they see was to be renewed and was not."""
    try:
        yield
    except HeldError:
        raise
    except RefreshError as error:
        mark_stale(warehouse, as_of, str(error), say)
        raise


def mark_stale(warehouse: Path, as_of: date, reason: str, say: Say = print) -> None:
    try:
        hold(warehouse, as_of=as_of, reason=reason, gate=None)
    except (PublicationError, OSError) as error:
        say(f"the publication could not be marked as stale: {error}")


def notify(warehouse: Path, webhook: str | None, say: Say = print) -> AlertReport | None:
    """Tell people what is new. What cannot be told now waits for the next refresh, and stops none."""
    try:
        report = notify_people(warehouse, webhook=webhook)
    except AlertError as error:
        say(f"alerts: {error}")
        return None
    for line in report.lines():
        say(line)
    return report
