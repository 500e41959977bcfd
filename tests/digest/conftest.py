"""The published company that digests are written from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reading.book_company import book_company


@pytest.fixture(scope="session")
def book() -> Path:
    return book_company()
