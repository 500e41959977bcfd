"""How each account stands on the last day, in numbers with the sentences that are said of it.

Belongs here: the relation that other questions select from, and what stands in for it in publications of before.
Does not belong here: the questions (accounts.py, book.py, …), or making sentences (macros/words.sql does).
"""

from __future__ import annotations

from customer_health.reading.published import Snapshot

# columns of health.rpt_account_health_in_words, beside its keys
SENTENCES = (
    "grade_meaning",
    "grade_note",
    "override_in_words",
    "rule_in_words",
    "confidence",
    "main_cause_28d",
    *(f"driver_{side}_{place}" for side in ("up", "down") for place in (1, 2, 3)),
    "not_known",
    "next_step",
)
# rpt_account_health_current has columns of these names for one version still
IN_WORDS = f"""(
    select numbers.* exclude ({", ".join(SENTENCES)}), sentences.* exclude (account_id, scorecard)
    from health.rpt_account_health_current as numbers
    left join health.rpt_account_health_in_words as sentences
        on numbers.account_id = sentences.account_id and numbers.scorecard = sentences.scorecard
)"""
# publications of before hold no view of sentences, and say none where there is nothing to say
_IN_WORDS_BEFORE = f"""(
    select * replace ({", ".join(f"nullif({name}, 'none') as {name}" for name in ("csm_name", *SENTENCES))})
    from health.rpt_account_health_current
)"""
HAS_SENTENCES = """
    select count(*) > 0 as has_sentences from information_schema.tables
    where table_schema = 'health' and table_name = 'rpt_account_health_in_words'
"""


def in_words(has_sentences: bool) -> str:
    """A relation, as text: rows of health.rpt_account_health_current with the sentences about each.

    Args:
        has_sentences: what HAS_SENTENCES answers for the published file.
    """
    return IN_WORDS if has_sentences else _IN_WORDS_BEFORE


def seen_in_words(snapshot: Snapshot) -> str:
    """The same, of a publication as a reader may see it."""
    return in_words(snapshot.value(HAS_SENTENCES))
