"""Whether single cells of the seed files are what cells_contract.yml says, and what no cell may hold.

A number of the right type can still be a slip (a window of 0 or 10,000 days), a word can carry a blank that no eye
sees, and a name can carry what SQL and Jinja read as their own.

Belongs here: kinds and ranges of cells, invisible characters, cells of one row that contradict each other.
Does not belong here: types, words and references (shape.py), rules between rows (definitions.py, scorecards.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from customer_health.configuration.folder import ColumnContract, Configuration, Row
from customer_health.configuration.shape import Violation, as_date, at

CONTRACT = Path(__file__).with_name("cells_contract.yml")
NUMBERS = ("double", "integer")
KINDS = {
    "name": (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,62}"), "a name of letters, digits and _ . + - only"),
    "currency": (re.compile(r"[A-Z]{3}"), "three capital letters, such as USD"),
    "colour": (re.compile(r"#[0-9A-Fa-f]{6}"), "a colour such as #2166AC"),
}
# what people write in sentences may hold everything that can be read
SENTENCES = ("label", "description", "rationale", "reason", "note", "meaning", "action", "what_to_do", "decision")
RATE_OF_USD = 1.0
# versions begin on the first of these days; what ends later has no end, which an empty cell says
FIRST_DAY, LAST_DAY = "1900-01-01", "2199-12-31"


@cache
def load_cell_contract() -> dict[str, dict[str, Any]]:
    """File -> column -> what a cell of it may be."""
    return yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))


def check_cells(configuration: Configuration) -> Iterator[Violation]:
    """Cells of the wrong kind, out of their range, or with characters that cannot be seen."""
    for name, seed in configuration.files.items():
        if not configuration.is_own(name):
            continue
        contract = load_cell_contract().get(name, {})
        for column in configuration.contracts[name].columns.values():
            if column.name in seed.header:
                for row in seed.rows:
                    if row[column.name]:
                        yield from _check_cell(row, column, contract.get(column.name, {}))
    yield from _check_rows(configuration)


def _check_cell(row: Row, column: ColumnContract, wanted: Mapping[str, Any]) -> Iterator[Violation]:
    value = row[column.name]
    if hidden := next((each for each in value if _is_invisible(each)), None):
        message = (
            f"{column.name} holds a character that cannot be seen (U+{ord(hidden):04X}): write it again without it"
        )
        yield at(row, "character_hidden", message)
    elif column.name not in SENTENCES and value != value.strip():
        yield at(row, "blank_around", f"{column.name} '{value}' begins or ends with a blank: remove it")
    elif "kind" in wanted:
        pattern, words = KINDS[wanted["kind"]]
        if not pattern.fullmatch(value):
            yield at(row, "not_a_name", f"{column.name} '{value}' is not {words}")
    elif column.type in NUMBERS and wanted and value.isascii():
        yield from _check_range(row, column.name, wanted)
    elif column.type == "date" and as_date(value) and not FIRST_DAY <= value <= LAST_DAY:
        yield at(row, "out_of_range", f"{column.name} {value} must lie between {FIRST_DAY} and {LAST_DAY}")


def _check_range(row: Row, column: str, wanted: Mapping[str, Any]) -> Iterator[Violation]:
    number = row.number(column)
    if number is None:
        return
    lowest = wanted.get("above", wanted.get("at_least"))
    is_low = number <= lowest if "above" in wanted else number < lowest
    # a number that is none compares with nothing
    if is_low or not number <= wanted["at_most"]:
        begins = f"more than {lowest}" if "above" in wanted else f"at least {lowest}"
        message = f"{column} {row[column]} must be {begins} and at most {wanted['at_most']}"
        yield at(row, "out_of_range", message)


def _is_invisible(character: str) -> bool:
    """Control and format characters, and blanks that are no space; lines in a quoted sentence are seen."""
    category = unicodedata.category(character)
    return character not in " \n\r\t" and (category in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn") or category == "Zs")


def _check_rows(configuration: Configuration) -> Iterator[Violation]:
    for row in configuration.rows("metrics"):
        if row["denominator_measure"] and row["denominator_measure"] == row["measure"]:
            message = f"'{row['metric']}' divides '{row['measure']}' by itself and would always be 1: name another one"
            yield at(row, "divided_by_itself", message)
    if configuration.is_own("exchange_rates"):
        for row in configuration.rows("exchange_rates"):
            rate = row.number("usd_per_unit")
            if row["currency"].strip().upper() == "USD" and rate is not None and rate != RATE_OF_USD:
                message = f"one US dollar is {row['usd_per_unit']} US dollars here: its rate is 1"
                yield at(row, "out_of_range", message)
