"""How a refresh stops: clearly, and without touching what was there."""

from __future__ import annotations

import json
import os
import shutil
import time
from datetime import date
from pathlib import Path

import pytest

from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT
from customer_health.refresh.refresh import BUILD_FILE, DbtRun, RefreshError, only_run, refresh


@pytest.mark.fault(40)
def test_a_second_run_is_refused_at_once(tmp_path: Path) -> None:
    with (
        only_run(tmp_path),
        pytest.raises(RefreshError, match="another refresh is running"),
        only_run(tmp_path),
    ):
        pass


def test_a_warehouse_is_free_again_after_a_run(tmp_path: Path) -> None:
    with only_run(tmp_path):
        pass
    with only_run(tmp_path):
        pass


def test_nothing_is_loaded_or_built_with_a_broken_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "a config"
    shutil.copytree(DEFAULT_CONFIG, config)
    weights = config / "scorecards" / "scorecard_metrics.csv"
    weights.write_text(weights.read_text(encoding="utf-8").replace(",seats_used_pct,", ",seats_usd_pct,"), "utf-8")
    with pytest.raises(RefreshError, match="fix the configuration first"):
        refresh(tmp_path / "landing", DbtRun(tmp_path / "warehouse", config, date(2026, 6, 30)))
    assert "did you mean 'seats_used_pct'" in capsys.readouterr().out
    assert not (tmp_path / "warehouse" / BUILD_FILE).exists()


def test_configurations_of_warehouses_that_nobody_builds_any_more_are_removed(tmp_path: Path) -> None:
    """Each warehouse has a folder beneath target/, and nothing else would tell that a warehouse is gone."""
    old, broken_off, young = (
        PROJECT_ROOT / "target" / f"{prefix}configuration-{tmp_path.name}{suffix}"
        for prefix, suffix in (("", "-old"), (".", "-old.1"), ("", "-young"))
    )
    two_days_ago = time.time() - 2 * 24 * 3600
    for folder in (old, broken_off, young):
        (folder / "scorecards").mkdir(parents=True)
    for folder in (old, broken_off):
        os.utime(folder, (two_days_ago, two_days_ago))
    try:
        run = DbtRun(tmp_path / "warehouse")
        for _ in range(2):
            run.arguments(["parse"])
            assert (PROJECT_ROOT / run.environment["CUSTOMER_HEALTH_SEED_PATH"] / "_seeds.yml").exists()
            assert [folder.exists() for folder in (old, broken_off, young)] == [False, False, True]
    finally:
        shutil.rmtree(young)


def test_a_missing_landing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefreshError, match="no such landing"):
        refresh(tmp_path / "no such landing", DbtRun(tmp_path / "warehouse", as_of=date(2026, 6, 30)))


@pytest.mark.parametrize(
    ("message", "is_its_fault", "is_for_memory"),
    [
        ("Runtime Error\n  INTERNAL Error: a vector", True, False),
        ("Runtime Error\n  Out of Memory Error: failed to allocate", False, True),
        ("Got 1 result, configured to fail if != 0", False, False),
    ],
)
def test_only_a_fault_of_the_engine_itself_or_want_of_memory_is_tried_again(
    tmp_path: Path, message: str, is_its_fault: bool, is_for_memory: bool
) -> None:
    (tmp_path / "target").mkdir()
    results = {"results": [{"status": "error", "message": message}]}
    (tmp_path / "target" / "run_results.json").write_text(json.dumps(results), encoding="utf-8")
    assert DbtRun(tmp_path).engine_failed() is is_its_fault
    assert DbtRun(tmp_path).lacked_memory() is is_for_memory


def test_of_a_run_that_died_before_its_results_the_log_tells_why(tmp_path: Path) -> None:
    """An invalidated database takes dbt along; what the log holds of earlier runs says nothing about the last one."""
    run, line = DbtRun(tmp_path), "=" * 30
    run.log_folder.mkdir()
    log = run.log_folder / "dbt.log"
    log.write_text(
        f"\n\n{line} 02:00:00.1 | 1 {line}\n[debug] FATAL Error: Failed: database has been invalidated\n", "utf-8"
    )
    assert run.engine_failed()
    with log.open("a", encoding="utf-8") as file:
        file.write(f"\n\n{line} 02:05:00.1 | 2 {line}\n[debug] Out of Memory Error: failed to allocate\n")
    assert not run.engine_failed()
    assert run.lacked_memory()


def test_a_run_that_never_started_is_no_fault_of_the_engine(tmp_path: Path) -> None:
    assert not DbtRun(tmp_path).engine_failed()
