"""What deserves an alert, in which words, and that an event keeps its id.

Belongs here: kinds of events, their numbers and severity, stable ids, text that does no harm.
Does not belong here: delivery and the ledger (test_alerts.py).
"""

from __future__ import annotations

import csv
import io
import random
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_health.alerts.events import Event, event_id, published_events
from customer_health.alerts.messages import EVENTS_PER_MESSAGE, messages, payload
from customer_health.alerts.notify import notify
from customer_health.core.safe_text import BREAK, plain, without_secrets
from tests.orchestration.published_marts import LAST_DAY, company, publish

GRADES = "ABCDF"
QUIET = {"acme": [("B", 71.0), ("B", 72.0)]}


def events_of(warehouse: Path, first_day: date = LAST_DAY, last_day: date = LAST_DAY) -> list[Event]:
    with duckdb.connect() as con:
        con.execute(
            "attach '" + str(warehouse / "customer_health.duckdb").replace("'", "''") + "' as published (read_only)"
        )
        con.execute("use published")
        return published_events(con, first_day, last_day)


def only_event(tmp_path: Path, rows: dict[str, Any]) -> Event:
    publish(tmp_path, rows)
    [event] = events_of(tmp_path)
    return event


@pytest.mark.parametrize(
    ("before", "now", "severity", "word"),
    [("B", "C", "warn", "down"), ("B", "D", "error", "down"), ("D", "F", "error", "down"), ("C", "B", "info", "up")],
)
def test_the_further_a_grade_falls_the_graver(tmp_path: Path, before: str, now: str, severity: str, word: str) -> None:
    event = only_event(tmp_path, company({"acme": [(before, 70.0), (now, 51.26)]}))
    assert (event.kind, event.severity, event.csm_id, event.account_id) == ("grade_change", severity, "ann", "acme")
    assert event.text == (
        f"Grade {word}: acme Ltd (acme, adoption) went from {before} to {now} on 2026-06-30, score 51.3"
        " (none a week before), MRR 1,200 USD. Main cause in 28 days: Seats used went from 72 % to 42 % (-9.0)"
    )


def test_a_day_without_a_score_or_after_a_gap_changes_no_grade(tmp_path: Path) -> None:
    rows = company({"acme": [("B", 71.0), ("B", None), ("D", 40.0)]})
    del rows["fct_health_scores"][1]
    publish(tmp_path, rows)
    assert events_of(tmp_path, LAST_DAY - timedelta(days=3)) == []


def test_a_fast_drop_is_one_event_for_as_long_as_it_lasts(tmp_path: Path) -> None:
    rows = company(QUIET)
    rows["rpt_account_health_current"][0] |= {
        "is_fast_drop": True,
        "fast_drop_since_on": date(2026, 6, 24),
        "health_score": 54.0,
        "change_28d_points": -12.2,
    }
    event = only_event(tmp_path, rows)
    assert (event.kind, event.severity, event.day) == ("fast_drop", "warn", "2026-06-24")
    assert "fell to 54.0 (-12.2 points in 28 days), falling fast since 2026-06-24, MRR 1,200 USD" in event.text
    words = "Main cause: Seats used went from 72 % to 42 % (-9.0). Next step: Call this week"
    assert event.text.endswith(words)
    rows["rpt_account_health_current"][0] |= {"health_score": 50.0, "change_28d_points": -16.0}
    assert only_event(tmp_path, rows).event_id == event.event_id
    rows["rpt_account_health_current"][0]["fast_drop_since_on"] = date(2026, 6, 30)
    assert only_event(tmp_path, rows).event_id != event.event_id


def test_a_healthy_account_off_its_path_is_told_with_its_playbook(tmp_path: Path) -> None:
    rows = company(QUIET)
    late = {
        "priority": 1,
        "account_id": "acme",
        "scorecard": "adoption",
        "account_name": "Acme",
        "csm_id": "ann",
        "desired_outcome": "adoption",
        "grade": "B",
        "milestone": "go_live",
        "milestone_label": "Live with the first team",
        "expected_on": date(2026, 5, 1),
        "days_late": 60,
        "mrr_at_stake_usd": 12345.6,
        "playbook_label": "Launch week",
        "action": "Sit beside the first team",
    }
    rows["rpt_early_interventions"] = [late]
    event = only_event(tmp_path, rows)
    assert event.kind == "early_intervention"
    assert (
        "is 60 days late on 'Live with the first team', expected by 2026-05-01, MRR at stake 12,346 USD" in event.text
    )
    assert event.text.endswith("Playbook: Launch week: Sit beside the first team")
    rows["rpt_early_interventions"] = [late | {"days_late": 61, "priority": 3}]
    assert only_event(tmp_path, rows).event_id == event.event_id
    rows["rpt_early_interventions"] = [late | {"milestone": "first_report"}]
    assert only_event(tmp_path, rows).event_id != event.event_id


@pytest.mark.parametrize(("days_left", "is_told"), [(7, True), (1, True), (8, False)])
def test_an_override_is_told_a_week_before_it_ends(tmp_path: Path, days_left: int, is_told: bool) -> None:
    rows = company(QUIET)
    ends = LAST_DAY + timedelta(days=days_left)
    rows["rpt_account_health_current"][0] |= {"override_grade": "D", "override_expires_on": ends}
    publish(tmp_path, rows)
    events = events_of(tmp_path)
    assert [event.kind for event in events] == ["override_expiring"] * is_told
    if is_told:
        assert f"ends on {ends}, in {days_left} day" in events[0].text
        assert "the computed grade is B" in events[0].text


def test_an_overdue_review_concerns_everybody_once(tmp_path: Path) -> None:
    rows = company(QUIET)
    card = {"scorecard": "adoption", "scorecard_version": 2, "is_in_force": True, "is_review_overdue": True}
    rows["dim_scorecards"] = [
        card | {"next_review_on": date(2026, 6, 20)},
        card | {"scorecard": "growth", "is_in_force": False, "next_review_on": date(2026, 6, 20)},
    ]
    event = only_event(tmp_path, rows)
    assert (event.kind, event.csm_id, event.account_id) == ("review_overdue", None, None)
    assert event.text.endswith("was to be reviewed by 2026-06-20, 10 days ago")


histories = st.dictionaries(
    st.text(alphabet="abc/>;:1", min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from(GRADES), st.floats(0, 100)), min_size=1, max_size=5),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=histories, seed=st.integers(0, 99), shift=st.floats(0, 50), name=st.text(max_size=8))
def test_ids_hang_on_what_happened_and_on_nothing_else(
    tmp_path: Path, days: dict[str, list[tuple[str, float]]], seed: int, shift: float, name: str
) -> None:
    first_day = LAST_DAY - timedelta(days=5)
    rows = company(days)
    publish(tmp_path, rows)
    events = events_of(tmp_path, first_day)
    expected = {
        (account, LAST_DAY - timedelta(days=len(given_days) - 1 - number), f"{before}>{now}")
        for account, given_days in days.items()
        for number, ((before, _), (now, _)) in enumerate(zip(given_days, given_days[1:], strict=False), start=1)
        if before != now
    }
    assert {event.event_id for event in events} == {
        event_id("grade_change", f"{account}/adoption", day, change) for account, day, change in expected
    }
    assert len(events) == len(expected)

    # other names, other managers, other scores, another order, fewer accounts: the same ids
    chosen = random.Random(seed)
    kept = {account for account in days if chosen.random() < 0.7} or set(days)
    for table in ("fct_health_scores", "dim_accounts", "rpt_account_health_current", "rpt_account_health_in_words"):
        rows[table] = [row for row in rows[table] if row["account_id"] in kept]
        chosen.shuffle(rows[table])
    for row in rows["dim_accounts"]:
        row |= {"account_name": name, "csm_id": "new", "mrr_usd": shift}
    for row in rows["fct_health_scores"]:
        row["health_score"] = min(100, row["health_score"] + shift)
    publish(tmp_path, rows)
    again = {event.event_id for event in events_of(tmp_path, first_day)}
    assert again == {event.event_id for event in events if event.account_id in kept}


parts = st.tuples(st.text(max_size=5), st.text(max_size=5), st.dates(), st.text(max_size=5))


@given(parts, parts)
def test_two_happenings_never_share_an_id(one: tuple[str, str, date, str], other: tuple[str, str, date, str]) -> None:
    assert (event_id(*one) == event_id(*other)) == (one == other)


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1)",
    "*bold* _it_ ~st~ `code`",
    "<!channel> <@U1> <https://x.example|here>",
    "[click](https://evil.example)",
    "@channel @all @ann",
    "a\r\n- error: forged line",
    "\u202egnp.exe\u200b",
    "https://evil.example/x",
    "www.evil.example",
    "# heading",
    "<script>alert(1)</script>",
    "'; drop table accounts; --",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_text(tmp_path: Path, name: str) -> None:
    rows = company({"acme": [("B", 71.0), ("D", 48.0)]})
    rows["dim_accounts"][0] |= {"account_name": name, "csm_name": name, "csm_id": name}
    publish(tmp_path, rows)
    [event] = events_of(tmp_path)
    assert_harmless(event.text)
    [(text, _)] = messages([event])
    assert len(text.splitlines()) == 2
    sent = payload(text, [event])
    assert "<" not in sent["text"]
    assert sent["mrkdwn"] is False
    notify(tmp_path, webhook=None)
    assert len((tmp_path / "alerts" / "alerts.jsonl").read_bytes().splitlines()) == 1


@given(st.text(max_size=80))
def test_any_value_is_one_harmless_line(value: str) -> None:
    text = plain(value)
    assert_harmless("Grade: " + text)
    assert text[:1] not in set("=+-@\t\r#") or text.replace(".", "").replace(",", "").strip("+- %").isdigit()
    [row] = csv.reader(io.StringIO('"' + text.replace('"', '""') + '"'))
    assert row == [text]


def assert_harmless(text: str) -> None:
    assert text[0] not in "=+-@\t\r\n"
    assert not [char for char in text if unicodedata.category(char)[0] == "C" and char != BREAK]
    assert len(text.splitlines()) == 1
    for mark in ("*", "`", "~", "<", ">", "[", "]", "|", "://"):
        assert mark not in text
    for position, char in enumerate(text):
        assert char != "@" or text[position + 1] == BREAK


def test_a_long_message_is_sent_in_parts_the_gravest_first(tmp_path: Path) -> None:
    number = EVENTS_PER_MESSAGE + 5
    grades = [("B", "C"), ("B", "F"), ("C", "B")]
    # every second account is of the same manager
    days = {f"a{n:03}": [(before, 70.0), (now, 40.0)] for n in range(2 * number) for before, now in [grades[n % 3]]}
    publish(tmp_path, company(days))
    sent = [(text, events) for text, events in messages(events_of(tmp_path)) if events[0].csm_id == "ann"]
    assert [len(events) for _, events in sent] == [EVENTS_PER_MESSAGE, 5]
    assert sent[0][0].startswith(f"Customer health, for Ann Ames: {number} alerts, 1 to {EVENTS_PER_MESSAGE}\n- error")
    severities = [event.severity for _, events in sent for event in events]
    assert severities == sorted(severities, key=["error", "warn", "info"].index)


@pytest.mark.fault(60)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("POST https://user:pw@h.example/a/b?c=d failed", "POST https://h.example/*** failed"),
        ("password=x1, token: x2 api_key x3", "password=*** token: *** api_key ***"),
        ("Authorization: Bearer x1", "Authorization: Bearer ***"),
        ("client_secret=x1;", "client_secret=***"),
        ("asked by ann@example.com today", "asked by (address not shown) today"),
        ("the build did not complete", "the build did not complete"),
    ],
)
def test_secrets_in_messages_of_others_are_masked(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
