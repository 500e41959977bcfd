"""A really published small company whose accounts belong to several CSMs, two of them of one team, with a parent above
accounts of all of them.

Belongs here: the warehouse, who is who in it, an access list for it.
Does not belong here: what somebody may see of it (test_access.py), or what is asked (tests/assistants/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.orchestration.published_company import FIRST_DAY, NOW, bring, change, company, published

CSM, COLLEAGUE, STRANGER = "csm_001", "csm_003", "csm_002"
TEAM = "North"
# each parent stands above an account of every CSM; the one they begin with has the least score
PARENTS = {"acc_00009": ("acc_00004", "acc_00011", "acc_00014"), "acc_00002": ("acc_00012", "acc_00010", "acc_00003")}
READERS = (
    ("csm@example.com", CSM, "accounts"),
    ("lead@example.com", CSM, "team"),
    ("stranger@example.com", STRANGER, "accounts"),
    ("boss@example.com", "", "everything"),
)


@dataclass
class TwoTeams:
    warehouse: Path
    access: Path
    publications: int = 1

    def bring(self, build: Path) -> None:
        """Let the warehouse hold another build, with the same teams and parents."""
        bring(self.warehouse, build)
        _make_teams(self.warehouse)

    def next_moment(self) -> datetime:
        """When to publish next: an hour after the last time."""
        self.publications += 1
        return NOW + timedelta(hours=self.publications - 1)


def two_teams(folder: Path) -> TwoTeams:
    """Publish the company in a folder of its own; its path holds a space."""
    warehouse = company().warehouse(folder)
    _make_teams(warehouse)
    published(warehouse, FIRST_DAY)
    return TwoTeams(warehouse, write_access(folder / "access.csv", READERS))


def write_access(file: Path, rows: Sequence[Sequence[str]]) -> Path:
    lines = ["identity,csm_id,sees", *(",".join(row) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _make_teams(warehouse: Path) -> None:
    links = [(child, parent) for parent, children in PARENTS.items() for child in children]
    change(
        warehouse,
        f"update health.dim_csms set team = '{TEAM}' where csm_id = '{COLLEAGUE}'",
        f"update health.dim_accounts set csm_team = '{TEAM}' where csm_id = '{COLLEAGUE}'",
        *(
            f"update health.dim_accounts set parent_account_id = '{parent}', top_parent_account_id = '{parent}' "
            f"where account_id = '{child}'"
            for child, parent in links
        ),
        *(
            "insert into intermediate.int_account_ancestors "
            f"values ('{child}', '{parent}', 1, date '1900-01-01', date '9999-12-31')"
            for child, parent in links
        ),
    )
