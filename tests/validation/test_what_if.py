"""A what-if says what a rebuild with the edit would say, and leaves the warehouse as it is."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml

from customer_health.configuration.folder import load_contracts
from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT
from customer_health.refresh.refresh import BUILD_FILE, DbtRun
from customer_health.validation.what_if import NeedsRebuildError, WhatIfError, what_if
from customer_health.validation.what_if.answer import opened, prepared, read_build
from customer_health.validation.what_if.edits import REACH_OF_SEED, REACH_OF_VAR
from customer_health.validation.what_if.report import page
from customer_health.validation.what_if.rescoring import judge, rescore
from customer_health.validation.what_if.uploaded import write_edited
from tests.commands import run_command
from tests.reading.book_company import LAST_DAY, book_company

Rows = list[dict[str, str]]


def edited(folder: Path, **edits: Callable[[Rows], object]) -> Path:
    """A copy of the default configuration with files edited in place."""
    config = folder / "an edited configuration"
    shutil.copytree(DEFAULT_CONFIG, config)
    for name, edit in edits.items():
        path = next(config.rglob(f"{name}.csv"))
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        columns = list(rows[0])
        edit(rows)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return config


def of(rows: Rows, **values: str) -> Rows:
    return [row for row in rows if all(row[column] == value for column, value in values.items())]


def swap_weights(rows: Rows) -> None:
    """Two metrics of one side change places, so that the version still totals 100."""
    first, second = (of(rows, scorecard="adoption", metric=name)[-1] for name in ("pulse_latest", "nps_score_180d"))
    first["weight"], second["weight"] = second["weight"], first["weight"]


def stricter_grades(rows: Rows) -> None:
    for row in rows:
        row["min_score"] = {"A": "88", "B": "73", "C": "58", "D": "43"}.get(row["grade"], row["min_score"])


@pytest.fixture(scope="module")
def warehouse() -> Path:
    return book_company()


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_configuration_changes_nothing(warehouse: Path) -> None:
    before = fingerprint(warehouse)
    answer = what_if(DEFAULT_CONFIG, warehouse, everything=True)
    assert answer.is_same
    assert not answer.edits
    assert not answer.moves
    assert len(answer.scorecards) >= 3
    assert sum(change.days for change in answer.scorecards) > 500
    assert "No score and no grade changes" in page(answer).markdown()
    assert fingerprint(warehouse) == before


def all_kinds(rows_of: str) -> Callable[[Rows], object]:
    """Edits of every kind that can be answered: a benchmark of each method, weights, a rule."""

    def benchmarks(rows: Rows) -> None:
        for row in rows:
            if row["method"] == "curve" and row["metric"].startswith("support_contacts"):
                row["curve"] = "0:40;0.2:100;1:0"
            elif row["method"] == "linear" and row["metric"] == "seats_used_pct":
                row["target"] = "80"
            elif row["method"] == "peer_percentile":
                row["min_peers"] = "3"
            elif row["method"] == "own_baseline":
                row["target"] = "1.4"

    def rules(rows: Rows) -> None:
        rows[0]["threshold"] = str(float(rows[0]["threshold"]) / 2)

    def shadows(rows: Rows) -> None:
        """What is ranked among peers or held against its own past is a shadow by default: weigh it."""
        heavy = max(of(rows, scorecard="adoption", version="2"), key=lambda row: float(row["weight"]))
        for metric in ("usage_events_28d", "usage_per_seat_28d"):
            row = next(iter(of(rows, scorecard="adoption", version="2", metric=metric)))
            row["weight"] = "3"
        heavy["weight"] = str(float(heavy["weight"]) - 6)
        swap_weights(rows)

    return {"benchmarks": benchmarks, "score_rules": rules, "scorecard_metrics": shadows}[rows_of]


@pytest.mark.slow
def test_it_says_what_a_rebuild_says(warehouse: Path, tmp_path: Path) -> None:
    names = ("benchmarks", "score_rules", "scorecard_metrics")
    config = edited(tmp_path, grades=stricter_grades, **{name: all_kinds(name) for name in names})
    (config / "vars.yml").write_text("grade_confirm_days: 4\nbaseline_min_days: 20\nmin_side_coverage: 0.5\n")
    rebuilt = tmp_path / "rebuilt"
    rebuilt.mkdir()
    shutil.copyfile(warehouse / BUILD_FILE, rebuilt / BUILD_FILE)
    run = DbtRun(rebuilt, config, LAST_DAY)
    assert (
        run.build(
            "--exclude-resource-type", "test", "unit_test", "--select", "+rpt_score_accuracy", "+fct_health_scores"
        )
        == 0
    )
    with opened(warehouse) as connection:
        connection.execute(
            "create schema before;"
            " create view before.predictions as"
            " select * from build.intermediate.int_predictions where predictor = 'scorecard'"
        )
        built = read_build(connection, warehouse)
        edits, models = prepared(connection, built, config)
        reached = rescore(connection, models, edits)
        judge(connection, models)
        assert {edit.seed for edit in edits} == {*names, "grades", "vars"}
        assert {"seats_used_pct", "usage_events_28d", "usage_per_seat_28d"} <= set(reached.metrics)
        [(weighed, by_difference)] = connection.execute(
            "select (select count(*) from edited.versions), (select count(*) from edited.versions_by_difference)"
        ).fetchall()
        assert weighed > by_difference > 0, "both ways to sum points have to be shown"
        connection.execute(f"attach '{rebuilt / BUILD_FILE}' as rebuilt (read_only)")
        [(rows, alone, scores, grades, stored)] = connection.execute(
            "select count(*), count(*) filter (new.account_id is null or old.account_id is null),"
            " count(*) filter (abs(new.health_score - old.health_score) > 1e-9"
            "   or (new.health_score is null) <> (old.health_score is null)),"
            " count(*) filter (new.grade is distinct from old.grade or new.raw_grade is distinct from old.raw_grade"
            "   or new.rule_applied is distinct from old.rule_applied or new.score_status <> old.score_status),"
            " (select count(*) from rebuilt.intermediate.int_health_scores as a"
            "   join build.intermediate.int_health_scores as b using (account_id, date_day, scorecard)"
            "   where abs(a.health_score - b.health_score) > 1)"
            " from intermediate.int_health_scores as new full join rebuilt.intermediate.int_health_scores as old"
            " using (account_id, date_day, scorecard)"
        ).fetchall()
        assert rows > 500
        assert stored > 100, "the edits did not matter, so nothing was shown"
        assert (alone, scores, grades) == (0, 0, 0)
        [(judged, different)] = connection.execute(
            "select count(*), count(*) filter (abs(new.auc - old.auc) > 1e-9 or new.observations <> old.observations"
            "   or abs(new.lowest_tenth_lift - old.lowest_tenth_lift) > 1e-9)"
            " from (from intermediate.int_score_accuracy where predictor = 'scorecard') as new"
            " full join (from rebuilt.intermediate.int_score_accuracy"
            "   where predictor = 'scorecard' and outcome = 'churned') as old"
            " using (scorecard, outcome, horizon_days, period)"
        ).fetchall()
        assert (judged > 0, different) == (True, 0)


def test_the_difference_adds_up_and_names_its_causes(warehouse: Path, tmp_path: Path) -> None:
    config = edited(tmp_path, grades=stricter_grades, scorecard_metrics=swap_weights)
    answer = what_if(config, warehouse)
    assert not answer.is_same
    assert answer.moves
    for accounts in ("accounts_before", "accounts_after"):
        assert sum(getattr(share, accounts) for share in answer.grades) == sum(
            share.accounts_before for share in answer.grades
        )
    for share in answer.grades:
        gained = [move for move in answer.moves if (move.grade_after or "none") == share.grade]
        lost = [move for move in answer.moves if (move.grade_before or "none") == share.grade]
        assert share.accounts_after - share.accounts_before == len(gained) - len(lost)
        moved = sum(move.mrr_usd for move in gained) - sum(move.mrr_usd for move in lost)
        assert share.mrr_after_usd - share.mrr_before_usd == moved
    assert all(move.why for move in answer.moves)
    written = page(answer).markdown()
    assert all(move.account_id in written for move in answer.moves)


def test_an_edit_of_one_scorecard_leaves_the_others_alone(warehouse: Path, tmp_path: Path) -> None:
    answer = what_if(edited(tmp_path, scorecard_metrics=swap_weights), warehouse)
    assert answer.reached.scorecards == ("adoption",)
    assert [change.scorecard for change in answer.scorecards] == ["adoption"]
    # version 1 scored until the end of 2025; its rows were not edited
    assert answer.scorecards[0].first_changed_on is not None
    assert any("weight 12 → 8" in str(edit) for edit in answer.edits)


def test_what_is_left_alone_would_have_come_out_the_same(warehouse: Path, tmp_path: Path) -> None:
    """Version 1 of the scorecard is taken from the build, and yet its grades are confirmed with those of version 2."""
    config = edited(tmp_path, scorecard_metrics=swap_weights)
    some, everything = what_if(config, warehouse), what_if(config, warehouse, everything=True)
    assert len(some.reached.scorecards) < len(everything.reached.scorecards)
    [adoption] = [change for change in everything.scorecards if change.scorecard == "adoption"]
    assert adoption.days_changed > 0
    for name in ("days", "days_changed", "days_regraded", "first_changed_on"):
        assert getattr(some.scorecards[0], name) == getattr(adoption, name)
    assert some.moves == everything.moves
    assert some.grades == everything.grades


def test_two_folders_are_compared_with_each_other(warehouse: Path, tmp_path: Path) -> None:
    config = edited(tmp_path, scorecard_metrics=swap_weights)
    assert what_if(config, warehouse, against=config).is_same
    forth = what_if(config, warehouse, against=DEFAULT_CONFIG)
    back = what_if(DEFAULT_CONFIG, warehouse, against=config)
    assert {change.scorecard: change.days_changed for change in forth.scorecards} == {
        change.scorecard: change.days_changed for change in back.scorecards
    }
    assert [(move.grade_before, move.grade_after) for move in forth.moves] == [
        (move.grade_after, move.grade_before) for move in back.moves
    ]


def test_what_needs_new_values_is_refused_with_its_reasons(
    warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def longer(rows: Rows) -> None:
        of(rows, metric="logins_28d")[0]["window_days"] = "30"

    config = edited(tmp_path, metrics=longer)
    (config / "vars.yml").write_text("grace_days: 45\n")
    with pytest.raises(NeedsRebuildError) as refused:
        what_if(config, warehouse)
    assert refused.value.reasons == ("metrics: logins_28d, window_days 28 → 30", "vars: grace_days, value 30 → 45")
    assert run_command("what-if", "--config", str(config), "--warehouse", str(warehouse)) == 1
    assert "- metrics: logins_28d, window_days 28 → 30" in capsys.readouterr().err


def test_words_are_no_reason_to_refuse(warehouse: Path, tmp_path: Path) -> None:
    def reworded(rows: Rows) -> None:
        rows[0]["label"] = "Another word for it"

    answer = what_if(edited(tmp_path, metrics=reworded), warehouse)
    assert len(answer.edits) == 1
    assert answer.is_same


def test_errors_of_the_configuration_come_first(warehouse: Path, tmp_path: Path) -> None:
    def heavier(rows: Rows) -> None:
        of(rows, scorecard="adoption", version="2")[0]["weight"] = "40"

    with pytest.raises(WhatIfError, match="the weights of scorecard 'adoption' version 2 total"):
        what_if(edited(tmp_path, scorecard_metrics=heavier), warehouse)


def test_no_text_of_an_upload_becomes_sql(warehouse: Path, tmp_path: Path) -> None:
    """What closed the list of grades once ran as SQL of the dashboard's server."""
    secret, target = tmp_path / "secret.txt", tmp_path / "written.txt"
    secret.write_text("nobody may read this", encoding="utf-8")
    sql = f"A') then 'h' end); copy (select content from read_text('{secret}')) to '{target}'; select ('"
    upload = {"vars.yml": yaml.safe_dump({"healthy_grades": [sql, "B"]}).encode()}
    folder = tmp_path / "uploaded"
    folder.mkdir()
    write_edited(upload, warehouse, folder)
    with pytest.raises(WhatIfError, match="healthy_grades' must name grades"):
        what_if(folder, warehouse)
    assert not target.exists()


def test_a_what_if_reaches_no_file_but_the_build(warehouse: Path, tmp_path: Path) -> None:
    with opened(warehouse) as connection:
        for statement in (
            "select * from read_text('/etc/hostname')",
            f"copy (select 1) to '{tmp_path / 'written.csv'}'",
            f"attach '{tmp_path / 'other.duckdb'}'",
            "set enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_written_where_it_is_asked_for(
    warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, out = edited(tmp_path, grades=stricter_grades), tmp_path / "page.md"
    assert run_command("what-if", "--config", str(config), "--warehouse", str(warehouse), "--out", str(out)) == 0
    assert "nothing in" in capsys.readouterr().out
    assert out.read_text(encoding="utf-8").startswith("# What if: ")


def test_without_a_build_file_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(WhatIfError, match="is not there"):
        what_if(DEFAULT_CONFIG, tmp_path)


def test_a_build_in_use_is_left_alone(warehouse: Path, tmp_path: Path) -> None:
    shutil.copyfile(warehouse / BUILD_FILE, tmp_path / BUILD_FILE)
    with duckdb.connect(str(tmp_path / BUILD_FILE)), pytest.raises(WhatIfError, match="in use"):
        what_if(DEFAULT_CONFIG, tmp_path)


def test_every_file_and_var_is_known_to_reach_something_or_nothing() -> None:
    assert set(REACH_OF_SEED) == set(load_contracts())
    known = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert set(REACH_OF_VAR) == set(known)
