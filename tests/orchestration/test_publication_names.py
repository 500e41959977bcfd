"""The published file has one name, and its name of before still leads to it, in warehouses of before, too.

Belongs here: both names, publications that were written under the one of before.
Does not belong here: what is in a publication (test_publication.py), kills (test_publication_faults.py).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from customer_health.core.published_file import PUBLISHED_FILE, SECOND_NAME
from customer_health.publication.publish import rollback
from customer_health.publication.store import Store
from customer_health.reading.published import NothingPublishedError, opened
from tests.orchestration.published_company import FIRST_DAY, SECOND_DAY, Company, bring, company, published


@pytest.fixture(scope="module")
def built() -> Company:
    return company()


@pytest.fixture
def warehouse(built: Company, tmp_path: Path) -> Path:
    return built.warehouse(tmp_path)


def last_day(file: Path) -> date:
    with duckdb.connect() as con:
        con.execute(f"attach '{file}' as published (read_only)")
        return con.execute("select max(date_day) from published.health.fct_health_scores").fetchall()[0][0]


def as_of_before(warehouse: Path) -> None:
    """Leave a warehouse as the publisher of before did: health.duckdb is the file, in each kept folder, too."""
    store = Store(warehouse)
    for version in store.versions():
        folder = store.version_folder(version.publication_id)
        (folder / PUBLISHED_FILE).rename(folder / SECOND_NAME)
        manifest = folder / "manifest.json"
        manifest.chmod(0o644)
        manifest.write_text(manifest.read_text(encoding="utf-8").replace(PUBLISHED_FILE, SECOND_NAME), encoding="utf-8")
    named = store.folder / "manifest.json"
    named.chmod(0o644)
    named.write_text(named.read_text(encoding="utf-8").replace(PUBLISHED_FILE, SECOND_NAME), encoding="utf-8")


def test_publications_of_before_are_read_followed_and_rolled_back_to(built: Company, warehouse: Path) -> None:
    old = published(warehouse, FIRST_DAY)
    as_of_before(warehouse)
    store = Store(warehouse)
    assert [version.publication_id for version in store.versions()] == [old.publication_id]
    shown = store.current()
    assert shown and shown.file == f"publications/{old.publication_id}/{SECOND_NAME}"
    bring(warehouse, built.second)
    new = published(warehouse, SECOND_DAY, 24)
    assert store.version_file(new.publication_id).name == PUBLISHED_FILE
    assert store.version_file(new.publication_id).samefile(warehouse / PUBLISHED_FILE)
    assert (warehouse / PUBLISHED_FILE).samefile(warehouse / SECOND_NAME)
    assert last_day(store.version_file(old.publication_id)) == FIRST_DAY
    back = rollback(warehouse, old.publication_id)
    assert back.restores_publication_id == old.publication_id
    assert last_day(warehouse / PUBLISHED_FILE) == last_day(warehouse / SECOND_NAME) == FIRST_DAY


def test_where_a_publisher_of_before_was_killed_the_newer_file_is_shown(built: Company, warehouse: Path) -> None:
    """It named health.duckdb first, and had not come to the second name."""
    published(warehouse, FIRST_DAY)
    behind = warehouse / "of the day before"
    behind.hardlink_to(warehouse / PUBLISHED_FILE)
    bring(warehouse, built.second)
    new = published(warehouse, SECOND_DAY, 24)
    behind.replace(warehouse / PUBLISHED_FILE)
    assert Store(warehouse).current() == new
    Store(warehouse).mend()
    assert Store(warehouse).version_file(new.publication_id).samefile(warehouse / PUBLISHED_FILE)


def test_what_is_published_is_opened_under_either_name(built: Company, warehouse: Path) -> None:
    with pytest.raises(NothingPublishedError, match="nothing has been published here yet"), opened(warehouse):
        pass
    file = Store(warehouse).version_file(published(warehouse, FIRST_DAY).publication_id)
    for gone, left in ((SECOND_NAME, PUBLISHED_FILE), (PUBLISHED_FILE, SECOND_NAME)):
        (warehouse / left).unlink(missing_ok=True)
        (warehouse / left).hardlink_to(file)
        (warehouse / gone).unlink()
        with opened(warehouse) as con:
            found = con.execute("select max(date_day) from health.fct_health_scores").fetchall()
        assert found == [(FIRST_DAY,)]
