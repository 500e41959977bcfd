"""A reader finds their own accounts in every mart, and nobody else's in any."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from customer_health.reading.access import (
    EVERYTHING,
    FOR_EVERYBODY,
    FOR_NOBODY_ELSE,
    OWNED_BY,
    TOLD_OF,
    AccessError,
    Reader,
    reader_named,
    restrict,
)
from customer_health.reading.published import Publications, Snapshot
from tests.reading.two_teams import COLLEAGUE, CSM, PARENTS, STRANGER, TwoTeams, write_access

EXTENTS = {"accounts": {CSM}, "team": {CSM, COLLEAGUE}}
MARTS = "select table_schema || '.' || table_name as mart from information_schema.tables where table_catalog = $catalog"


@pytest.fixture(scope="module")
def publications(teams: TwoTeams) -> Publications:
    return Publications(teams.warehouse)


@pytest.fixture(scope="module")
def everything(publications: Publications) -> Snapshot:
    return publications.current()


@pytest.fixture(scope="module", params=sorted(EXTENTS))
def narrowed(request: pytest.FixtureRequest, publications: Publications) -> Snapshot:
    return publications.current(Reader(CSM, request.param))


def marts(snapshot: Snapshot) -> set[str]:
    found = {row["mart"] for row in snapshot.rows(MARTS, {"catalog": snapshot.catalog})}
    return {mart for mart in found if not mart.startswith("visible.")}


def test_every_published_mart_is_in_exactly_one_list(everything: Snapshot) -> None:
    lists = (set(OWNED_BY), set(FOR_EVERYBODY), set(FOR_NOBODY_ELSE))
    assert sorted(marts(everything)) == sorted(mart for names in lists for mart in names)
    assert len(FOR_EVERYBODY) == len(set(FOR_EVERYBODY))
    assert len(FOR_NOBODY_ELSE) == len(set(FOR_NOBODY_ELSE))


def test_a_mart_that_names_an_account_belongs_to_somebody_or_is_hidden(everything: Snapshot) -> None:
    """A new column of ids must not slip past the lists."""
    columns = everything.rows(
        "select table_schema || '.' || table_name as mart, column_name from information_schema.columns "
        "where table_catalog = 'published' and (column_name like '%account_id' or column_name like 'csm_%')"
    )
    for mart in {row["mart"] for row in columns}:
        assert mart in OWNED_BY or mart in FOR_NOBODY_ELSE, f"{mart} names accounts or CSMs, but is for everybody"
    accounts = {(row["mart"], row["column_name"]) for row in columns if row["column_name"].endswith("account_id")}
    for mart, column in accounts - {(mart, "account_id") for mart in OWNED_BY}:
        if mart in OWNED_BY:
            assert OWNED_BY[mart] == column or column in TOLD_OF.get(mart, {}), f"{mart}.{column} may name anybody"


def test_the_lists_leave_what_they_say(narrowed: Snapshot) -> None:
    assert marts(narrowed) == {*OWNED_BY, *FOR_EVERYBODY}


def test_a_narrowed_reader_has_all_rows_of_their_own_and_no_others(narrowed: Snapshot, everything: Snapshot) -> None:
    csms = EXTENTS[narrowed.reader.sees]
    filled = 0
    for mart, owner in OWNED_BY.items():
        if owner == "csm_id":
            mine = f"csm_id in ({_listed(csms)})"
        else:
            mine = f"{owner} in (select account_id from health.dim_accounts where csm_id in ({_listed(csms)}))"
        expected = everything.value(f"select count(*) from {mart} where {mine}")
        assert narrowed.value(f"select count(*) from {mart}") == expected, mart
        filled += 0 < expected < everything.value(f"select count(*) from {mart}")
    assert filled > 15
    for mart in FOR_EVERYBODY:
        assert narrowed.rows(f"from {mart} order by all") == everything.rows(f"from {mart} order by all"), mart


def test_no_text_of_any_mart_names_an_account_of_somebody_else(narrowed: Snapshot, everything: Snapshot) -> None:
    others = everything.rows(
        f"select account_id, account_name from health.dim_accounts where csm_id not in "
        f"({_listed(EXTENTS[narrowed.reader.sees])})"
    )
    assert others
    named = re.compile("|".join(re.escape(text) for row in others for text in row.values()))
    assert named.search(" ".join(map(str, everything.rows("from health.dim_accounts"))))
    scanned = 0
    for mart in sorted(marts(narrowed)):
        for column in _text_columns(narrowed, mart):
            for row in narrowed.rows(f'select distinct cast("{column}" as varchar) as text from {mart}'):
                found = named.search(row["text"] or "")
                assert not found, f"{mart}.{column} names {found.group()}"
                scanned += 1
    assert scanned > 1000


def _text_columns(snapshot: Snapshot, mart: str) -> list[str]:
    described = snapshot.rows(f"describe {mart}")
    plain = ("DOUBLE", "DATE", "BOOLEAN", "BIGINT", "INTEGER", "TIMESTAMP", "HUGEINT", "DECIMAL")
    return [row["column_name"] for row in described if not row["column_type"].startswith(plain)]


def test_of_a_parent_only_what_may_be_seen_is_told(narrowed: Snapshot, everything: Snapshot) -> None:
    mine = {row["account_id"] for row in narrowed.rows("select account_id from health.dim_accounts")}
    told = narrowed.rows("select account_id, parent_account_id from health.dim_accounts")
    above = {child: parent for parent, children in PARENTS.items() for child in children}
    for row in told:
        parent = above.get(row["account_id"])
        assert row["parent_account_id"] == (parent if parent in mine else None)
    sql = "select * from health.fct_parent_scores order by parent_account_id, date_day"
    parents = [row for row in everything.rows(sql) if row["parent_account_id"] in mine]
    for seen, whole in zip(narrowed.rows(sql), parents, strict=True):
        child = whole["worst_child_account_id"]
        hidden = {} if child in mine else dict.fromkeys(TOLD_OF["health.fct_parent_scores"])
        assert seen == whole | hidden
    assert {row["worst_child_account_id"] for row in parents} - mine


def test_a_csm_whom_the_csm_table_does_not_know_still_sees_their_accounts() -> None:
    """The table of CSMs is optional; accounts name theirs all the same."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as published; attach ':memory:' as mine")
        connection.execute("create schema published.health")
        connection.execute("create table published.health.dim_csms (csm_id varchar, team varchar)")
        connection.execute(
            "create table published.health.dim_accounts as select * from "
            "(values ('a', 'ann', 'b', 'a'), ('b', 'ben', null, 'b')) "
            "as given(account_id, csm_id, parent_account_id, top_parent_account_id)"
        )
        for sees in EXTENTS:
            connection.execute(f"attach ':memory:' as {sees}")
            restrict(connection, Reader("ann", sees), sees)
            rows = connection.execute(f"from {sees}.health.dim_accounts").fetchall()
            assert rows == [("a", "ann", None, "a")]


def test_an_unknown_csm_is_told_so_and_leaves_nothing_behind(publications: Publications) -> None:
    for _ in range(2):
        with pytest.raises(AccessError, match="the CSM 'csm_01', but the published marts know nobody by that id"):
            publications.current(Reader("csm_01", "accounts"))
    assert publications.current(Reader(STRANGER, "accounts")).value("select count(*) from health.dim_accounts") > 0


def test_who_may_see_what_is_looked_up_by_identity(teams: TwoTeams) -> None:
    known = teams.access
    assert reader_named(" Lead@Example.COM ", known) == Reader(CSM, "team")
    assert reader_named("csm@example.com", known) == Reader(CSM, "accounts")
    assert not reader_named("boss@example.com", known).is_restricted
    assert reader_named("anybody", None) == reader_named(None, None) == EVERYTHING


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        ("mallory@example.com", "'mallory@example.com' is not in the access list"),
        ("", "Whoever gives no identity is not in the access list"),
        (None, "Whoever gives no identity is not in the access list"),
    ],
)
def test_somebody_unknown_sees_nothing_and_is_told_why(teams: TwoTeams, identity: str | None, said: str) -> None:
    with pytest.raises(AccessError, match=said):
        reader_named(identity, teams.access)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ", line 1: the access list has no column identity, csm_id, sees"),
        ("identity,csm\n", ", line 1: the access list has no column csm_id, sees"),
        ("identity;csm_id;sees\nann;csm_001;team\n", ", line 1: the access list has no column identity, csm_id, sees"),
        (
            "identity,csm_id,sees\nann,csm_001,team\nben,csm_001,all\n",
            ", line 3, column sees: 'all' is none of accounts, team, everything",
        ),
        ("identity,csm_id,sees\nann\n", ", line 2, column sees: '' is none of"),
        ("identity,csm_id,sees\n\n,csm_001,team\n", ", line 3, column identity: an identity is needed"),
        ("identity,csm_id,sees\nann,,team\n", ", line 2, column csm_id: needed unless somebody sees everything"),
        (
            "identity,csm_id,sees\nann,csm_001,team\nAnn,csm_002,team\n",
            ", line 3, column identity: 'Ann' has a row already",
        ),
        ('identity,csm_id,sees\nann,csm_001,team\n"ben,csm_001,team\n', ", after line 2: unexpected end of data"),
    ],
)
def test_a_wrong_access_list_names_file_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "who sees what.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(AccessError) as raised:
        reader_named("ann", file)
    assert str(raised.value).startswith(f"{file}{said}")


def test_an_access_list_that_cannot_be_read_shows_nothing(tmp_path: Path) -> None:
    file = tmp_path / "access.csv"
    with pytest.raises(AccessError, match="cannot be read .No such file"):
        reader_named("ann", file)
    file.write_bytes("identity,csm_id,sees\nändern,csm_001,team\n".encode("latin-1"))
    with pytest.raises(AccessError, match="not UTF-8"):
        reader_named("ann", file)


def test_an_access_list_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """A byte order mark, columns in another order and one more than is asked for."""
    file = tmp_path / "access.csv"
    file.write_text("sees,name,identity,csm_id\r\nteam,Ann Ames,ann,csm_001\r\n", encoding="utf-8-sig")
    assert reader_named("ANN", file) == Reader("csm_001", "team")
    write_access(file, [("ann", "csm_002", "accounts")])
    assert reader_named("ann", file) == Reader("csm_002", "accounts")


def _listed(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))
