"""What a published file holds, how one follows another, and what is told of both."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.core.settings import PROJECT_ROOT
from customer_health.publication.files import file_hash
from customer_health.publication.publish import PublicationError, current, hold, publish, rollback, staleness
from customer_health.publication.store import Publication, Store
from customer_health.publication.tables import SHADOW_DAYS
from customer_health.refresh.refresh import BUILD_FILE
from tests.commands import run_command
from tests.orchestration.published_company import (
    FIRST_DAY,
    LATE_DAY,
    NOW,
    SECOND_DAY,
    Company,
    bring,
    change,
    company,
    gate_report,
    published,
)

VIEWS = ("health.fct_score_drivers", "health.rpt_score_changes", "health.fct_component_scores")


@pytest.fixture(scope="session")
def built() -> Company:
    return company()


@pytest.fixture
def warehouse(built: Company, tmp_path: Path) -> Path:
    return built.warehouse(tmp_path)


def query(file: Path, sql: str) -> list[tuple[object, ...]]:
    """Read a file under a name of the reader's own choice, as most do."""
    with duckdb.connect() as con:
        con.execute(f"attach '{file}' as seen (read_only)")
        con.execute("use seen")
        return con.execute(sql).fetchall()


def seen(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    return query(warehouse / PUBLISHED_FILE, sql)


def tables(file: Path) -> set[str]:
    return {name for (name,) in query(file, "select schema_name || '.' || table_name from duckdb_tables()")}


def may_be_written(warehouse: Path) -> set[str]:
    """Database files whose mode lets anybody write."""
    files = {path for path in warehouse.rglob("*.duckdb") if path.stat().st_mode & 0o222}
    return {path.relative_to(warehouse).as_posix() for path in files}


def only_in_one(left: Path, right: Path, names: set[str]) -> dict[str, int]:
    """Rows that only one of two files holds, per table."""
    found = {}
    with duckdb.connect() as con:
        con.execute(f"attach '{left}' as a (read_only)")
        con.execute(f"attach '{right}' as b (read_only)")
        for name in sorted(names):
            here, there = f"from a.{name}", f"from b.{name}"
            both = f"({here} except all {there}) union all ({there} except all {here})"
            found[name] = con.execute(f"select count(*) from ({both})").fetchall()[0][0]
    return {name: rows for name, rows in found.items() if rows}


def marts(file: Path) -> set[str]:
    return tables(file) - {"quality.fct_publications", "quality.fct_score_restatements"}


# -- what is published


def test_only_marts_and_what_they_stand_on_are_published(warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    schemas = ("health", "journey", "quality", "validation")
    views = "select schema_name || '.' || view_name from duckdb_views() where not internal"
    relations = tables(warehouse / PUBLISHED_FILE) | {str(name) for (name,) in seen(warehouse, views)}
    in_build = tables(warehouse / BUILD_FILE) | {str(name) for (name,) in query(warehouse / BUILD_FILE, views)}
    assert relations == {name for name in in_build if name.split(".")[0] in schemas} | {
        "health.int_scores",
        "health.int_scorecard_weights",
        "quality.fct_publications",
        "quality.fct_score_restatements",
    }
    # a view that reads what is not published became a table
    assert "health.fct_parent_scores" in tables(warehouse / PUBLISHED_FILE)


def test_tables_hold_the_rows_of_the_build(warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    same = marts(warehouse / PUBLISHED_FILE) - {"health.int_scores", "health.int_scorecard_weights"}
    differing = only_in_one(warehouse / PUBLISHED_FILE, warehouse / BUILD_FILE, same)
    assert set(differing) == {"health.fct_metric_points"}


@pytest.mark.parametrize("table", ["health.fct_health_scores", "health.fct_metric_points", "health.fct_score_changes"])
def test_an_accounts_days_of_a_month_lie_together(warehouse: Path, table: str) -> None:
    published(warehouse, FIRST_DAY)
    spread = f"""
        select date_trunc('month', date_day), account_id, max(rowid) - min(rowid) + 1 - count(*) as between_them
        from {table} group by 1, 2 having between_them > 0
    """
    assert query(warehouse / PUBLISHED_FILE, spread) == []


def test_points_of_shadow_metrics_are_published_for_some_months_only(warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    shadows = (
        "select count(*), min(date_day) from {}.fct_metric_points"
        " where metric not in (select metric from {}.int_scorecard_weights)"
    )
    rows, first_day = seen(warehouse, shadows.format("health", "health"))[0]
    assert first_day == FIRST_DAY - timedelta(days=SHADOW_DAYS - 1)
    in_build, _ = query(warehouse / BUILD_FILE, shadows.format("health", "intermediate"))[0]
    assert 0 < rows < in_build
    weighted = "select count(*) from {}.fct_metric_points where metric in (select metric from {}.int_scorecard_weights)"
    assert seen(warehouse, weighted.format("health", "health")) == query(
        warehouse / BUILD_FILE, weighted.format("health", "intermediate")
    )


@pytest.mark.parametrize("view", VIEWS)
def test_views_read_right_without_the_build_file(warehouse: Path, view: str) -> None:
    numbers = "count(*), count(distinct (account_id, date_day, scorecard))"
    expected = query(warehouse / BUILD_FILE, f"select {numbers} from {view}")
    published(warehouse, FIRST_DAY)
    (warehouse / BUILD_FILE).unlink()
    assert seen(warehouse, f"select {numbers} from {view}") == expected
    # whoever opens the file itself under its name of before has to name it: a schema is called so, too
    with duckdb.connect(str(warehouse / PUBLISHED_FILE), read_only=True) as con:
        assert con.execute(f"select {numbers} from {view}").fetchall() == expected
    with duckdb.connect(str(warehouse / SECOND_NAME), read_only=True) as con:
        assert con.execute(f"select {numbers} from health.{view}").fetchall() == expected


def test_scores_can_be_recomputed_from_what_is_published(warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    differing = seen(
        warehouse,
        """
        select count(*) from (
            select sum(contribution) as total, any_value(scores.health_score_before_rules) as score
            from health.fct_score_drivers
            inner join health.fct_health_scores as scores using (account_id, date_day, scorecard)
            where scores.health_score is not null
            group by account_id, date_day, scorecard
        ) where abs(total - score) > 1e-9
        """,
    )
    assert differing == [(0,)]


def test_the_file_has_the_storage_of_the_first_stable_duckdb(warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    header = (warehouse / PUBLISHED_FILE).read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    # v1.0.0 wrote 64, and reads nothing above
    assert int.from_bytes(header[12:20], "little") == 64


@pytest.mark.fault(59)
def test_personal_data_is_refused_whatever_the_models_say(warehouse: Path) -> None:
    select = "select *, '' as interview_note from intermediate.int_current_accounts"
    change(warehouse, f"create or replace view health.dim_accounts as {select}")
    with pytest.raises(PublicationError, match=r"personal data would be published: health\.dim_accounts\.interview"):
        published(warehouse, FIRST_DAY)
    assert not (warehouse / PUBLISHED_FILE).exists()


def test_no_write_ahead_log_lies_beside_anything_published(warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    assert not list(warehouse.rglob("*.wal"))


def test_manifests_name_what_is_there(warehouse: Path) -> None:
    publication = published(warehouse, FIRST_DAY)
    named = json.loads((warehouse / "publications" / "manifest.json").read_text("utf-8"))
    assert named["current"] == publication.publication_id
    manifest = Publication.from_json(json.loads((warehouse / named["manifest"]).read_text("utf-8")))
    assert manifest == publication == current(warehouse)
    assert (warehouse / named["file"]).samefile(warehouse / PUBLISHED_FILE)
    for file in publication.parquet:
        assert file_hash(warehouse / file.path) == file.sha256
    with duckdb.connect() as con:
        for table, rows in publication.row_counts.items():
            paths = [str(warehouse / file.path) for file in publication.parquet if file.table == table]
            assert con.execute("select count(*) from read_parquet(?)", [paths]).fetchall() == [(rows,)], table


# -- one publication after another


@pytest.mark.parametrize(("build", "compared_from"), [("second", 50_000), ("late", 0)])
def test_an_incremental_publication_equals_a_whole_copy(
    built: Company, tmp_path: Path, build: str, compared_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customer_health.publication.copy.WORTH_COMPARING", compared_from)
    warehouse = built.warehouse(tmp_path)
    published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    second = published(warehouse, SECOND_DAY, 24)
    assert second.is_incremental
    if build == "late":
        bring(warehouse, built.late)
        late = published(warehouse, SECOND_DAY, 48)
        assert late.is_incremental
        assert late.rebuilt_from <= LATE_DAY
    other = built.warehouse(tmp_path / "other", getattr(built, build))
    whole = published(other, SECOND_DAY)
    assert not whole.is_incremental
    files = warehouse / PUBLISHED_FILE, other / PUBLISHED_FILE
    assert tables(files[0]) == tables(files[1])
    assert only_in_one(*files, marts(files[0])) == {}
    for month in {(file.table, file.month) for file in whole.parquet if file.table in marts(files[0])}:
        both = [
            {file.fingerprint for file in publication.parquet if (file.table, file.month) == month}
            for publication in (current(warehouse), whole)
            if publication
        ]
        assert both[0] == both[1], month


def test_history_that_changed_unseen_is_noticed_and_copied_whole(built: Company, warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    change(warehouse, f"update intermediate.int_health_scores set health_score = 1 where date_day = date '{LATE_DAY}'")
    second = published(warehouse, SECOND_DAY, 24)
    assert not second.is_incremental
    assert seen(warehouse, f"select max(health_score) from health.fct_health_scores where date_day = '{LATE_DAY}'") == [
        (1.0,)
    ]


def test_another_configuration_is_copied_whole(built: Company, warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    change(warehouse, "update configuration.grades set meaning = meaning || '!'")
    assert not published(warehouse, SECOND_DAY, 24).is_incremental


def test_a_build_that_broke_off_in_between_is_copied_whole(built: Company, warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    change(
        warehouse,
        "insert into build_log.started_runs select 'broke-off', 'build', '{}', min(completed_at) + interval 1 second"
        " from build_log.complete_builds",
    )
    assert not published(warehouse, SECOND_DAY, 24).is_incremental


def test_months_that_did_not_change_are_shared(built: Company, warehouse: Path) -> None:
    first = published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    second = published(warehouse, SECOND_DAY, 24)
    assert second.is_incremental
    new = {file.path for file in second.parquet} - {file.path for file in first.parquet}
    scores = [file for file in second.parquet if file.table == "health.fct_health_scores"]
    assert len(scores) > 3
    assert [file.month for file in scores if file.path in new] == [SECOND_DAY.replace(day=1)]
    # rows of shadow metrics that became too old left their month
    points = [file.month for file in second.parquet if file.table == "health.fct_metric_points" and file.path in new]
    left = FIRST_DAY - timedelta(days=SHADOW_DAYS - 1)
    assert sorted(points) == [left.replace(day=1), SECOND_DAY.replace(day=1)]


def test_old_publications_and_files_that_nobody_names_are_deleted(built: Company, warehouse: Path) -> None:
    ids = [published(warehouse, FIRST_DAY, hours, keep=2).publication_id for hours in range(2)]
    for hours, build in ((24, built.second), (48, built.late)):
        bring(warehouse, build)
        ids.append(published(warehouse, SECOND_DAY, hours, keep=2).publication_id)
    store = Store(warehouse)
    assert [version.publication_id for version in store.versions()] == ids[-2:] == store.shown_ids()
    assert {path.name for path in store.folder.iterdir() if path.is_dir()} == {*ids[-2:], "parquet"}
    named = {file.path for version in store.versions() for file in version.parquet}
    kept = {path.relative_to(warehouse).as_posix() for path in store.parquet.rglob("*") if path.is_file()}
    assert kept == named
    with pytest.raises(PublicationError, match="is not kept"):
        rollback(warehouse, ids[0])


# -- what is told about them


def test_each_publication_is_on_record_in_the_file_itself(built: Company, warehouse: Path) -> None:
    first = published(warehouse, FIRST_DAY)
    bring(warehouse, built.second)
    second = published(warehouse, SECOND_DAY, 24)
    rows = seen(
        warehouse,
        "select publication_id, status, as_of_date, previous_publication_id, gate_passed, gate_checks,"
        " configuration_version = first_value(configuration_version) over (order by published_at),"
        " length(input_version), length(code_version), cast(row_counts as json) ->> 'health.dim_accounts'"
        " from quality.fct_publications order by published_at",
    )
    accounts = str(seen(warehouse, "select count(*) from health.dim_accounts")[0][0])
    assert rows == [
        (first.publication_id, "published", FIRST_DAY, None, True, 1, True, 64, 64, accounts),
        (second.publication_id, "published", SECOND_DAY, first.publication_id, True, 1, True, 64, 64, accounts),
    ]


def test_late_data_restates_what_had_been_published(built: Company, warehouse: Path) -> None:
    bring(warehouse, built.second)
    before = published(warehouse, SECOND_DAY)
    shown_then = (
        "select account_id, date_day, scorecard, health_score, grade, score_status from health.fct_health_scores"
    )
    then = set(seen(warehouse, shown_then))
    bring(warehouse, built.late)
    after = published(warehouse, SECOND_DAY, 24)
    found = seen(
        warehouse,
        "select publication_id, previous_publication_id, reason, min(date_day), count(*)"
        " from quality.fct_score_restatements group by 1, 2, 3",
    )
    assert found == [
        (after.publication_id, before.publication_id, "late data", LATE_DAY, after.restated_scores),
    ]
    # what the README promises: the scores of a publication are those of now, but for what was restated since
    reconstructed = seen(
        warehouse,
        f"""
        select
            account_id, date_day, scorecard,
            case when restated.publication_id is null then scores.health_score else published_health_score end,
            case when restated.publication_id is null then scores.grade else published_grade end,
            coalesce(published_score_status, score_status)
        from health.fct_health_scores as scores
        full join (
            select * from quality.fct_score_restatements where restated_at > timestamp '{before.published_at}'
            qualify row_number() over (partition by account_id, date_day, scorecard order by restated_at) = 1
        ) as restated using (account_id, date_day, scorecard)
        where date_day <= date '{before.as_of}'
            and (restated.publication_id is null or published_score_status is not null)
        """,
    )
    assert set(reconstructed) == then
    assert set(seen(warehouse, shown_then)) != then


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ("update configuration.grades set meaning = meaning || '!'", "configuration"),
        ("select 1", "late data"),
    ],
)
def test_a_restatement_says_why(warehouse: Path, edit: str, reason: str) -> None:
    published(warehouse, FIRST_DAY)
    change(warehouse, edit, f"update intermediate.int_health_scores set grade = 'Z' where date_day = date '{LATE_DAY}'")
    assert published(warehouse, FIRST_DAY, 24).restated_scores > 0
    assert seen(warehouse, "select distinct reason, date_day, restated_grade from quality.fct_score_restatements") == [
        (reason, LATE_DAY, "Z")
    ]


def test_other_code_is_a_reason_of_its_own(warehouse: Path) -> None:
    published(warehouse, FIRST_DAY)
    (warehouse / ".built_with").write_text("other", encoding="utf-8")
    change(warehouse, f"delete from intermediate.int_health_scores where date_day = date '{LATE_DAY}'")
    change(
        warehouse,
        "update build_log.row_counts set row_count = (select count(*) from health.fct_health_scores)"
        " where table_name = 'health.fct_health_scores'",
    )
    published(warehouse, FIRST_DAY, 24)
    gone = "select distinct reason, date_day, restated_score_status is null from quality.fct_score_restatements"
    assert seen(warehouse, gone) == [("code", LATE_DAY, True)]


# -- held back, stale, rolled back


def test_a_failed_gate_publishes_nothing(warehouse: Path) -> None:
    first = published(warehouse, FIRST_DAY)
    with pytest.raises(PublicationError, match="the gate failed"):
        publish(warehouse, as_of=FIRST_DAY, gate=gate_report(FIRST_DAY, passed=False))
    with pytest.raises(PublicationError, match=f"the gate judged {SECOND_DAY}, not {FIRST_DAY}"):
        publish(warehouse, as_of=FIRST_DAY, gate=gate_report(SECOND_DAY))
    assert current(warehouse) == first


def test_a_held_day_keeps_the_last_good_one_and_says_so(built: Company, warehouse: Path) -> None:
    first = published(warehouse, FIRST_DAY)
    later = NOW + timedelta(hours=24)
    assert not staleness(warehouse, now=NOW).is_stale
    bad = gate_report(SECOND_DAY, passed=False)
    hold(warehouse, as_of=SECOND_DAY, reason="volume fell by 90%", gate=bad, now=later)
    assert current(warehouse) == first
    verdict = staleness(warehouse, now=later)
    assert verdict.is_stale
    assert "volume fell by 90%" in verdict.reason
    assert (verdict.since, verdict.as_of) == (later, FIRST_DAY)
    status = json.loads((warehouse / "publications" / "status.json").read_text("utf-8"))
    assert (status["is_stale"], status["as_of_date"]) == (True, str(FIRST_DAY))
    # the next good day publishes by itself, and knows of the held one
    bring(warehouse, built.second)
    second = published(warehouse, SECOND_DAY, 48)
    assert not staleness(warehouse, now=second.published_at).is_stale
    attempts = seen(
        warehouse,
        "select status, as_of_date, gate_passed, gate_failures, reason from quality.fct_publications"
        " order by published_at",
    )
    assert attempts == [
        ("published", FIRST_DAY, True, 0, None),
        ("held", SECOND_DAY, False, 1, "volume fell by 90%"),
        ("published", SECOND_DAY, True, 0, None),
    ]


def test_a_publication_grows_stale_by_itself(built: Company, tmp_path: Path) -> None:
    warehouse = built.warehouse(tmp_path, built.second)
    assert staleness(warehouse).reason == "nothing has been published yet"
    published(warehouse, SECOND_DAY)
    assert not staleness(warehouse, now=NOW + timedelta(hours=30)).is_stale
    verdict = staleness(warehouse, now=NOW + timedelta(days=2))
    assert (verdict.is_stale, verdict.since) == (True, NOW + timedelta(hours=36))
    # an earlier day than readers had seen is stale, too
    bring(warehouse, built.first)
    published(warehouse, FIRST_DAY, 1)
    verdict = staleness(warehouse, now=NOW + timedelta(hours=2))
    assert verdict.is_stale
    assert str(SECOND_DAY) in verdict.reason


def test_a_roll_back_shows_the_publication_before(
    built: Company, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = published(warehouse, FIRST_DAY)
    kept = warehouse / first.file
    bring(warehouse, built.second)
    second = published(warehouse, SECOND_DAY, 24)
    assert run_command("rollback", "--warehouse", str(warehouse)) == 0
    assert first.publication_id in capsys.readouterr().out
    shown = current(warehouse)
    assert shown
    assert (shown.status, shown.restores_publication_id, shown.as_of) == (
        "rolled_back",
        first.publication_id,
        FIRST_DAY,
    )
    assert only_in_one(warehouse / PUBLISHED_FILE, kept, marts(kept)) == {}
    assert shown.parquet == first.parquet
    assert may_be_written(warehouse) == {BUILD_FILE}
    history = "select publication_id, status from quality.fct_publications order by published_at"
    assert seen(warehouse, history) == [
        (first.publication_id, "published"),
        (second.publication_id, "published"),
        (shown.publication_id, "rolled_back"),
    ]
    verdict = staleness(warehouse)
    assert verdict.is_stale
    assert first.publication_id in verdict.reason
    # and forward again, by publishing or by rolling back to what was shown before
    again = rollback(warehouse, now=shown.published_at + timedelta(hours=1))
    assert again.restores_publication_id == second.publication_id
    assert seen(warehouse, "select max(date_day) from health.fct_health_scores") == [(SECOND_DAY,)]


def test_after_a_roll_back_the_next_publication_is_whole_and_restates(built: Company, warehouse: Path) -> None:
    bring(warehouse, built.second)
    published(warehouse, SECOND_DAY)
    bring(warehouse, built.late)
    late = published(warehouse, SECOND_DAY, 24)
    rollback(warehouse, now=NOW + timedelta(hours=25))
    again = published(warehouse, SECOND_DAY, 26)
    assert not again.is_incremental
    assert again.restated_scores == late.restated_scores > 0


def test_the_manual_tells_how_to_see_what_was_shown_at_any_moment(built: Company, warehouse: Path) -> None:
    manual = (PROJECT_ROOT / "docs" / "read.md").read_text(encoding="utf-8")
    recipe = manual[manual.index("-- the scores as readers saw them at a moment") :].split("```")[0]
    assert "timestamp '2026-06-30 12:00'" in recipe
    scores = "select account_id, date_day, scorecard, health_score, grade from health.fct_health_scores"
    shown = {}
    published(warehouse, FIRST_DAY)
    shown[NOW] = set(seen(warehouse, scores))
    bring(warehouse, built.second)
    published(warehouse, SECOND_DAY, 24)
    shown[NOW + timedelta(hours=24)] = set(seen(warehouse, scores))
    bring(warehouse, built.late)
    published(warehouse, SECOND_DAY, 25)
    shown[NOW + timedelta(hours=25)] = set(seen(warehouse, scores))
    hold(warehouse, as_of=SECOND_DAY, reason="a bad day", gate=None, now=NOW + timedelta(hours=26))
    rollback(warehouse, Store(warehouse).shown_ids()[0], now=NOW + timedelta(hours=27))
    shown[NOW + timedelta(hours=27)] = set(seen(warehouse, scores))
    change(warehouse, f"update intermediate.int_health_scores set grade = 'Z' where date_day = date '{FIRST_DAY}'")
    published(warehouse, SECOND_DAY, 28)
    assert len({len(rows) for rows in shown.values()}) == 2
    for moment, then in shown.items():
        asked = recipe.replace("2026-06-30 12:00", str(moment + timedelta(minutes=30)))
        assert set(seen(warehouse, asked)) == then, moment


def test_there_is_nothing_to_roll_back_before_the_first(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("rollback", "--warehouse", str(warehouse)) == 1
    assert "nothing has been published" in capsys.readouterr().err
    published(warehouse, FIRST_DAY)
    with pytest.raises(PublicationError, match="is not kept"):
        rollback(warehouse)
