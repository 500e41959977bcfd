"""What is told, to whom, and how often: against a real receiver on this machine that fails at times.

Belongs here: delivery, the ledger, muting, a kill between sending and recording, secrets, the command.
Does not belong here: what counts as an event (test_alerts_events.py).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from customer_health.alerts.delivery import Webhook, WebhookError
from customer_health.alerts.notify import WEBHOOK_VARIABLE, AlertError, AlertReport, notify, report_failed_run
from customer_health.alerts.store import AlertStore
from expectations.report import CheckResult, GateReport
from tests.commands import run_command
from tests.orchestration.published_marts import LAST_DAY, company, publish, write_status
from tests.orchestration.webhook_server import SECRET, Receiver, receiver

PROJECT_ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
FELL = {"acme": [("B", 71.0), ("D", 48.0)], "bolt": [("C", 60.0), ("B", 74.0)], "calm": [("A", 90.0), ("A", 91.0)]}
FAILED_GATE = GateReport(
    results=(
        CheckResult("raw_arrivals", "volume", False, "error", "8% of its usual", "at least 50%", "measured in May", 3),
        CheckResult("raw_arrivals", "freshness", True, "error", "0 days", "at most 2", "daily loads"),
        CheckResult("marts", "drift", False, "warn", "0.3", "at most 0.2", "usual"),
    ),
    ran_at=datetime(2026, 7, 1, 3, 0),
    as_of=date(2026, 7, 1),
)
STALE = {
    "is_stale": True,
    "since": "2026-07-01T04:00:00",
    "as_of_date": "2026-06-30",
    "reason": "the publication of 2026-07-01 was held: volume of usage_events is 8% of its usual",
    "held": [{"as_of_date": "2026-07-01", "reason": "volume fell", "gate_results": FAILED_GATE.to_json()}],
}
FRESH = {"is_stale": False, "as_of_date": "2026-07-02", "since": None, "reason": "", "held": []}


def tell(warehouse: Path, hook: Receiver | None = None, **settings: Any) -> AlertReport:
    pauses: list[float] = settings.pop("pauses", [])
    return notify(warehouse, webhook=hook.url if hook else None, now=NOW, sleep=pauses.append, **settings)


def log_lines(warehouse: Path) -> list[dict[str, Any]]:
    path = warehouse / "alerts" / "alerts.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    folder = tmp_path / "a warehouse"
    publish(folder, company(FELL))
    return folder


def test_each_manager_gets_one_message_and_a_second_run_tells_nothing(warehouse: Path) -> None:
    with receiver() as hook:
        first = tell(warehouse, hook)
        second = tell(warehouse, hook)
    assert len(hook.taken) == 2
    by_manager = {message["text"].split(":")[0]: message["text"] for message in hook.taken}
    assert "acme went from" not in by_manager["Customer health, for Ben Bell"]
    assert (
        "Grade down: acme Ltd (acme, adoption) went from B to D on 2026-06-30"
        in by_manager["Customer health, for Ann Ames"]
    )
    assert "score 48.0" in hook.texts
    assert "MRR 1,200 USD" in hook.texts
    assert (len(first.sent), len(first.logged), second.sent, second.logged) == (2, 2, [], [])
    assert len(log_lines(warehouse)) == 2


def test_without_a_webhook_the_log_is_enough_and_a_later_webhook_gets_only_what_is_new(warehouse: Path) -> None:
    assert len(tell(warehouse).logged) == 2
    with receiver() as hook:
        assert tell(warehouse, hook).sent == []
        publish(warehouse, company({"acme": [("B", 71.0), ("D", 48.0), ("F", 30.0)]}, LAST_DAY + timedelta(days=1)))
        assert [event.entity for event in tell(warehouse, hook).sent] == ["acme/adoption"]


@pytest.mark.parametrize("failure", [500, 503, 429, 408])
def test_what_may_pass_is_tried_again_with_growing_pauses(warehouse: Path, failure: int) -> None:
    pauses: list[float] = []
    with receiver(answers=[failure, failure]) as hook:
        report = tell(warehouse, hook, pauses=pauses)
    assert len(report.sent) == 2
    assert pauses == [1.0, 2.0]
    assert Counter(hook.taken_ids) == Counter({event.event_id for event in report.sent})


def test_the_receiver_may_say_how_long_to_wait(warehouse: Path) -> None:
    pauses: list[float] = []
    with receiver(answers=[429], headers={"Retry-After": "7"}) as hook:
        tell(warehouse, hook, pauses=pauses)
    assert pauses == [7.0]


def test_a_silent_receiver_is_given_up_on_and_asked_again_on_the_next_run(warehouse: Path) -> None:
    with receiver(answers=[0, 0, 0, 0]) as hook:
        report = tell(warehouse, hook, timeout=0.2)
        assert len(report.sent) == 1
        assert len(report.waiting) == 1
        assert "no answer in time, tried 4 times" in report.failures[0]
        again = tell(warehouse, hook)
    assert [event.event_id for event in again.sent] == [event.event_id for event in report.waiting]
    assert max(Counter(hook.taken_ids).values()) == 1


def test_what_was_refused_waits_and_the_others_are_told(warehouse: Path) -> None:
    with receiver(answers=[404]) as hook:
        report = tell(warehouse, hook)
        assert (len(report.sent), len(report.waiting)) == (1, 1)
        assert len(hook.seen) == 2
        assert len(tell(warehouse, hook).sent) == 1
        assert tell(warehouse, hook).sent == []
    assert len(log_lines(warehouse)) == 2


def test_nobody_there_loses_nothing(warehouse: Path) -> None:
    with receiver() as hook:
        port = hook.port
    gone = notify(warehouse, webhook=f"http://127.0.0.1:{port}/{SECRET}", now=NOW, sleep=lambda _: None)
    assert (len(gone.waiting), gone.sent) == (2, [])
    with receiver() as hook:
        assert len(tell(warehouse, hook).sent) == 2


def test_a_redirection_is_not_followed(warehouse: Path) -> None:
    with receiver() as other, receiver(answers=[302, 302], headers={"Location": other.url}) as hook:
        report = tell(warehouse, hook)
    assert (len(report.waiting), other.seen) == (2, [])


def test_days_that_were_missed_are_told_later(warehouse: Path) -> None:
    tell(warehouse)
    days = {"acme": [("D", 48.0), ("D", 47.0), ("C", 58.0), ("C", 59.0)]}
    publish(warehouse, company(days, LAST_DAY + timedelta(days=3)))
    assert [event.day for event in tell(warehouse).logged] == [(LAST_DAY + timedelta(days=2)).isoformat()]


def test_a_day_rebuilt_later_tells_nothing_of_the_past(warehouse: Path) -> None:
    tell(warehouse)
    days = {"acme": [("B", 71.0), ("C", 60.0), ("D", 48.0), ("D", 48.0)]}
    publish(warehouse, company(days, LAST_DAY + timedelta(days=1)))
    assert tell(warehouse).logged == []


def test_score_alerts_are_silent_while_the_publication_is_stale_and_come_when_it_is_fresh(warehouse: Path) -> None:
    write_status(warehouse, STALE)
    with receiver() as hook:
        stale = tell(warehouse, hook)
        assert {event.kind for event in stale.sent} == {"publication_stale", "gate_failed"}
        assert [event.kind for event in stale.muted] == ["grade_change", "grade_change"]
        assert "volume of usage_events is 8% of its usual" in hook.texts
        assert "(1 check failed: raw_arrivals/volume)" in hook.texts
        assert "marts/drift" not in hook.texts
        assert len(tell(warehouse, hook).sent) == 0
        assert {line["kind"] for line in log_lines(warehouse)} == {"publication_stale", "gate_failed"}

        write_status(warehouse, FRESH)
        publish(
            warehouse,
            company({name: [*days, days[-1], days[-1]] for name, days in FELL.items()}, LAST_DAY + timedelta(days=2)),
        )
        fresh = tell(warehouse, hook)
        assert sorted(event.entity for event in fresh.sent) == ["acme/adoption", "bolt/adoption"]
        assert tell(warehouse, hook).sent == []
    assert max(Counter(hook.taken_ids).values()) == 1


def test_what_the_new_data_no_longer_shows_is_superseded(warehouse: Path) -> None:
    write_status(warehouse, STALE)
    with receiver() as hook:
        tell(warehouse, hook)
        write_status(warehouse, FRESH)
        calm = {"acme": [("B", 71.0)] * 4, "bolt": [("C", 60.0), ("B", 74.0), ("B", 74.0), ("B", 74.0)]}
        publish(warehouse, company(calm, LAST_DAY + timedelta(days=2)))
        fresh = tell(warehouse, hook)
    assert [event.entity for event in fresh.sent] == ["bolt/adoption"]
    assert [event.entity for event in fresh.superseded] == ["acme/adoption"]
    assert "acme" not in hook.texts


def test_what_was_superseded_and_comes_back_is_told(warehouse: Path) -> None:
    with receiver(answers=[404, 404]) as hook:
        tell(warehouse, hook)
        publish(warehouse, company({"acme": [("B", 71.0), ("B", 71.0)]}))
        assert len(tell(warehouse, hook).superseded) == 2
        publish(warehouse, company(FELL))
        assert len(tell(warehouse, hook).sent) == 2


def test_failed_runs_are_handed_over_and_told_once(warehouse: Path) -> None:
    reason = f"could not reach https://db.example/{SECRET} as admin:hunter2@db token=abc123 mail ann@example.com"
    one = report_failed_run(warehouse, run_id="run_1", step="build", reason=reason, now=NOW)
    again = report_failed_run(warehouse, run_id="run_1", step="build", reason=reason, now=NOW + timedelta(days=1))
    assert one.event_id == again.event_id
    write_status(warehouse, STALE)
    with receiver() as hook:
        assert "run_failed" in {event.kind for event in tell(warehouse, hook).sent}
        assert tell(warehouse, hook).sent == []
    everything = hook.texts + "".join(path.read_text("utf-8") for path in (warehouse / "alerts").glob("*.json*"))
    for secret in (SECRET, "hunter2", "abc123", "ann@example.com"):
        assert secret not in everything


@pytest.mark.fault(40)
def test_two_runs_at_once_are_refused(warehouse: Path) -> None:
    with AlertStore(warehouse).locked(), pytest.raises(AlertError, match="being sent by another process"):
        tell(warehouse)


def start_command(warehouse: Path, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "customer_health", "alerts", "--warehouse", str(warehouse)],
        cwd=PROJECT_ROOT,
        env={**os.environ, WEBHOOK_VARIABLE: url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_kill_between_sending_and_recording_doubles_that_message_only(warehouse: Path) -> None:
    """The receiver has taken the first message, and kills the sender before it can hear so."""
    started: list[subprocess.Popen[str]] = []

    def kill(_: dict[str, Any]) -> None:
        if len(hook.taken) == 2:
            os.kill(started[0].pid, signal.SIGKILL)
            started[0].wait()

    with receiver(on_message=kill) as hook:
        publish(warehouse, company({**FELL, "dune": [("A", 90.0), ("B", 80.0)], "east": [("A", 90.0), ("B", 80.0)]}))
        started.append(start_command(warehouse, hook.url))
        assert started[0].wait() == -signal.SIGKILL
        assert len(hook.taken) == 2
        doubled = set(hook.taken[1]["event_ids"])
        hook.on_message = None
        second = start_command(warehouse, hook.url)
        output, errors = second.communicate()
        assert second.returncode == 0, errors
    counts = Counter(hook.taken_ids)
    assert {identity for identity, times in counts.items() if times == 2} == doubled
    assert len(counts) == 4
    assert max(counts.values()) == 2
    assert len(log_lines(warehouse)) == 4
    assert hook.keys[1] == hook.keys[2], "the same message bears the same key, so that a receiver can tell"


def test_a_torn_last_line_is_cut_off_and_its_event_told_again(warehouse: Path) -> None:
    with receiver() as hook:
        tell(warehouse, hook)
        ledger = warehouse / "alerts" / "ledger.jsonl"
        ledger.write_bytes(ledger.read_bytes()[:-20])
        assert len(tell(warehouse, hook).sent) == 1
        assert tell(warehouse, hook).sent == []
    assert all(json.loads(line) for line in ledger.read_text("utf-8").splitlines())


@pytest.mark.fault(60)
@pytest.mark.parametrize(
    "url",
    [
        f"http://example.com/{SECRET}",
        f"ftp://127.0.0.1/{SECRET}",
        f"https://user:{SECRET}@example.com/",
        f"https:///{SECRET}",
        f"http://127.0.0.1.example.com/{SECRET}",
        f"http://localhost@example.com/{SECRET}",
        f"https://example.com:port/{SECRET}",
        f"https://example.com/{SECRET}\r\nX: y",
        f"file:///{SECRET}",
        SECRET,
    ],
)
def test_only_secure_or_local_addresses_are_used_and_none_is_shown(tmp_path: Path, url: str) -> None:
    with pytest.raises(WebhookError) as found:
        Webhook(url)
    assert "SECRET" not in str(found.value)
    with pytest.raises(AlertError) as shown:
        notify(tmp_path, webhook=url)
    assert "SECRET" not in str(shown.value)
    assert shown.value.__suppress_context__


def test_secure_addresses_are_taken() -> None:
    assert repr(Webhook(f"https://hooks.example.com/services/{SECRET}?x={SECRET}")) == (
        "Webhook(https://hooks.example.com/***)"
    )


@pytest.mark.fault(60)
def test_the_secret_appears_nowhere(
    warehouse: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(answers=[404, 500, 500, 500, 500]) as hook:
        monkeypatch.setenv(WEBHOOK_VARIABLE, hook.url)
        monkeypatch.setattr("customer_health.alerts.delivery.FIRST_PAUSE_SECONDS", 0.01)
        assert run_command("alerts", "--warehouse", str(warehouse)) == 1
    output = capsys.readouterr()
    assert "http://127.0.0.1/***: answered with status 404" in output.out
    files = "".join(path.read_text("utf-8") for path in (warehouse / "alerts").glob("*.json*"))
    for part in SECRET.split("/"):
        assert part not in output.out + output.err + files


def test_a_published_file_that_cannot_be_read_hides_nothing_else(warehouse: Path) -> None:
    (warehouse / "customer_health.duckdb").write_bytes(b"not a database at all" * 1000)
    write_status(warehouse, STALE)
    report = tell(warehouse)
    assert {event.kind for event in report.logged} == {"publication_stale", "gate_failed"}
    assert "cannot be read" in report.failures[0]


def test_a_warehouse_without_a_publication_has_nothing_to_tell(tmp_path: Path) -> None:
    assert notify(tmp_path, webhook=None).lines() == ["alerts: 0 logged, 0 sent, 0 waiting, 0 muted, 0 superseded"]


@pytest.mark.fault(39)
def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(AlertError, match="alerts: File exists"):
        notify(tmp_path, webhook=None)


def test_the_first_run_tells_the_last_day_only(warehouse: Path) -> None:
    publish(warehouse, company({"acme": [("A", 90.0), ("C", 60.0), ("C", 60.0)]}))
    assert tell(warehouse).logged == []
    assert AlertStore(warehouse).state().handled_until == date(2026, 6, 30)
