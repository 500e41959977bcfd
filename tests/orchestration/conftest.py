"""What several files of these tests share.

Belongs here: fixtures over companies that are built once for all workers.
Does not belong here: what the companies hold (forgotten_company.py, published_company.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.orchestration.forgotten_company import Planted, grown


@pytest.fixture
def own(tmp_path: Path) -> Planted:
    """A copy of the company with somebody to forget, for a test that changes it."""
    company = grown()
    shutil.copytree(company.warehouse, tmp_path / "a warehouse")
    return Planted(tmp_path / "a warehouse", company.account)
