"""The command: propose weights for a scorecard, as rows and as a page.

Belongs here: reading the publication, writing the folder, exit codes (0 proposed or no change, 1 refused).
Does not belong here: what is proposed (proposal.py), what the files say (rows.py, page.py).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from customer_health.reading.published import Publications
from customer_health.validation.weights.page import proposal_page
from customer_health.validation.weights.proposal import (
    HORIZON_DAYS,
    Proposal,
    champion_in_force,
    propose,
)
from customer_health.validation.weights.rows import FILES, configuration_in_force, write_rows
from customer_health.validation.what_if import Answer, WhatIfError, what_if

FOLDER = "proposals"
PAGE = "proposal"


def propose_weights(warehouse: Path, config: Path, scorecard: str, horizon_days: int = HORIZON_DAYS) -> Proposal:
    """What the current publication of a warehouse supports.

    Raises:
        ProposalError: refused, or there is nothing to propose for.
        NothingPublishedError: there is no publication to read.
    """
    snapshot = Publications(warehouse).current()
    return propose(snapshot, champion_in_force(config, scorecard, snapshot.as_of), horizon_days)


def effects_of(proposal: Proposal, warehouse: Path, config: Path) -> Answer | str | None:
    """What the learned weights would change in the warehouse, or why that is not known; nothing without a change."""
    if not proposal.is_change:
        return None
    with tempfile.TemporaryDirectory(prefix="proposal_") as folder:
        edited = configuration_in_force(proposal, config, Path(folder) / "config")
        try:
            return what_if(edited, warehouse, name=f"{proposal.champion.scorecard} with the proposed weights")
        except WhatIfError as error:
            return str(error)


def write(proposal: Proposal, folder: Path, effects: Answer | str | None = None) -> None:
    """The page, and the rows where there is a change to propose; files of an earlier proposal do not stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / f"{name}.csv").unlink(missing_ok=True)
    page = proposal_page(proposal, effects)
    (folder / f"{PAGE}.md").write_text(page.markdown(), encoding="utf-8")
    (folder / f"{PAGE}.html").write_text(page.html(), encoding="utf-8")
    if proposal.is_change:
        write_rows(proposal, folder)
