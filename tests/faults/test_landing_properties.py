"""Landing any bytes at all: every row of a CSV or JSON Lines file is loaded or rejected, as an oracle says.

The oracle reads one byte after the other and shares nothing with the loader: a row is what the CSV grammar
makes of the text from where the last one ended; where that fails, one line is set aside and reading goes on
behind it.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_health.core.contract import Contract, load_contract
from customer_health.landing import text as landing_text
from customer_health.landing.load import BUILD_FILE, load_landing

CONTRACT = Contract({"csms": load_contract().table("csms")})
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

CSV_PIECES = [
    b"a",
    b"7",
    b"1.5",
    b" ",
    b",",
    b",",
    b",",
    b'"',
    b'"',
    b'""',
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b"'",
]
CSV_PIECES += [
    b'"x"',
    b"\xc3\xa9",
    b"\xff",
    b"\xe2\x82",
    b"\x00",
    b";",
    b"c1,Ada,3\n",
    b'c2,"a,""b""\nc",4\r\n',
]
JSON_PIECES = [
    b'{"csm_id": "c1"}',
    b'{"csm_id": "\xc3\xa9", "weekly_hours": 2}',
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
]
JSON_PIECES += [
    b'{"csm_id": 1, "weekly_hours": "x"}',
    b'{"csm_id": null}',
    b"[]",
    b"{",
    b"}",
    b'"',
    b",",
    b"\xff",
]
JSON_PIECES += [
    b"\x00",
    b"\x01",
    b"\x02",
    b'{"csm_id": {}}',
    b'{"csm_id": "a", "csm_id": "b"}',
    b"null",
    b"{}",
]


@dataclass
class Outcome:
    """Rows by the line on which they start."""

    loaded: dict[int, tuple] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)


def read_field(data: bytes, position: int) -> tuple[str | bytes, int] | None:
    """One field from `position`; its value and where it ends, or None when a quote is out of place."""
    if data[position : position + 1] != b'"':
        end = position
        while end < len(data) and data[end : end + 1] not in (b",", b"\n"):
            end += 1
        value = data[position:end]
        if data[end : end + 1] != b"," and value.endswith(b"\r"):
            value = value[:-1]
        return value, end
    value = bytearray()
    position += 1
    while position < len(data):
        byte = data[position : position + 1]
        if byte == b'"' and data[position + 1 : position + 2] == b'"':
            value += byte
            position += 2
        elif byte == b'"':
            position += 1
            rest = data[position : position + 2]
            if rest[:1] in (b"", b",", b"\n"):
                return bytes(value), position
            if rest in (b"\r\n", b"\r"):
                return bytes(value), position + 1
            return None
        else:
            value += byte
            position += 1
    return None


def csv_oracle(data: bytes, field_count: int, first_line: int) -> Outcome:
    outcome = Outcome()
    position, line = 0, first_line
    while position < len(data):
        start, fields, broken = position, [], False
        while True:
            read = read_field(data, position)
            if read is None:
                broken = True
                break
            fields.append(read[0])
            position = read[1]
            if data[position : position + 1] != b",":
                break
            position += 1
        if broken:
            outcome.rejected[line] = "quote"
            end = data.find(b"\n", start)
            position = len(data) if end < 0 else end + 1
            line += 1
            continue
        position += 1
        whole = data[start:position]
        if whole.rstrip(b"\n") not in (b"", b"\r"):
            judge_csv_row(outcome, line, whole, fields, field_count)
        line += whole.count(b"\n")
    return outcome


def judge_csv_row(outcome: Outcome, line: int, whole: bytes, fields: list[bytes], field_count: int) -> None:
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        outcome.rejected[line] = "bad_encoding"
        return
    if len(fields) != field_count:
        outcome.rejected[line] = "wrong_field_count"
        return
    csm_id, name, hours = (value.decode("utf-8") for value in fields)
    hours = hours.strip(" ")
    if hours and not NUMBER.fullmatch(hours):
        outcome.rejected[line] = "unparseable_number"
        return
    outcome.loaded[line] = (csm_id or None, name or None, float(hours) if hours else None)


def json_oracle(data: bytes) -> Outcome:
    outcome = Outcome()
    for line, raw in enumerate(data.split(b"\n"), start=1):
        body = raw.removesuffix(b"\r")
        if not body.strip(b" \t\r"):
            continue
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            outcome.rejected[line] = "bad_encoding"
            continue
        try:
            if "\r" in text:
                raise ValueError
            pairs = json.loads(text, object_pairs_hook=lambda pairs: pairs)
            assert text.lstrip().startswith("{")
            row = dict(pairs)
        except (ValueError, AssertionError):
            outcome.rejected[line] = "malformed_json"
            continue
        if len(row) < len(pairs):
            outcome.rejected[line] = "duplicate_key"
        elif isinstance(row.get("csm_id"), list):
            outcome.rejected[line] = "nested_value"
        elif row.get("weekly_hours") == "x":
            outcome.rejected[line] = "unparseable_number"
        else:
            csm_id, hours = row.get("csm_id"), row.get("weekly_hours")
            outcome.loaded[line] = (None if csm_id is None else str(csm_id), None, hours)
    return outcome


def landed(name: str, content: bytes) -> Outcome | None:
    """What the loader makes of the file; None when it refused it."""
    with tempfile.TemporaryDirectory() as folder:
        landing, warehouse = Path(folder) / "landing", Path(folder) / "warehouse"
        (landing / "csms").mkdir(parents=True)
        (landing / "csms" / name).write_bytes(content)
        report = load_landing(landing, warehouse, contract=CONTRACT)
        assert "told apart" not in "".join(item.detail for item in report.findings)
        with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
            rows = con.execute("select _source_row, csm_id, name, weekly_hours from raw.csms").fetchall()
            rejects = con.execute("select line, reason from landing.rejected_rows").fetchall()
        outcome = Outcome(
            {line: tuple(values) for line, *values in rows},
            {line: re.split(r"[:;]", reason)[0] for line, reason in rejects},
        )
        assert len(outcome.loaded) == len(rows) == report.rows_loaded
        assert len(outcome.rejected) == len(rejects) == report.rows_rejected
        return None if report.count("refused") else outcome


def outcome_with_plain_quote_reasons(outcome: Outcome) -> Outcome:
    plain = {"unclosed_quote": "quote", "misplaced_quote": "quote"}
    rejected = {line: plain.get(reason, reason) for line, reason in outcome.rejected.items()}
    return Outcome(outcome.loaded, rejected)


@pytest.fixture(autouse=True)
def _window_is_restored(monkeypatch):
    monkeypatch.setattr(landing_text, "WINDOW", landing_text.WINDOW)


any_number_of_examples = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@any_number_of_examples
@given(
    pieces=st.lists(st.sampled_from(CSV_PIECES), max_size=40),
    end_of_header=st.sampled_from([b"\n", b"\r\n"]),
    window=st.sampled_from([3, 16, 61, 4 * 1024 * 1024]),
)
def test_every_row_of_any_csv_is_loaded_or_rejected_as_the_oracle_says(pieces, end_of_header, window):
    landing_text.WINDOW = window
    rows = b"".join(pieces)
    expected = csv_oracle(rows, 3, first_line=2)
    found = landed("any.csv", b"csm_id,name,weekly_hours" + end_of_header + rows)
    assert found is not None
    assert outcome_with_plain_quote_reasons(found) == expected


@any_number_of_examples
@given(
    pieces=st.lists(st.sampled_from(JSON_PIECES), max_size=25),
    window=st.sampled_from([3, 16, 61, 4 * 1024 * 1024]),
)
def test_every_line_of_any_json_lines_file_is_loaded_or_rejected_as_the_oracle_says(pieces, window):
    landing_text.WINDOW = window
    content = b'{"csm_id": "first"}\n' + b"".join(pieces)
    expected = json_oracle(content)
    found = landed("any.jsonl", content)
    assert found is not None
    assert found == expected
