"""Readers are never failed or misled, however often what they read is published anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.publication_storm import storm
from tests.orchestration.published_company import FIRST_DAY, company


@pytest.mark.fault(45)
def test_fifty_publications_under_a_thousand_reads(tmp_path: Path) -> None:
    warehouse = company().warehouse(tmp_path)
    seen = storm(warehouse, FIRST_DAY, publications=50, reads=1000)
    assert len(seen.busy.seconds) >= 1000
    assert seen.busy.parquet_reads > 0
    assert seen.busy.errors == []
    assert seen.busy.mixed == []
    # they really read while it was replaced
    assert len(seen.busy.generations) > 10
