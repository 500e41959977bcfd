"""Which account or CSM somebody means, and which accounts answer a description.

Belongs here: telling an account or a CSM by id or name, near names, filters over the book.
Does not belong here: what is said of an account (accounts.py), lists that marts hold already (book.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from customer_health.core.errors import CustomerHealthError
from customer_health.core.sql import read_sql
from customer_health.reading.current import seen_in_words
from customer_health.reading.published import Row, Snapshot

ORDERS = {
    "lowest_score": "health_score nulls last",
    "highest_score": "health_score desc nulls last",
    "largest_mrr": "mrr_usd desc nulls last",
    "largest_drop": "change_28d_points nulls last",
    "name": "lower(account_name)",
}
# from here on two names look as if one of them had been mistyped
LIKENESS = 0.8


class UnknownAccountError(CustomerHealthError):
    """No account, or more than one, answers to an id or a name.

    Attributes:
        candidates: rows of account_id and account_name that may have been meant, the likeliest first.
    """

    def __init__(self, candidates: Sequence[Row], are_namesakes: bool) -> None:
        super().__init__(f"{len(candidates)} candidates")
        self.candidates = candidates
        self.are_namesakes = are_namesakes


def account_id_of(snapshot: Snapshot, said: str) -> str:
    """The account that an id or a name means, without regard to case.

    Raises:
        UnknownAccountError: there is none that the reader may see, or several have this name.
    """
    found = snapshot.rows(
        "select account_id, account_name from health.dim_accounts "
        "where lower($said) in (lower(account_id), lower(account_name)) "
        "order by lower(account_id) = lower($said) desc, account_id",
        {"said": said.strip()},
    )
    if found and (len(found) == 1 or found[0]["account_id"].lower() == said.strip().lower()):
        return found[0]["account_id"]
    raise UnknownAccountError(found or _near(snapshot, said.strip()), are_namesakes=bool(found))


def _near(snapshot: Snapshot, said: str, limit: int = 5) -> list[Row]:
    return snapshot.rows(
        read_sql(__file__, "near"),
        {"said": said, "least": LIKENESS, "most": limit},
    )


def csm_id_of(snapshot: Snapshot, said: str) -> str | None:
    """The CSM that an id or a name means, without regard to case; None if no CSM whom the reader may see has it."""
    return snapshot.value(
        "select csm_id from health.dim_csms where lower($said) in (lower(csm_id), lower(csm_name)) "
        "order by lower(csm_id) = lower($said) desc, csm_id",
        {"said": said.strip()},
    )


def matching(
    snapshot: Snapshot,
    words: str | None = None,
    csm_id: str | None = None,
    grade: str | None = None,
    segment: str | None = None,
    order: str = "lowest_score",
) -> list[Row]:
    """Today's customers that answer a description, on their headline scorecard.

    Args:
        words: part of a name or an id.
        grade: the grade that is shown, an override included.
        order: one of ORDERS; then by account_id.

    Returns:
        Rows of health.rpt_account_health_current with the sentences of rpt_account_health_in_words.
    """
    return snapshot.rows(
        f"""
        select * from {seen_in_words(snapshot)}
        where is_primary
            and ($words is null or contains(lower(account_name), lower($words))
                or contains(lower(account_id), lower($words)))
            and ($csm is null or csm_id = $csm)
            and ($grade is null or upper($grade) = shown_grade)
            and ($segment is null or lower($segment) = lower(segment))
        order by {ORDERS[order]}, account_id
        """,
        {"words": words, "csm": csm_id, "grade": grade, "segment": segment},
    )
