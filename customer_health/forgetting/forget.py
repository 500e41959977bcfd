"""Forget a user or an account: everywhere in a warehouse and its landing folder, and for good.

What is left is written into new files that take the places of the old ones, since deleted bytes stay in a database
file. The landing ledger keeps the hashes of the old and of the redacted files, so neither is loaded again. The next
refresh computes all marts of the build file anew. Killed in the middle, the same command goes on from there; until then
nothing is loaded.

What lies elsewhere (the systems that the data comes from, backups, messages that were sent) is not reached from here.

Belongs here: the order of the steps, the locks, the record, the command.
Does not belong here: who is meant and what becomes of a row (rule.py), each kind of file (the other modules here).
"""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from customer_health.alerts.store import FOLDER as ALERTS
from customer_health.alerts.store import AlertError, AlertStore
from customer_health.core.build_file import LandingError, first_line, open_build_file
from customer_health.core.contract import load_contract
from customer_health.forgetting.build import Counts, forget_in_build, look_into_build, replay_log
from customer_health.forgetting.find import find_subject
from customer_health.forgetting.journal import (
    ForgetRecord,
    Journal,
    entries_of,
    keep_record,
    say_too_common,
    subject_hash,
    was_forgotten,
)
from customer_health.forgetting.landing import Look, Redacted, forget_in_landing, look_into_landing
from customer_health.forgetting.publications import (
    WORK_FOLDER,
    forget_in_publications,
    publications_locked,
    published_files,
)
from customer_health.forgetting.rule import ACCOUNT, USER, ForgetError, NotFoundError, Subject
from customer_health.forgetting.traces import (
    LeftOver,
    forget_in_alerts,
    forget_in_folders,
    forget_in_text_files,
    look_into_alerts,
    search_left_over,
)
from customer_health.landing.forgotten import FOLDER, Register
from customer_health.publication.files import PublicationError
from customer_health.refresh.refresh import BUILD_FILE, BUILT_WITH, RefreshError, only_run

__all__ = ["ForgetError", "ForgetRecord", "NotFoundError", "Plan", "forget", "was_forgotten"]


@dataclass(frozen=True)
class Plan:
    """What forgetting would do, looked up before anything is touched."""

    kind: str
    raw: Counts
    look: Look
    published_files: int
    alerts: int
    too_common: int
    totals_kept: bool
    goes_on: bool = False

    @property
    def found_anything(self) -> bool:
        # what stays is no reason to begin
        return any(self.raw.values()) or any(self.look.found.values()) or bool(self.alerts)

    def lines(self) -> list[str]:
        """The plan for a terminal; the id is not in it."""
        if self.goes_on:
            return [f"forgetting a {self.kind} was broken off here: it goes on where it stopped"]
        lines = [f"one {self.kind} is to be forgotten, for good:"]
        for name, found in sorted(self.raw.items()):
            if found:
                lines.append(f"  {name}: {found.removed:,} rows go, {found.changed:,} are made anonymous")
        for name, found in sorted(self.look.found.items()):
            lines.append(f"  landing file {name}: {found.removed:,} rows go, {found.changed:,} are made anonymous")
        lines.append(f"  {self.published_files} published files are written anew, {self.alerts} alerts go")
        if self.kind == USER and self.totals_kept:
            lines.append("  their events, tickets and scores stay under a random token, so that the totals stay")
        if self.too_common:
            lines.append(f"  {say_too_common(self.too_common)}")
        return lines


def forget(
    warehouse: Path,
    *,
    account_id: str | None = None,
    user_id: str | None = None,
    landing: Path | None = None,
    also: Sequence[str] = (),
    keep_totals: bool = True,
    by: str | None = None,
    now: datetime | None = None,
    confirm: Callable[[Plan], bool] = lambda _: True,
) -> ForgetRecord | None:
    """Forget one user or one account.

    Args:
        landing: the landing folder; default: the one inside the warehouse folder, where there is one.
        also: addresses and names of them that free text may hold beside the id.
        keep_totals: of a user, keep events, tickets and scores of surveys under a random token, so that the account's
            numbers stay as they are; otherwise delete these rows too.
        by: who ordered it, for the record.
        confirm: is shown what will change, and says whether it may.

    Returns:
        What was done; None where it was not confirmed, and nothing was touched.

    Raises:
        NotFoundError: there is nobody by this id; nothing was touched.
        ForgetError: what is done stays done; the same call goes on from there.
    """
    if (account_id is None) == (user_id is None):
        raise ForgetError("name either a user or an account")
    kind, identity = (USER, user_id) if user_id is not None else (ACCOUNT, account_id)
    if not identity or not identity.strip():
        raise ForgetError("the id is empty")
    if not warehouse.is_dir():
        raise ForgetError(f"the warehouse folder {warehouse} does not exist")
    folder = landing or warehouse / "landing"
    if landing is not None and not landing.is_dir():
        raise ForgetError(f"the landing folder {landing} does not exist")
    moment = now or datetime.now(UTC)
    moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    ordered_by = by or getpass.getuser()
    try:
        with _nobody_else(warehouse):
            broken_off = Journal(warehouse).read()
            if broken_off:
                subject = broken_off[0]
                if not confirm(Plan(subject.kind, {}, Look(), 0, 0, 0, subject.keep_totals, goes_on=True)):
                    return None
                record = _Forgetting(warehouse, folder, subject, ordered_by, moment).run()
                if (subject.kind, subject.identity) == (kind, identity):
                    return record
            register = Register(warehouse)
            token = register.pseudonym(USER, identity) if kind == USER else None
            subject = _find(warehouse, kind, str(identity), also, keep_totals, token)
            plan = _look(warehouse, folder, subject)
            if not plan.found_anything:
                raise NotFoundError(_not_found(warehouse, folder, kind, identity))
            if not confirm(plan):
                return None
            return _Forgetting(warehouse, folder, subject, ordered_by, moment, plan.look.clean).run()
    except (RefreshError, AlertError, PublicationError, LandingError) as fault:
        raise ForgetError(str(fault)) from None
    except OSError as fault:
        raise ForgetError(f"forgetting stopped ({fault.strerror}): {fault.filename}; run it again") from fault
    except duckdb.Error as fault:
        raise ForgetError(f"forgetting stopped: {first_line(fault)}; run it again") from fault


def _look(warehouse: Path, landing: Path, subject: Subject) -> Plan:
    """What there is of the subject; reads only."""
    contract = load_contract()
    build_file = warehouse / BUILD_FILE
    return Plan(
        subject.kind,
        look_into_build(build_file, contract, subject, landing) if build_file.exists() else {},
        look_into_landing(landing, contract, subject) if landing.is_dir() else Look(),
        len(published_files(warehouse, BUILD_FILE)),
        look_into_alerts(warehouse, subject),
        subject.too_common,
        subject.keep_totals,
    )


def _not_found(warehouse: Path, landing: Path, kind: str, identity: str) -> str:
    places = f"{warehouse} and {landing}" if landing.is_dir() and landing.parent != warehouse else str(warehouse)
    moment = was_forgotten(warehouse, kind, identity)
    if moment:
        return (
            f"nothing of this {kind} was found in {places}: they were forgotten on {moment.date()}; nothing was changed"
        )
    return f"nothing of this {kind} was found in {places}, so nothing was changed: is the id right, letter by letter?"


@contextmanager
def _nobody_else(warehouse: Path) -> Iterator[None]:
    """Keep refreshes, publications and alerts out for the whole time."""
    with only_run(warehouse), publications_locked(warehouse):
        if (warehouse / ALERTS).is_dir():
            with AlertStore(warehouse).locked():
                yield
        else:
            yield


def _find(
    warehouse: Path, kind: str, identity: str, also: Sequence[str], keep_totals: bool, token: str | None
) -> Subject:
    build_file = warehouse / BUILD_FILE
    contract = load_contract()
    if not build_file.exists():
        with duckdb.connect() as con:
            return find_subject(con, contract, kind, identity, also, keep_totals, token)
    replay_log(build_file)
    with open_build_file(warehouse, read_only=True) as con:
        return find_subject(con, contract, kind, identity, also, keep_totals, token)


class _Forgetting:
    """One subject, from the journal to the record."""

    def __init__(
        self,
        warehouse: Path,
        landing: Path,
        subject: Subject,
        by: str,
        now: datetime,
        clean: set[str] | frozenset[str] = frozenset(),
    ) -> None:
        self.warehouse = warehouse
        self.landing = landing
        self.subject = subject
        self.by = by
        self.now = now
        self.clean = clean
        self.journal = Journal(warehouse)
        self.contract = load_contract()
        self.work = warehouse / WORK_FOLDER

    def run(self) -> ForgetRecord:
        shutil.rmtree(self.work, ignore_errors=True)
        known = self.journal.read()
        redacted = known[1] if known else []
        counted: dict[str, Any] = known[2] if known else {}
        self.journal.write(self.subject, redacted, counted)
        self.work.mkdir()
        closed = self._forget_landing(redacted, counted)
        build_file = self.warehouse / BUILD_FILE
        stays: list[str] = []
        if build_file.exists():
            raw = forget_in_build(build_file, self.work, self.contract, self.subject, self.landing, redacted, self.now)
            counted["raw"] = counted.get("raw") or _as_numbers(raw)
            stays += _say_stays(BUILD_FILE, raw)
            # no version: the next refresh computes everything anew
            (self.warehouse / BUILT_WITH).write_text("a user or an account was forgotten", encoding="utf-8")
            self.journal.write(self.subject, redacted, counted)
        published, files = forget_in_publications(self.warehouse, self.work, self.subject, BUILD_FILE)
        counted["published"] = counted.get("published") or _as_numbers(published)
        stays += _say_stays("publications", published)
        alerts = forget_in_alerts(self.warehouse, self.subject)
        forget_in_folders(self.warehouse)
        besides = [self.landing, self.journal.path, self.warehouse / FOLDER]
        forget_in_text_files(self.warehouse, self.subject, besides)
        shutil.rmtree(self.work)
        # rows of theirs that arrive again are known by this
        Register(self.warehouse).add(entries_of(self.warehouse, self.subject))
        left = self._left_over()
        record = ForgetRecord(
            forgotten_at=self.now.isoformat(),
            forgotten_by=self.by,
            kind=self.subject.kind,
            subject_hash=subject_hash(self.warehouse, self.subject.kind, self.subject.identity),
            totals_kept=self.subject.kind == USER and self.subject.keep_totals,
            raw=counted.get("raw") or {},
            published=counted["published"],
            landing_files=len({(file.table_name, file.file_name) for file in redacted}),
            landing_rows={
                "removed": sum(file.removed for file in redacted),
                "changed": sum(file.changed for file in redacted),
            },
            published_files=files,
            alerts=alerts,
            not_looked_into=closed,
            left_over=[*stays, *left.found],
            not_searched=left.not_searched,
            too_common=self.subject.too_common,
        )
        keep_record(self.warehouse, record)
        self.journal.close()
        return record

    def _forget_landing(self, redacted: list[Redacted], counted: dict[str, Any]) -> list[str]:
        if not self.landing.is_dir():
            return []

        def note(file: Redacted) -> None:
            redacted.append(file)
            self.journal.write(self.subject, redacted, counted)

        return forget_in_landing(self.landing, self.contract, self.subject, note, self.clean)[1]

    def _left_over(self) -> LeftOver:
        inside = self.landing.is_relative_to(self.warehouse)
        folders = [self.warehouse, *([self.landing] if self.landing.is_dir() and not inside else [])]
        return search_left_over(folders, self.subject, [self.journal.path])


def _as_numbers(counts: Counts) -> dict[str, dict[str, int]]:
    return {name: {"removed": found.removed, "changed": found.changed} for name, found in counts.items() if found}


def _say_stays(where: str, counts: Counts) -> list[str]:
    """What is in columns of words and of other ids: it is named, and never rewritten."""
    return [
        f"{where}, {name}.{column}: {rows:,} rows"
        for name, found in counts.items()
        for column, rows in found.stays.items()
    ]
