"""Readers are never failed or misled, however often what they read is published anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.publication_storm import storm
from tests.orchestration.published_company import FIRST_DAY, company


@pytest.mark.fault(45)
@pytest.mark.parametrize(("publications", "reads"), [(5, 100), pytest.param(50, 1000, marks=pytest.mark.slow)])
def test_readers_see_one_whole_publication_while_many_come(tmp_path: Path, publications: int, reads: int) -> None:
    warehouse = company().warehouse(tmp_path)
    seen = storm(warehouse, FIRST_DAY, publications, reads)
    assert len(seen.busy.seconds) >= reads
    assert seen.busy.parquet_reads > 0
    assert seen.busy.errors == []
    assert seen.busy.mixed == []
    # they really read while it was replaced
    assert len(seen.busy.generations) > publications // 5
