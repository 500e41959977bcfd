"""The mapping of OULAD keeps every row, tells nothing before its day, and knows no presentation by name.

Belongs here: the real extract and a made-up presentation, counted from the Parquet files to the landing files.
Does not belong here: what staging and scoring make of the landing files.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from customer_health.configuration.scorecards import check_configuration
from customer_health.core.contract import load_contract
from examples.oulad import ExtractError, OuladTotals, map_oulad

PROJECT_ROOT = Path(__file__).resolve().parents[2]
CONFIG = PROJECT_ROOT / "examples" / "oulad" / "config"
REAL_DATA = Path(os.environ.get("OULAD_DATA", PROJECT_ROOT.parent / "shared" / "data" / "oulad"))
SHIPPED_PRESENTATIONS = {("AAA", "2013J"), ("AAA", "2014J"), ("BBB", "2013B")}

STARTS_ON = "make_date(left(code_presentation, 4)::integer, if(right(code_presentation, 1) = 'B', 2, 10), 1)"

SCHEMAS = {
    "courses": "code_module varchar, code_presentation varchar, module_presentation_length integer",
    "registrations": "code_module varchar, code_presentation varchar, id_student bigint, date_registration integer,"
    " date_unregistration integer, region varchar, num_of_prev_attempts integer, studied_credits integer,"
    " final_result varchar",
    "assessments": "code_module varchar, code_presentation varchar, id_assessment bigint, assessment_type varchar,"
    " date_due integer, weight double",
    "assessment_submissions": "id_assessment bigint, id_student bigint, date_submitted integer, is_banked boolean,"
    " score double",
    "student_vle": "code_module varchar, code_presentation varchar, id_student bigint, id_site bigint,"
    " date integer, sum_click integer",
    "vle": "id_site bigint, code_module varchar, code_presentation varchar, activity_type varchar",
}

# A presentation that exists nowhere: 100 days from 1 February 2019. Every student is one case.
STEADY, LEFT, LEFT_EARLY, LEFT_ON_DAY_0, NO_START, SAME_DAY, LATE, LEFT_AFTER_END, BACKWARDS = range(1, 10)
ROWS: dict[str, list[tuple]] = {
    "courses": [("XYZ", "2019B", 100)],
    "registrations": [
        ("XYZ", "2019B", STEADY, -40, None, "Wales", 0, 60, "Distinction"),
        ("XYZ", "2019B", LEFT, -30, 50, "Wales", 1, 120, "Withdrawn"),
        ("XYZ", "2019B", LEFT_EARLY, -30, -10, "Ireland", 0, 60, "Withdrawn"),
        ("XYZ", "2019B", LEFT_ON_DAY_0, -30, 0, "Ireland", 0, 60, "Withdrawn"),
        ("XYZ", "2019B", NO_START, None, None, "Ireland", 0, 60, "Fail"),
        ("XYZ", "2019B", SAME_DAY, -20, -20, "Ireland", 0, 60, "Withdrawn"),
        ("XYZ", "2019B", LATE, 25, None, "Scotland", 2, 60, "Pass"),
        ("XYZ", "2019B", LEFT_AFTER_END, -5, 130, "Scotland", 0, 60, "Fail"),
        ("XYZ", "2019B", BACKWARDS, 10, 5, "Scotland", 0, 60, "Withdrawn"),
    ],
    "assessments": [
        ("XYZ", "2019B", 903, "TMA", 60, 50.0),
        ("XYZ", "2019B", 902, "TMA", 20, 50.0),
        ("XYZ", "2019B", 904, "CMA", 40, 0.0),
        ("XYZ", "2019B", 905, "Exam", None, 100.0),
    ],
    "assessment_submissions": [
        (902, STEADY, 18, False, 81.0),
        (903, STEADY, 64, False, None),
        (904, STEADY, 42, False, 100.0),
        (902, LEFT, 20, False, 55.0),
        (903, LEFT, 55, False, 60.0),
        (902, LATE, -1, True, 70.0),
        (903, LATE, -1, True, 72.0),
        (999, STEADY, 30, False, 50.0),
    ],
    "student_vle": [
        ("XYZ", "2019B", STEADY, 7001, -3, 4),
        ("XYZ", "2019B", STEADY, 7001, 10, 6),
        ("XYZ", "2019B", STEADY, 7001, 10, 2),
        ("XYZ", "2019B", STEADY, 7999, 10, 1),
        ("XYZ", "2019B", STEADY, 7001, 100, 3),
        ("XYZ", "2019B", LEFT, 7002, 49, 5),
        ("XYZ", "2019B", LEFT, 7002, 50, 5),
        ("XYZ", "2019B", LEFT, 7002, 70, 5),
    ],
    "vle": [(7001, "XYZ", "2019B", "homepage"), (7002, "XYZ", "2019B", "oucontent")],
}


def write_extract(folder: Path, rows: dict[str, list[tuple]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for name, schema in SCHEMAS.items():
            connection.execute(f"create table {name} ({schema})")
            if rows[name]:
                placeholders = ", ".join("?" * len(rows[name][0]))
                connection.executemany(f"insert into {name} values ({placeholders})", rows[name])
            connection.table(name).write_parquet(str(folder / f"{name}.parquet"))
    return folder


@dataclass
class Mapped:
    data: Path
    landing: Path
    totals: OuladTotals
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def value(self, query: str) -> object:
        return self.rows(query)[0][0]


def map_and_open(data: Path, landing: Path) -> Mapped:
    totals = map_oulad(data, landing)
    connection = duckdb.connect()
    for path in data.glob("*.parquet"):
        connection.read_parquet(str(path)).create_view(f"extract_{path.stem}")
    for folder in landing.iterdir():
        connection.read_parquet([str(path) for path in sorted(folder.iterdir())]).create_view(folder.name)
    return Mapped(data, landing, totals, connection)


EXTRACTS = ["made up", *(["real"] if REAL_DATA.is_dir() else [])]


@pytest.fixture(scope="module", params=EXTRACTS)
def mapped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    folder = tmp_path_factory.mktemp("with spaces in it")
    data = REAL_DATA if request.param == "real" else write_extract(folder / "an extract", ROWS)
    result = map_and_open(data, folder / "a landing folder")
    yield result
    result.connection.close()


@pytest.fixture
def made_up(tmp_path: Path) -> Iterator[Mapped]:
    result = map_and_open(write_extract(tmp_path / "extract", ROWS), tmp_path / "landing")
    yield result
    result.connection.close()


# -- nothing lost


def test_every_registration_lands_once_as_account_and_as_subscription(mapped: Mapped) -> None:
    registered = mapped.rows(
        "select concat_ws('_', code_module, code_presentation, id_student) from extract_registrations order by all"
    )
    assert mapped.rows("select account_id from accounts order by all") == registered
    assert mapped.rows("select distinct subscription_item_id from subscriptions order by all") == registered
    assert mapped.rows("select distinct account_id from account_outcomes order by all") == registered


def test_registrations_fall_into_three_groups_that_add_up(mapped: Mapped) -> None:
    totals = mapped.totals
    ever_open = mapped.value(
        "select count(distinct account_id) from subscriptions where valid_from < coalesce(valid_to, date '9999-12-31')"
    )
    assert totals.registrations_to_index == ever_open
    assert (
        totals.registrations
        == mapped.value("select count(*) from extract_registrations")
        == (
            totals.registrations_to_index + totals.registrations_ended_before_start + totals.registrations_without_start
        )
    )


def test_clicks_are_conserved_per_account_and_day(mapped: Mapped) -> None:
    clicks_in = f"""
        select
            concat_ws('_', code_module, code_presentation, id_student) as account_id,
            {STARTS_ON} + date as day,
            count(*) as click_rows,
            sum(sum_click) as clicks
        from extract_student_vle group by all order by all
    """
    clicks_out = """
        select account_id, cast(occurred_at as date) as day, count(*) as click_rows, sum(quantity) as clicks
        from usage_events where event_id like 'click:%' group by all order by all
    """
    assert mapped.rows(clicks_out) == mapped.rows(clicks_in)


def test_every_submission_lands_once_and_banked_ones_apart(mapped: Mapped) -> None:
    submitted = mapped.rows(
        "select concat_ws(':', 'submission', id_assessment, id_student), is_banked "
        "from extract_assessment_submissions order by all"
    )
    landed = mapped.rows(
        "select event_id, event_name like '%_banked' from usage_events where event_id like 'submission:%' order by all"
    )
    assert landed == submitted
    assert mapped.value("select sum(quantity) from usage_events where event_name = 'assessment_score'") == (
        mapped.value("select sum(score) from extract_assessment_submissions where not is_banked")
    )


def test_event_ids_are_unique(mapped: Mapped) -> None:
    assert mapped.value("select count(*) - count(distinct event_id) from usage_events") == 0


def test_shipped_extract_is_counted_to_the_last_row(mapped: Mapped) -> None:
    presentations = set(mapped.rows("select code_module, code_presentation from extract_courses"))
    totals = mapped.totals
    if presentations == SHIPPED_PRESENTATIONS:
        assert (totals.registrations, totals.registrations_to_index) == (2515, 2513)
        assert (totals.registrations_ended_before_start, totals.registrations_without_start) == (1, 1)
        assert (totals.click_rows, totals.click_events, totals.clicks_from_withdrawal_on) == (
            561862,
            561862,
            631,
        )
        assert (totals.submissions, totals.submission_events, totals.banked_events) == (14386, 14310, 76)
        assert (totals.assessments, totals.assessments_without_due_date) == (24, 3)
    else:
        assert (totals.registrations, totals.registrations_to_index) == (9, 6)
        assert (totals.registrations_ended_before_start, totals.registrations_without_start) == (2, 1)
        assert (totals.click_rows, totals.click_events, totals.clicks_from_withdrawal_on) == (8, 8, 2)
        assert (totals.submissions, totals.submission_events, totals.banked_events) == (8, 6, 2)
        assert (totals.assessments, totals.assessments_without_due_date) == (4, 1)


def test_a_loss_is_named_and_stops_the_mapping(made_up: Mapped) -> None:
    values = {name: getattr(made_up.totals, name) for name in made_up.totals.__dataclass_fields__}
    assert made_up.totals.losses() == []
    assert OuladTotals(**{**values, "click_events": 7}).losses() == ["8 rows of student_vle in the extract, 7 landed"]


# -- the contract


def test_files_hold_exactly_the_columns_and_types_of_the_contract(mapped: Mapped) -> None:
    contract = load_contract()
    for folder in mapped.landing.iterdir():
        expected = [(column.name, column.data_type) for column in contract.table(folder.name).columns]
        for path in folder.iterdir():
            relation = mapped.connection.read_parquet(str(path))
            types = [str(type_).lower().replace(", ", ",") for type_ in relation.types]
            assert list(zip(relation.columns, types, strict=True)) == expected, path.name


def test_the_same_extract_gives_the_same_bytes(mapped: Mapped, tmp_path: Path) -> None:
    map_oulad(mapped.data, tmp_path)
    for path in mapped.landing.rglob("*.parquet"):
        assert (tmp_path / path.relative_to(mapped.landing)).read_bytes() == path.read_bytes(), path.name


# -- nothing known before its day


def test_final_result_never_reaches_raw_in_any_form(made_up: Mapped, tmp_path: Path) -> None:
    others = [(*row[:-1], f"made up result {number}") for number, row in enumerate(ROWS["registrations"])]
    data = write_extract(tmp_path / "other results", {**ROWS, "registrations": others})
    map_oulad(data, tmp_path / "other landing")
    for path in made_up.landing.rglob("*.parquet"):
        other = tmp_path / "other landing" / path.relative_to(made_up.landing)
        assert other.read_bytes() == path.read_bytes(), path.name


def test_no_column_is_named_after_the_result(mapped: Mapped) -> None:
    for folder in mapped.landing.iterdir():
        columns = mapped.connection.table(folder.name).columns
        assert not [column for column in columns if "result" in column or "final" in column]


def test_an_end_is_a_version_of_the_day_it_becomes_known(mapped: Mapped) -> None:
    early = mapped.rows(
        "select * from subscriptions"
        " where cast(updated_at as date) < valid_to or (valid_to is null) <> (end_reason is null)"
    )
    assert early == []


def test_one_version_per_key_and_time(mapped: Mapped) -> None:
    assert (
        mapped.rows(
            "select subscription_item_id, valid_from, updated_at from subscriptions group by all having count(*) > 1"
        )
        == []
    )


def test_conditions_follow_one_another_without_gap_or_overlap(mapped: Mapped) -> None:
    broken = mapped.rows(
        """
        with newest as (
            select subscription_item_id, valid_from, valid_to, end_reason
            from subscriptions
            qualify row_number() over (partition by subscription_item_id, valid_from order by updated_at desc) = 1
        ), followed as (
            select *, lead(valid_from) over (partition by subscription_item_id order by valid_from) as next_from
            from newest
        )
        select * from followed
        where (end_reason = 'replaced') <> (next_from is not null)
            or next_from <> valid_to
        """
    )
    assert broken == []


@pytest.mark.parametrize("last_day", [-15, 0, 60])
def test_an_extract_cut_on_a_day_gives_the_same_rows_up_to_that_day(
    mapped: Mapped, tmp_path: Path, last_day: int
) -> None:
    """What an extract taken on that day of each presentation would have said is what the full one says of it."""
    cuts = {
        "registrations": f"select * replace (if(date_unregistration <= {last_day}, date_unregistration, null) "
        f"as date_unregistration) from extract_registrations where coalesce(date_registration <= {last_day}, true)",
        "student_vle": f"select * from extract_student_vle where date <= {last_day}",
        # what is carried over from an earlier attempt is known when the student registers
        "assessment_submissions": f"""
            select submissions.* from extract_assessment_submissions as submissions
            left join extract_assessments as assessments using (id_assessment)
            left join extract_registrations as registrations using (code_module, code_presentation, id_student)
            where greatest(date_submitted, if(is_banked, date_registration, null)) <= {last_day}
        """,
        **{name: f"select * from extract_{name}" for name in ("courses", "assessments", "vle")},
    }
    data = tmp_path / "cut"
    data.mkdir()
    for name, query in cuts.items():
        mapped.connection.sql(query).write_parquet(str(data / f"{name}.parquet"))
    cut = map_and_open(data, tmp_path / "landing")
    presentations = f"""
        select code_module || '_' || code_presentation as presentation,
            {STARTS_ON} + {last_day + 1} as first_unknown_on
        from extract_courses
    """
    known_at = {
        "accounts": "updated_at",
        "subscriptions": "updated_at",
        "account_outcomes": "updated_at",
        "milestone_plans": "updated_at",
        "usage_events": "occurred_at",
    }
    for table, column in known_at.items():
        query = f"""
            select {table}.* from {table}
            inner join ({presentations}) as presentations
                on starts_with({table}.account_id, presentations.presentation || '_')
                and {table}.{column} < presentations.first_unknown_on
            order by all
        """
        rows = cut.rows(query)
        assert rows == mapped.rows(query), table
        if last_day == 60:
            assert rows, table
    cut.connection.close()


# -- another presentation, case by case


def conditions(mapped: Mapped, student: int) -> list[tuple]:
    return mapped.rows(
        "select product, change_type, valid_from, valid_to, end_reason, cast(updated_at as date) "
        f"from subscriptions where account_id = 'XYZ_2019B_{student}' order by valid_from, updated_at"
    )


DAY_0, END = date(2019, 2, 1), date(2019, 5, 12)


def test_a_registration_holds_a_place_until_day_0_and_then_takes_the_course(made_up: Mapped) -> None:
    registered = date(2018, 12, 23)
    assert conditions(made_up, STEADY) == [
        ("place", "new", registered, None, None, registered),
        ("place", "new", registered, DAY_0, "replaced", DAY_0),
        ("course", "plan_change", DAY_0, None, None, DAY_0),
        ("course", "plan_change", DAY_0, END, "completed", END),
    ]


def test_a_withdrawal_ends_what_is_held_on_its_day(made_up: Mapped) -> None:
    assert conditions(made_up, LEFT)[-1] == (
        "course", "plan_change", DAY_0, date(2019, 3, 23), "cancelled", date(2019, 3, 23)
    )  # fmt: skip
    registered, left = date(2019, 1, 2), date(2019, 1, 22)
    assert conditions(made_up, LEFT_EARLY) == [
        ("place", "new", registered, None, None, registered),
        ("place", "new", registered, left, "cancelled", left),
    ]
    assert conditions(made_up, LEFT_ON_DAY_0)[-1] == ("place", "new", registered, DAY_0, "cancelled", DAY_0)


def test_who_registers_after_day_0_takes_the_course_at_once(made_up: Mapped) -> None:
    registered = date(2019, 2, 26)
    assert conditions(made_up, LATE) == [
        ("course", "new", registered, None, None, registered),
        ("course", "new", registered, END, "completed", END),
    ]


def test_a_withdrawal_after_the_end_changes_nothing(made_up: Mapped) -> None:
    assert conditions(made_up, LEFT_AFTER_END)[-1][3:] == (END, "completed", END)
    assert made_up.totals.withdrawals_after_end == 1


def test_unusable_registrations_pass_on_as_they_are(made_up: Mapped) -> None:
    assert conditions(made_up, NO_START) == [("course", "new", None, END, "completed", END)]
    same = date(2019, 1, 12)
    assert conditions(made_up, SAME_DAY) == [("place", "new", same, same, "cancelled", same)]
    assert conditions(made_up, BACKWARDS) == [
        ("course", "new", date(2019, 2, 11), date(2019, 2, 6), "cancelled", date(2019, 2, 11))
    ]


def test_assessments_are_named_by_their_place_and_planned_by_their_due_date(made_up: Mapped) -> None:
    plans = "select milestone, due_on from milestone_plans where account_id = 'XYZ_2019B_{}' order by due_on"
    assert made_up.rows(plans.format(STEADY)) == [
        ("assignment_1", date(2019, 2, 21)),
        ("quiz_1", date(2019, 3, 13)),
        ("assignment_2", date(2019, 4, 2)),
    ]
    # the first deadline had passed when this student registered
    assert made_up.rows(plans.format(LATE)) == [
        ("quiz_1", date(2019, 3, 13)),
        ("assignment_2", date(2019, 4, 2)),
    ]


def events(mapped: Mapped, student: int, prefix: str) -> list[tuple]:
    return mapped.rows(
        "select event_name, cast(occurred_at as date), quantity from usage_events "
        f"where account_id = 'XYZ_2019B_{student}' and event_id like '{prefix}:%' order by all"
    )


def test_deadlines_stand_for_what_was_really_asked_of_a_student(made_up: Mapped) -> None:
    assert [name for name, *_ in events(made_up, STEADY, "due")] == [
        "assignment_due",
        "assignment_due",
        "quiz_due",
    ]
    # withdrawn on day 50: the deadline of day 60 was not asked of them any more
    assert [name for name, *_ in events(made_up, LEFT, "due")] == ["assignment_due", "quiz_due"]
    # registered on day 25 with banked assignments: only the quiz is left
    assert [name for name, *_ in events(made_up, LATE, "due")] == ["quiz_due"]
    assert events(made_up, NO_START, "due") == []


def test_what_is_handed_in_and_what_is_carried_over_are_different_events(made_up: Mapped) -> None:
    # dated the day before the course, but nothing is carried over before the registration on day 25
    assert events(made_up, LATE, "submission") == [
        ("assignment_1_banked", date(2019, 2, 26), 1.0),
        ("assignment_2_banked", date(2019, 2, 26), 1.0),
    ]
    assert events(made_up, LATE, "score") == []
    assert events(made_up, STEADY, "score") == [
        ("assessment_score", date(2019, 2, 19), 81.0),
        ("assessment_score", date(2019, 3, 15), 100.0),
    ]
    # an assessment that the extract does not list belongs to no account, and is not dropped
    assert made_up.rows("select account_id, event_name from usage_events where event_id = 'submission:999:1'") == [
        (None, "unlisted_assessment_submitted")
    ]


def test_clicks_keep_their_day_their_number_and_their_kind(made_up: Mapped) -> None:
    assert events(made_up, STEADY, "click") == [
        ("homepage", date(2019, 1, 29), 4.0),
        ("homepage", date(2019, 2, 11), 2.0),
        ("homepage", date(2019, 2, 11), 6.0),
        ("homepage", date(2019, 5, 12), 3.0),
        ("unlisted_site", date(2019, 2, 11), 1.0),
    ]
    # clicks on and after the withdrawal stay in raw
    assert [day for _, day, _ in events(made_up, LEFT, "click")] == [
        date(2019, 3, 22),
        date(2019, 3, 23),
        date(2019, 4, 12),
    ]


def test_what_is_known_at_registration_describes_the_account(made_up: Mapped) -> None:
    assert made_up.rows(
        "select segment, region, industry, currency, cast(created_at as date) from accounts "
        f"where account_id in ('XYZ_2019B_{STEADY}', 'XYZ_2019B_{LEFT}') order by account_id"
    ) == [
        ("first_attempt", "Wales", "XYZ", "USD", date(2018, 12, 23)),
        ("repeat_attempt", "Wales", "XYZ", "USD", date(2019, 1, 2)),
    ]


def test_the_days_to_build_follow_from_the_data(made_up: Mapped) -> None:
    assert (made_up.totals.first_day, made_up.totals.last_customer_day) == (
        date(2018, 12, 23),
        date(2019, 5, 11),
    )


# -- bad extracts


def replaced(**rows: list[tuple]) -> Callable[[Path], Path]:
    return lambda folder: write_extract(folder, {**ROWS, **rows})


def without_file(folder: Path) -> Path:
    (write_extract(folder, ROWS) / "vle.parquet").unlink()
    return folder


def without_column(folder: Path) -> Path:
    write_extract(folder, ROWS)
    with duckdb.connect() as connection:
        connection.sql("select 'XYZ' as code_module, '2019B' as code_presentation").write_parquet(
            str(folder / "courses.parquet")
        )
    return folder


def truncated(folder: Path) -> Path:
    path = write_extract(folder, ROWS) / "student_vle.parquet"
    path.write_bytes(path.read_bytes()[:200])
    return folder


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (without_file, "vle.parquet is missing"),
        (without_column, "courses.parquet lacks the column module_presentation_length"),
        (truncated, "student_vle.parquet is not a readable Parquet file"),
        (
            replaced(courses=[("XYZ", "2019B", 100), ("XYZ", "spring", 100)]),
            "presentation 'spring' has no known start",
        ),
        (replaced(courses=[("XYZ", "2019J", 100)]), "9 registrations for presentations that courses.parquet"),
    ],
)
def test_an_extract_that_cannot_be_mapped_is_refused_by_name(
    tmp_path: Path, build: Callable[[Path], Path], message: str
) -> None:
    with pytest.raises(ExtractError, match=message):
        map_oulad(build(tmp_path / "extract"), tmp_path / "landing")
    assert not list(tmp_path.glob("landing/*/*.parquet"))


def test_the_command_prints_the_counts(tmp_path: Path) -> None:
    data = write_extract(tmp_path / "an extract", ROWS)
    command = [
        sys.executable,
        "-m",
        "examples.oulad",
        "--data",
        str(data),
        "--out",
        str(tmp_path / "a landing"),
    ]
    finished = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert "registrations                        9" in finished.stdout
    assert "last day with a customer 2019-05-11" in finished.stdout
    command[command.index(str(data))] = str(tmp_path / "nothing")
    refused = subprocess.run(command, check=False, cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "courses.parquet is missing" in refused.stderr


# -- the configuration fits the mapping


def seed(name: str) -> list[dict[str, str]]:
    (path,) = CONFIG.rglob(f"{name}.csv")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_event_and_name_that_lands_is_configured(mapped: Mapped) -> None:
    events_landed = {name for (name,) in mapped.rows("select distinct event_name from usage_events")}
    # the made-up extract has one submission to an assessment that it does not list: staging quarantines it
    assert events_landed - {"unlisted_assessment_submitted"} <= {
        row["event_name"] for row in seed("product_event_measures")
    }
    segments = {name for (name,) in mapped.rows("select distinct segment from accounts")}
    assert segments <= {row["segment"] for row in seed("segments")}
    outcomes = {name for (name,) in mapped.rows("select distinct desired_outcome from account_outcomes")}
    assert outcomes == {row["desired_outcome"] for row in seed("desired_outcomes")}


def test_what_is_carried_over_counts_neither_as_use_nor_as_handed_in() -> None:
    measures = {row["measure"] for row in seed("product_event_measures") if row["event_name"].endswith("_banked")}
    # it reaches its milestone, and is nothing that was done
    milestones = {row["measure"] for row in seed("milestones")}
    assert measures == {"assessments_banked"} | milestones
    scored = {row["metric"] for row in seed("scorecard_metrics")}
    metrics = {row["metric"]: {row["measure"], row["denominator_measure"]} for row in seed("metrics")}
    assert all(not metrics[metric] & measures for metric in scored)


def test_an_assignment_is_a_milestone_by_its_plan_alone() -> None:
    """Another presentation has another number of assignments: without a plan none of them is asked for."""
    rows = seed("milestones")
    assert [row["milestone"] for row in rows] == [f"assignment_{number}" for number in range(1, len(rows) + 1)]
    assert {row["clock"] for row in rows} == {"plan"}
    mapping = {(row["event_name"], row["measure"]) for row in seed("product_event_measures")}
    for row in rows:
        assert {(f"{row['milestone']}_{event}", row["measure"]) for event in ("submitted", "banked")} <= mapping


def test_metrics_about_the_course_apply_from_day_0_only() -> None:
    product_measures = {row["measure"] for row in seed("measures") if row["source"] == "product"}
    course_metrics = [row for row in seed("metrics") if row["measure"] in product_measures]
    assert course_metrics
    assert {row["applies_to_product"] for row in course_metrics} == {"course"}


def test_the_configuration_passes_its_checks() -> None:
    found = check_configuration(CONFIG, as_of=date(2026, 12, 31))
    assert [str(violation) for violation in found if violation.severity == "error"] == []


def test_weights_make_two_halves() -> None:
    motions = {row["metric"]: row["motion"] for row in seed("metrics")}
    sides = {"proactive": 0.0, "reactive": 0.0}
    for row in seed("scorecard_metrics"):
        sides[motions[row["metric"]]] += float(row["weight"])
    assert sides == {"proactive": 50.0, "reactive": 50.0}


def test_every_metric_has_a_benchmark_and_a_place_in_the_scorecard() -> None:
    metrics = {row["metric"] for row in seed("metrics")}
    assert {row["metric"] for row in seed("benchmarks")} == metrics
    assert {row["metric"] for row in seed("scorecard_metrics")} == metrics
