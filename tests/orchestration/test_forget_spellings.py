"""Forgetting hits its subject in any spelling, and nobody else: not even where an id is a word that anybody uses.

Belongs here: spellings in free text, ids that are words, what is looked up and asked before anything changes, rows that
arrive again.
Does not belong here: whole companies (test_forget.py), the rule for single rows (test_forget_rows.py).
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_health.core.build_file import BUILD_FILE
from customer_health.forgetting.forget import NotFoundError, forget, was_forgotten
from customer_health.landing.load import LandingError, load_landing
from tests.commands import run_command
from tests.orchestration.forgotten_company import every_byte, forgotten

USER = "usr_ada_7"
NAME = "Zoë Plantedova-Österberg"
ADDRESS = "zoe.plantedova@example.com"
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})

SPELLINGS = [
    # the id
    USER,
    USER.upper(),
    USER.title(),
    f"_{USER}_",
    f"__{USER}__",
    f"({USER})",
    f'"{USER}"',
    f"<{USER}>",
    f"{USER}'s",
    f"{USER}\u2019s",
    f"@{USER}",
    f"#{USER}:",
    f"*{USER}*",
    "usr-ada-7",
    "usr.ada.7",
    "usr ada 7",
    "usr\nada\n7",
    "usr_\nada_7",
    "usr%5Fada%5F7",
    "usr%5fada%5f7",
    "usr%255Fada%255F7",
    "&#117;sr_ada_7",
    "usr&#95;ada&#x5F;7",
    "usr&lowbar;ada&lowbar;7",
    "\\u0075sr_ada_7",
    "usr=5Fada=5F7",
    "usr_a=\nda_7",
    "usr_a\u200bda_7",
    "usr_a\u00adda_7",
    "\ufeffusr_ada_7",
    USER.translate(FULL_WIDTH),
    f"{USER}.pdf",
    f"contract_{USER}_final.pdf",
    f"/home/{USER}/notes.txt",
    f"https://example.com/?user={USER}&page=2",
    f"user={USER};",
    # the name
    NAME,
    NAME.upper(),
    NAME.lower(),
    unicodedata.normalize("NFD", NAME),
    unicodedata.normalize("NFKC", NAME),
    unicodedata.normalize("NFKD", NAME).upper(),
    NAME.translate(FULL_WIDTH),
    "Zoe Plantedova-Osterberg",
    "Zoe Plantedova Osterberg",
    "Zoë Plantedova-Oesterberg",
    "Zoë  Plantedova-Österberg",
    "Zoë\u00a0Plantedova-Österberg",
    "Zoë\nPlantedova-Österberg",
    "Zoë\r\n   Plantedova-Österberg",
    "Zoë\tPlantedova\u2010Österberg",
    "Zoë Plantedova\u2011\u00d6sterberg",
    "Zoë Planted-\nova-Österberg",
    "Zoë Planted\u00adova-Österberg",
    "Zoë_Plantedova_Österberg",
    "ZoëPlantedovaÖsterberg",
    f"{NAME}'s",
    f"{NAME}\u2019s",
    f"{NAME}s",
    f"\u201e{NAME}\u201c",
    "Plantedova-Österberg, Zoë",
    "PLANTEDOVA-ÖSTERBERG, Zoë",
    "Zo%C3%AB%20Plantedova-%C3%96sterberg",
    "Zo%c3%ab+Plantedova-%c3%96sterberg",
    "Zo&euml; Plantedova-&Ouml;sterberg",
    "Zo&#235; Plantedova-&#214;sterberg",
    "Zo\\u00eb Plantedova-\\u00d6sterberg",
    "Zo=C3=AB Plantedova-=C3=96sterberg",
    # the address
    ADDRESS,
    ADDRESS.upper(),
    "Zoe.Plantedova@Example.com",
    f"<{ADDRESS}>",
    f"mailto:{ADDRESS}",
    f"{ADDRESS}.",
    f"{ADDRESS},",
    f"_{ADDRESS}_",
    "zoe.plantedova@\nexample.com",
    "zoe.plantedova @ example.com",
    "zoe.plantedova%40example.com",
    "zoe%2Eplantedova%40example%2Ecom",
    "zoe.plantedova&#64;example.com",
    "zoe.plantedova&commat;example.com",
    "zoe.plantedova at example.com",
    "zoe.plantedova (at) example (dot) com",
    "zoe.plantedova=40example.com",
    ADDRESS.translate(FULL_WIDTH),
]
# what is somebody else's, or a number, or only begins like it
OF_OTHERS = [
    "usr_ada_70",
    "usr_ada_7_b",
    "xusr_ada_7",
    "Zoë Plantedova-Österbergson",
    "Zoë",
    "zoe.plantedova@example.com.au",
    "not.zoe.plantedova@example.com",
    "zoe.plantedova+x@example.org",
    "usr ada; 7",
    "7",
    "login, admin and 100% of them",
]
LETTERS = re.compile(r"[\W_]+")

WORDS = [
    "login", "admin", "user", "open", "paid", "owner", "basic", "high", "urgent", "solved", "renewal", "enterprise",
    "email", "monthly", "support", "trial", "smb", "nps", "sales", "guest", "42", "a.b", "page_view",
]  # fmt: skip

TABLES: dict[str, str] = {
    "accounts": "account_id,name,segment,created_at,updated_at",
    "users": "user_id,account_id,role,created_at,updated_at,full_name,email",
    "usage_events": "event_id,account_id,user_id,event_name,occurred_at",
    "support_tickets": "ticket_id,account_id,user_id,channel,priority,category,opened_at,updated_at",
    "ticket_events": "ticket_id,changed_at,status",
    "subscriptions": "subscription_item_id,valid_from,account_id,mrr,currency,billing_status,plan,updated_at",
    "survey_responses": "response_id,account_id,user_id,survey,responded_at,score,comment",
    "engagements": "engagement_id,account_id,csm_id,kind,occurred_at,note,updated_at",
    "csms": "csm_id,name,updated_at",
}
DAY = "2026-03-01"


def write(landing: Path, table: str, rows: list[list[str]], name: str = "a.csv") -> None:
    (landing / table).mkdir(parents=True, exist_ok=True)
    with (landing / table / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TABLES[table].split(","))
        writer.writerows(rows)


def query(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse / BUILD_FILE), read_only=True) as con:
        return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def spelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts of others that name somebody in every spelling, each beside one that only looks like it."""
    warehouse = tmp_path_factory.mktemp("spelled") / "a warehouse"
    landing = warehouse / "landing"
    write(landing, "accounts", [["n0", "Nought", "smb", DAY, DAY], ["n1", "One", "smb", DAY, DAY]])
    write(landing, "subscriptions", [["n0-t", DAY, "n0", "50", "USD", "paid", "basic", DAY]])
    write(
        landing,
        "users",
        [
            [USER, "n0", "user", DAY, DAY, NAME, ADDRESS],
            ["usr_ada_70", "n0", "user", DAY, DAY, "Zoë Plantedova-Österbergson", "other@example.com"],
            ["usr_ada_7_b", "n0", "user", DAY, DAY, "Olaf Other", "zoe.plantedova@example.com.au"],
        ],
    )
    notes = [
        [f"e{n}", "n1", "c1", "check_in", DAY, f"We met {text} there", DAY]
        for n, text in enumerate([*SPELLINGS, *OF_OTHERS])
    ]
    write(landing, "engagements", notes)
    write(landing, "usage_events", [["v1", "n0", USER, "login", DAY]], name=f"export_{USER}.csv")
    assert load_landing(landing, warehouse).count("refused") == 0
    return warehouse


def notes_of(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row["note"] for row in csv.DictReader(file)]


@pytest.mark.fault(70)
def test_a_subject_is_found_in_every_spelling_and_nobody_else_is_touched(spelled: Path, tmp_path: Path) -> None:
    assert len(SPELLINGS) >= 80
    warehouse = tmp_path / "own"
    shutil.copytree(spelled, warehouse)
    before = notes_of(warehouse / "landing" / "engagements" / "a.csv")
    record = forgotten(warehouse, user_id=USER)
    assert record.is_complete, record.lines()
    in_file = notes_of(warehouse / "landing" / "engagements" / "a.csv")
    in_raw = [row[0] for row in query(warehouse, "select note from raw.engagements order by _source_row")]
    assert in_file == in_raw
    theirs = {LETTERS.sub("", text).casefold() for text in (USER, "plantedova", "zoeplantedova")}
    for spelling, note in zip(SPELLINGS, in_file, strict=False):
        assert "[forgotten]" in note, spelling
        small = LETTERS.sub("", unicodedata.normalize("NFKD", note)).casefold()
        assert not [word for word in theirs if word in small], f"{spelling!r} became {note!r}"
    assert in_file[len(SPELLINGS) :] == before[len(SPELLINGS) :]
    # the file that was called like them is not any more, and is not loaded again
    assert [path.name for path in (warehouse / "landing" / "usage_events").iterdir()] == ["export_[forgotten].csv"]
    assert query(warehouse, "select distinct _source_file from raw.usage_events") == [
        ("usage_events/export_[forgotten].csv",)
    ]
    assert load_landing(warehouse / "landing", warehouse).rows_loaded == 0
    left = query(warehouse, "select user_id, full_name from raw.users order by full_name nulls last")
    assert left[:2] == [("usr_ada_7_b", "Olaf Other"), ("usr_ada_70", "Zoë Plantedova-Österbergson")]


def test_what_arrives_again_is_made_anonymous_and_told(spelled: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "own"
    shutil.copytree(spelled, warehouse)
    landing = warehouse / "landing"
    delivered = tmp_path / "delivered"
    shutil.copytree(landing, delivered)
    forgotten(warehouse, user_id=USER)
    tables = ("users", "usage_events", "engagements")
    columns = "* exclude (_loaded_at, _source_file, _source_row)"
    before = {table: query(warehouse, f"select {columns} from raw.{table} order by all") for table in tables}
    # the next full export: the same rows and a new one, so that no file is known already
    for table in tables:
        for path in (delivered / table).iterdir():
            text = path.read_text("utf-8")
            new = {
                "users": f"{USER},n0,user,not a time,{DAY},{NAME},{ADDRESS}\n",
                "usage_events": f"v2,n0,{USER},login,{DAY}\nv3,n0,{USER},login,{DAY},{ADDRESS}\n",
                "engagements": f"e_new,n1,c1,check_in,{DAY},{NAME} again,{DAY}\n",
            }[table]
            (landing / table / "export_2.csv").write_text(text + new, encoding="utf-8")
    report = load_landing(landing, warehouse)
    assert report.count("refused") == 0
    told = {item.entity: item.detail for item in report.findings if item.finding == "forgotten_again"}
    assert told.keys() == {f"{table}/export_2.csv" for table in tables}
    assert "1 were made anonymous" in told["users/export_2.csv"]
    assert any("arrived again" in line for line in report.lines())
    for table in tables:
        again = query(
            warehouse,
            f"select {columns} from raw.{table} where _source_file like '%export_2.csv'"
            + (" and event_id <> 'v2'" if table == "usage_events" else "")
            + (" and engagement_id <> 'e_new'" if table == "engagements" else "")
            + " order by all",
        )
        # letter by letter what the first delivery has become, so that it counts as the same row
        assert again == before[table], table
    [(token,)] = query(warehouse, "select distinct user_id from raw.usage_events")
    assert token.startswith("forgotten_")
    assert query(warehouse, "select note from raw.engagements where engagement_id = 'e_new'") == [
        ("[forgotten] again",)
    ]
    rejected = query(warehouse, "select distinct raw_row from landing.rejected_rows")
    assert rejected == [("[forgotten]",)]
    # forgetting once more cleans the new files under the same pseudonym
    forgotten(warehouse, user_id=USER)
    assert f"{ADDRESS}\n" not in (landing / "users" / "export_2.csv").read_text("utf-8")
    assert token in (landing / "users" / "export_2.csv").read_text("utf-8")
    register = (warehouse / "forgotten" / "ids.jsonl").read_text("utf-8")
    assert USER not in register and NAME not in register and ADDRESS not in register


def test_an_account_that_arrives_again_is_left_out(spelled: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "own"
    shutil.copytree(spelled, warehouse)
    landing = warehouse / "landing"
    forgotten(warehouse, account_id="n0")
    more = [["n0", "Nought", "smb", DAY, DAY], ["n2", "Two", "smb", DAY, DAY]]
    write(landing, "accounts", more, name="next.csv")
    write(landing, "users", [["usr_ada_70", "n0", "user", DAY, DAY, "", ""]], name="next.csv")
    write(landing, "usage_events", [["v8", "", "usr_ada_70", "login", DAY], ["v9", "n1", "", "login", DAY]], "next.csv")
    report = load_landing(landing, warehouse)
    assert report.count("refused") == 0
    assert query(warehouse, "select account_id from raw.accounts order by 1") == [("n1",), ("n2",)]
    assert query(warehouse, "select count(*) from raw.users") == [(0,)]
    assert query(warehouse, "select event_id from raw.usage_events") == [("v9",)]
    told = [item.detail for item in report.findings if item.finding == "forgotten_again"]
    assert len(told) == 3
    assert all("1 left out" in detail for detail in told)


def test_without_its_key_nothing_is_loaded(spelled: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "own"
    shutil.copytree(spelled, warehouse)
    forgotten(warehouse, user_id=USER)
    folder = warehouse / "forgotten"
    assert oct(folder.stat().st_mode)[-3:] == "700"
    assert {oct(path.stat().st_mode)[-3:] for path in folder.iterdir()} == {"600"}
    (folder / "key").rename(tmp_path / "key")
    with pytest.raises(LandingError, match=r"the key to it is not the one in .*key or CUSTOMER_HEALTH_FORGET_KEY"):
        load_landing(warehouse / "landing", warehouse)
    (tmp_path / "key").rename(folder / "key")
    assert load_landing(warehouse / "landing", warehouse).rows_loaded == 0


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Users whose ids are words, and others in whose rows these words stand for what they mean."""
    warehouse = tmp_path_factory.mktemp("worded") / "a warehouse"
    landing = warehouse / "landing"
    write(landing, "accounts", [["n0", "Nought", "smb", DAY, DAY], ["admin", "Login", "smb", DAY, DAY]])
    write(landing, "csms", [[word, f"The {word}", DAY] for word in WORDS])
    users, events, tickets, changes, items, answers, notes = ([] for _ in range(7))
    for n, word in enumerate(WORDS):
        users += [[word, "n0", "user", DAY, DAY, "", ""], [f"other{n}", "n0", word, DAY, DAY, "", ""]]
        events += [[word, "n0", word, "login", DAY], [f"ev{n}", "n0", f"other{n}", word, DAY]]
        tickets += [[word, "n0", f"other{n}", word, word, word, DAY, DAY]]
        changes += [[word, DAY, word]]
        items += [[word, DAY, "n0", "50", "USD", word, word, DAY]]
        answers += [
            [f"a{n}", "n0", word, "nps", DAY, "9", f"I am {word}"],
            [f"b{n}", "n0", f"other{n}", "nps", DAY, "9", f"the {word} is fine, {word.upper()}!"],
        ]
        notes += [[f"e{n}", "admin", word, word, DAY, f"about {word}", DAY]]
    # a row that is none, of each of them and of others
    answers += [[f"c{n}", "n0", word, "nps", "no time", "9", ""] for n, word in enumerate(WORDS)]
    answers += [[f"d{n}", "n0", f"other{n}", "nps", "no time", "9", word] for n, word in enumerate(WORDS)]
    for table, rows in (
        ("users", users),
        ("usage_events", events),
        ("support_tickets", tickets),
        ("ticket_events", changes),
        ("subscriptions", items),
        ("survey_responses", answers),
        ("engagements", notes),
    ):
        write(landing, table, rows)
    assert load_landing(landing, warehouse).count("refused") == 0
    return warehouse


def lines_of(landing: Path) -> dict[str, list[str]]:
    return {
        path.relative_to(landing).as_posix(): path.read_text("utf-8").split("\n")
        for path in sorted(landing.rglob("*.csv"))
    }


@pytest.mark.fault(69)
@pytest.mark.parametrize("word", WORDS)
def test_an_id_that_is_a_word_takes_only_its_own_rows(worded: Path, tmp_path: Path, word: str) -> None:
    warehouse = tmp_path / "own"
    shutil.copytree(worded, warehouse)
    files = lines_of(warehouse / "landing")
    tables = query(warehouse, "select table_name from duckdb_tables() where schema_name in ('raw')")
    rows = {table: query(warehouse, f"select * from raw.{table} order by all") for (table,) in tables}
    rejects = query(warehouse, "select raw_row from landing.rejected_rows order by all")
    record = forgotten(warehouse, user_id=word)
    assert record.is_complete, record.lines()
    [(token,)] = query(warehouse, "select user_id from raw.users where user_id like 'forgotten%'")
    for name, lines in lines_of(warehouse / "landing").items():
        header = files[name][0].split(",")
        for before, after in zip(files[name], lines, strict=True):
            fields = next(csv.reader(io.StringIO(before)), [])
            given = dict(zip(header, fields, strict=False))
            if given.get("user_id") != word:
                assert after == before, name
                continue
            kept = {column: value for column, value in given.items() if column not in ("comment", "full_name", "email")}
            now = dict(zip(header, next(csv.reader(io.StringIO(after))), strict=True))
            assert kept | {"user_id": token} == {column: now[column] for column in kept}
            assert not now.get("comment")
    for table, before in rows.items():
        columns = [row[0] for row in query(warehouse, f"describe raw.{table}")]
        place = columns.index("user_id") if "user_id" in columns else None
        others = [row for row in before if place is None or row[place] != word]
        after = query(warehouse, f"select * from raw.{table} order by all")
        assert [row for row in after if place is None or row[place] != token] == others, table
    left = query(warehouse, "select raw_row from landing.rejected_rows order by all")
    assert left == [row for row in rejects if next(csv.reader([row[0]]))[2] != word]


@pytest.mark.fault(68)
def test_a_word_that_is_nobodys_id_changes_nothing(worded: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "own"
    shutil.copytree(worded, warehouse)
    before = every_byte(warehouse)
    for request in ({"user_id": "n0"}, {"user_id": "basic_plan"}, {"account_id": "login"}, {"user_id": "USER"}):
        with pytest.raises(NotFoundError, match="so nothing was changed"):
            forget(warehouse, **request)
    assert every_byte(warehouse) == before


def test_it_shows_first_and_asks(
    worded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = tmp_path / "own"
    shutil.copytree(worded, warehouse)
    before = every_byte(warehouse)
    command = ("forget", "--warehouse", warehouse, "--user", "admin")
    assert run_command(*command, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "raw.users: 0 rows go, 1 are made anonymous" in shown
    assert "landing file survey_responses/a.csv: 0 rows go, 2 are made anonymous" in shown
    assert "landing.rejected_rows: 1 rows go" in shown
    assert "nothing was changed" in shown
    # whoever cannot be asked has to say so
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert run_command(*command) == 1
    assert "there is no terminal to ask on; --yes" in capsys.readouterr().err
    assert every_byte(warehouse) == before
    assert was_forgotten(warehouse, "user", "admin") is None
    assert run_command(*command, "--yes") == 0
    assert was_forgotten(warehouse, "user", "admin")
