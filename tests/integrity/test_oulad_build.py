"""The real course data, built whole: no registration is lost, nothing is made up, and the score tells who withdraws.

Belongs here: what `make oulad` prints of the extract that lies beside the project.
Does not belong here: the mapping (test_oulad_mapping.py), who is observed (test_oulad_evidence.py).
"""

import re
from pathlib import Path

import pytest

from customer_health.refresh.refresh import DbtRun, refresh
from examples.oulad import map_oulad
from examples.oulad.build import CONFIG, describe
from tests.integrity.test_oulad_mapping import REAL_DATA


@pytest.mark.slow
@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the extract is not part of the project")
def test_registrations_are_conserved_and_the_score_foretells_withdrawals(tmp_path: Path) -> None:
    totals = map_oulad(REAL_DATA, tmp_path / "landing")
    refresh(tmp_path / "landing", DbtRun(tmp_path / "warehouse", CONFIG, totals.last_customer_day))
    printed = "\n".join(describe(tmp_path / "warehouse"))

    counts = {
        name: _number(rf"^ *{name} +([\d,]+)", printed)
        for name in ("registrations", "in the index", "ended before they began", "quarantined")
    }
    total = counts.pop("registrations")
    assert sum(counts.values()) == total > counts["in the index"] > 0
    assert _number(r"after their last day: (\d+)", printed) == 0
    assert _number(r"are anything but not_instrumented; zeros among them: (\d+)", printed) == 0
    assert _number(r"of which (\d+) are anything but not_instrumented", printed) == 0

    # above 0.80, something of the future would have leaked into the score
    assert 0.70 <= _number(r"the score of .* area under the curve ([\d.]+)", printed) < 0.80
    assert _number(r"the score less the generic one.* area \+[\d.]+ \(95% \+([\d.]+) to", printed) > 0


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"{pattern} is not in\n{text}"
    return float(found[1].replace(",", ""))
