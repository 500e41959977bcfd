"""A build that broke off with another configuration leaves nothing of it behind.

Belongs here: what the next build with the old configuration makes of the half-built tables.
Does not belong here: builds that are killed (tests/faults/test_kills.py), late rows (tests/properties).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from customer_health.core.settings import PROJECT_ROOT
from tests.golden import Golden
from tests.pipeline import Warehouse, differences

GOLDEN = Golden(PROJECT_ROOT / "tests" / "fixtures" / "golden", note="why")
AS_OF = date(2026, 3, 5)

# how far the other build got, and what it was configured with
BROKEN = {
    "metrics.csv": ("+int_metrics", lambda text: text.replace(",7,3,", ",5,3,")),
    "benchmarks.csv": ("+fct_metric_points", lambda text: text.replace(",linear,0,", ",linear,1,")),
    "product_event_measures.csv": ("+int_product__measures", lambda text: text.replace(",quantity", ",events")),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return GOLDEN.build(tmp_path_factory.mktemp("built"), AS_OF)


@pytest.mark.slow
@pytest.mark.parametrize("seed", BROKEN)
def test_the_configuration_of_a_build_that_broke_off_leaves_nothing(
    built: Warehouse, tmp_path: Path, seed: str
) -> None:
    until, edit = BROKEN[seed]
    other = built.copy(tmp_path / "a warehouse", _edited(built.config, tmp_path / "other", seed, edit))
    other.build(AS_OF, select=[until])
    tables = built.incremental_tables()
    assert differences(built, other, tables), "the other configuration must change something"
    again = Warehouse(other.folder, built.config)
    again.build(AS_OF + timedelta(days=1))
    anew = again.copy(tmp_path / "anew")
    anew.build(AS_OF + timedelta(days=1), full_refresh=True)
    assert differences(again, anew, tables) == {}


def _edited(config: Path, folder: Path, seed: str, edit: Callable[[str], str]) -> Path:
    shutil.copytree(config, folder)
    text = (folder / seed).read_text(encoding="utf-8")
    (folder / seed).write_text(edit(text), encoding="utf-8")
    return folder
