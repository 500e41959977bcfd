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
# one of each CSM
OFF_THEIR_PATH = ("acc_00001", "acc_00002", "acc_00009")
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
        f"update intermediate.int_current_csms set team = '{TEAM}' where csm_id = '{COLLEAGUE}'",
        f"update intermediate.int_current_accounts set csm_team = '{TEAM}' where csm_id = '{COLLEAGUE}'",
        *(
            f"update intermediate.int_current_accounts set parent_account_id = '{parent}', "
            f"top_parent_account_id = '{parent}' where account_id = '{child}'"
            for child, parent in links
        ),
        *(
            "insert into intermediate.int_account_ancestors "
            f"values ('{child}', '{parent}', 1, date '1900-01-01', date '9999-12-31')"
            for child, parent in links
        ),
        *(_off_its_path(account, priority) for priority, account in enumerate(OFF_THEIR_PATH, start=1)),
        # a publication is refused that holds other rows than the build counted
        "update build_log.row_counts set row_count = (select count(*) from journey.rpt_early_interventions) "
        "where table_name = 'journey.rpt_early_interventions'",
    )


def _off_its_path(account_id: str, priority: int) -> str:
    """The company is too small for somebody healthy to be off the path by itself."""
    return f"""
        insert into journey.rpt_early_interventions by name
        select
            {priority} as priority, account_id, account_name, segment, csm_id, csm_name, 'growth' as desired_outcome,
            outcome_label, scorecard, 71.5 as health_score, 'B' as grade, 'first_value' as milestone,
            'First value' as milestone_label, date '2026-05-01' as expected_on, 'subscription_start' as clock,
            30 as expected_after_days, false as is_planned, 59 as days_late, 21 as norm_median_days,
            mrr_usd as mrr_at_stake_usd, 'Workshop' as playbook_label, 'Meet and look at it together' as action,
            2.5 as hours
        from health.rpt_account_health_current
        where account_id = '{account_id}' and is_primary
    """
