"""What-ifs answer as they did: whole pages, stored beside this test.

Belongs here: a page of each kind of edit, in words and rounded numbers.
Does not belong here: whether an answer is right (test_what_if.py).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from customer_health.core.settings import DEFAULT_CONFIG
from customer_health.validation.what_if import what_if
from customer_health.validation.what_if.report import page
from tests.reading.book_company import book_company
from tests.validation.test_what_if import all_kinds, edited, stricter_grades, swap_weights

ANSWERS = Path(__file__).with_name("answers")
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
EDITS = {
    "weights": {"scorecard_metrics": swap_weights},
    "benchmarks": {"benchmarks": all_kinds("benchmarks")},
    "grades": {"grades": stricter_grades},
    "rules": {"score_rules": all_kinds("score_rules")},
    "weights_and_benchmarks": {
        "scorecard_metrics": all_kinds("scorecard_metrics"),
        "benchmarks": all_kinds("benchmarks"),
    },
}


@pytest.fixture(scope="module")
def warehouse() -> Path:
    return book_company()


@pytest.mark.parametrize("name", EDITS)
def test_a_page_is_as_it_was(warehouse: Path, tmp_path: Path, name: str) -> None:
    config = edited(tmp_path, **EDITS[name])
    written = page(what_if(config, warehouse, name=name)).markdown()
    assert_stored(name, written, tmp_path)


def test_all_scorecards_scored_anew_say_the_same(warehouse: Path, tmp_path: Path) -> None:
    config = edited(tmp_path, **EDITS["weights"])
    written = page(what_if(config, warehouse, everything=True, name="weights")).markdown()
    assert_stored("weights_everything", written, tmp_path)


def test_another_folder_is_answered_as_it_was(warehouse: Path, tmp_path: Path) -> None:
    config = edited(tmp_path, **EDITS["weights"])
    written = page(what_if(DEFAULT_CONFIG, warehouse, against=config, name="as delivered")).markdown()
    assert_stored("weights_against", written, tmp_path)


def assert_stored(name: str, written: str, folder: Path) -> None:
    """A page that is not there is written: look at it, and keep it."""
    written = written.replace(str(folder).replace("_", r"\_"), "FOLDER").replace(str(folder), "FOLDER")
    stored = ANSWERS / f"{name}.md"
    if not stored.exists():
        ANSWERS.mkdir(exist_ok=True)
        stored.write_text(written, encoding="utf-8")
        pytest.fail(f"{stored} was not there and has been written")
    expected = stored.read_text(encoding="utf-8")
    assert NUMBER.sub("#", written) == NUMBER.sub("#", expected)
    # an area in the middle between two thousandths is rounded by the order in which the engine sums
    assert numbers(written) == pytest.approx(numbers(expected), abs=0.0011)


def numbers(text: str) -> list[float]:
    return [float(found) for found in NUMBER.findall(text)]
