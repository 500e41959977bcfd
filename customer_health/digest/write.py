"""Write the digests of a week into a folder.

Belongs here: who gets one, the names of the files, and that a reader never sees half of one.
Does not belong here: what is in them (csm.py, lead.py), when it is done (orchestration/assets/digest.py).
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from customer_health.digest import html_page, markdown_page
from customer_health.digest.content import Digest
from customer_health.digest.csm import csm_digest
from customer_health.digest.lead import lead_digest
from customer_health.publication.status import staleness
from customer_health.reading import book
from customer_health.reading.access import Reader
from customer_health.reading.published import Publications

FOLDER = "digest"
LEAD = "lead"


@dataclass(frozen=True)
class Written:
    """Where the digests are; `names` are those of the files without their ending, the lead's first."""

    folder: Path
    names: tuple[str, ...]
    stale: str


def write_digests(warehouse: Path, out: Path | None = None, now: datetime | None = None) -> Written:
    """Write HTML and Markdown for the lead and for each CSM with accounts.

    Args:
        out: folder to write into; default: digest/<last day> in the warehouse.
        now: when it is said whether the publication is stale.

    Raises:
        NothingPublishedError: nothing has been published in this warehouse.
    """
    publications = Publications(warehouse)
    snapshot = publications.current()
    verdict = staleness(warehouse, now=now)
    stale = f"Scores end on {snapshot.as_of}. Reason: {verdict.reason}" if verdict.is_stale else ""
    digests = {LEAD: lead_digest(snapshot, stale)}
    for csm in book.csms(snapshot):
        # with their own eyes: what a CSM may not see cannot get onto their page
        own = publications.current(Reader(csm["csm_id"], "accounts"))
        digests[file_name(csm["csm_id"])] = csm_digest(own, csm, stale)
    folder = out or warehouse / FOLDER / snapshot.as_of.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    for name, digest in digests.items():
        _write(folder, name, digest)
    return Written(folder, tuple(digests), stale)


def file_name(csm_id: str) -> str:
    """A name for the files of a CSM: their id where it can be one, else made of it."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", csm_id)
    return plain if plain == csm_id and plain != LEAD else f"{plain}-{hashlib.sha256(csm_id.encode()).hexdigest()[:8]}"


def _write(folder: Path, name: str, digest: Digest) -> None:
    for ending, text in (("html", html_page.render(digest)), ("md", markdown_page.render(digest))):
        building = folder / f".{name}.{ending}.{os.getpid()}"
        building.write_text(text, encoding="utf-8")
        building.replace(folder / f"{name}.{ending}")
