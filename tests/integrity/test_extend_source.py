"""The recipe of docs/extend-source.md, followed word for word, adds a source; each step left out is named.

Belongs here: the recipe as a whole, and each of its steps.
Does not belong here: the sources that we have (test_sources.py).
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from customer_health.configuration.folder import load_configuration
from customer_health.configuration.sources import check_sources
from customer_health.core.build_file import BUILD_FILE
from customer_health.landing.load import load_landing
from examples.company import CompanyConfig, generate
from tests.recipe import Step, copy_project, metric_step, steps

END = date(2026, 6, 30)
MOST_FILES = 7
# what a maintainer would see fail if the recipe asked for too little
CHECKS = (
    "tests/integrity/test_sources.py",
    "tests/integrity/test_model_promises.py",
    "tests/faults/test_contract.py",
    "tests/properties/test_company_generator.py::test_the_tables_are_those_of_the_raw_contract",
)
# by file: what is said when the step is left out
NAMED = {
    "models/staging/_raw__sources.yml": "models/staging/_raw__sources.yml: raw table 'course_completions' of"
    " macros/sources.sql is not in the contract: add it there",
    "macros/sources.sql": "macros/sources.sql: raw table 'course_completions' of the contract is not in raw_tables():"
    " add a line for it there",
    "models/staging/training/base/base_training__course_completions.sql": "models/staging/training/base/"
    "base_training__course_completions.sql: the model is missing: add the fates of course_completions",
    "models/staging/training/stg_training__course_completions.sql": "models/staging/training/"
    "stg_training__course_completions.sql: the model is missing: add the typed rows of course_completions",
    "models/intermediate/measures/int_training__measures.sql": "models/intermediate/measures/"
    "int_training__measures.sql: the model is missing: add the measures of source 'training'",
    "models/staging/training/_training__models.yml": "models/intermediate/measures/int_training__measures.sql: no YAML"
    " file describes the model: add int_training__measures to one of its folder or above it",
    "seeds/scorecards/measures.csv": "seeds/scorecards/measures.csv: no measure comes from source 'training': add a row"
    " for each measure that it emits",
}


def told(root: Path) -> list[str]:
    """All that the checks say of a project, without the name of the rule."""
    configuration = load_configuration(root / "seeds", root / "seeds")
    return [str(violation).partition(" [")[0] for violation in check_sources(configuration, root)]


def follow(root: Path, recipe: list[Step]) -> None:
    copy_project(root)
    for step in recipe:
        step.apply(root)


def test_a_source_takes_at_most_seven_files() -> None:
    files = [step.file for step in steps()]
    assert len(set(files)) == len(files) <= MOST_FILES
    assert set(files) == set(NAMED)


def test_the_recipe_leaves_nothing_out(tmp_path: Path) -> None:
    follow(tmp_path, steps())
    assert told(tmp_path) == []


@pytest.mark.parametrize("left_out", steps(), ids=lambda step: Path(step.file).name)
def test_each_step_left_out_is_named_with_its_file(left_out: Step, tmp_path: Path) -> None:
    follow(tmp_path, [step for step in steps() if step != left_out])
    assert NAMED[left_out.file] in told(tmp_path)


def test_a_table_without_days_is_named_by_the_measure_that_it_would_silence(tmp_path: Path) -> None:
    """With no day, int_source_days never sees the table, and the metric is not_instrumented on every row."""
    follow(tmp_path, steps())
    path = tmp_path / "macros" / "sources.sql"
    path.write_text(path.read_text("utf-8").replace("'day': 'completed_on'", "'day': none"), "utf-8")
    [message] = told(tmp_path)
    assert message.endswith(
        "raw table 'course_completions' has no day in macros/sources.sql, so 'courses_completed' would be"
        " not_instrumented for all"
    )


def land_completions(landing: Path, accounts: list[str]) -> None:
    rows = [
        {"completion_id": f"c-{account}", "account_id": account, "course": "basics", "completed_at": f"{day} 10:00:00"}
        for account in [*accounts, "nobody"]
        for day in [END - timedelta(days=5)]
    ]
    folder = landing / "course_completions"
    folder.mkdir()
    with (folder / "june.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.slow
def test_the_recipe_word_for_word_makes_its_metric_observed(tmp_path: Path) -> None:
    root, warehouse = tmp_path / "project", tmp_path / "warehouse"
    root.mkdir()
    follow(root, [*steps(), metric_step()])
    generate(warehouse / "landing", CompanyConfig(accounts=20, days=150, end=END, seed=3))
    load_landing(warehouse / "landing", warehouse)
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        accounts = [row[0] for row in con.execute("select distinct account_id from raw.accounts order by 1").fetchall()]
    land_completions(warehouse / "landing", accounts)
    environment = os.environ | {"PYTHONPATH": str(root)}
    checked = subprocess.run(
        [sys.executable, "-m", "pytest", *CHECKS],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-3000:]
    # the copy's own package, and with it the copy's models
    script = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from customer_health.core.settings import PROJECT_ROOT;"
        "from customer_health.landing.load import load_landing; from customer_health.transform.run import DbtRun;"
        "assert PROJECT_ROOT == Path.cwd().resolve(), PROJECT_ROOT;"
        "from customer_health.configuration.scorecards import check_configuration;"
        "violations = check_configuration(Path('seeds'));"
        "assert not [each for each in violations if 'course' in each.message], violations;"
        "folder = Path(sys.argv[1]); load_landing(folder / 'landing', folder);"
        "raise SystemExit(DbtRun(folder, as_of=date.fromisoformat(sys.argv[2])).run(['build', '--quiet']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(warehouse), END.isoformat()],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        seen = con.execute(
            "select value_status, value, count(*) > 0 from intermediate.int_metrics__unioned"
            " where metric = 'courses_completed_90d' and date_day = ? group by all order by all",
            [END],
        ).fetchall()
        counted = con.execute(
            "select raw_rows, staged_rows, quarantined_rows, is_conserved from quality.fct_row_conservation"
            " where raw_table = 'course_completions'"
        ).fetchall()
        waiting = con.execute(
            "select row_key, quarantine_reason from staging.quarantine where raw_table = 'course_completions'"
        ).fetchall()
    assert ("observed", 1, True) in seen
    assert counted == [(len(accounts) + 1, len(accounts), 1, True)]
    assert waiting == [("c-nobody", "unknown_account")]
