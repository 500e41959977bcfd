"""Choices that several pages offer; each stands in the address, so that what is seen can be shared.

Belongs here: whose accounts, and grades as they are shown.
Does not belong here: choices of one page (pages/), what is chosen from (reading/).
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.markup import badge
from reading import book
from reading.published import Snapshot

EVERYBODY = "all"


def choose_csm(snapshot: Snapshot) -> str | None:
    """Whose accounts to look at; None for all that the reader may see. In the address as `csm`."""
    known = {row["csm_id"]: row for row in book.csms(snapshot)}
    if len(known) < 2:
        return None
    _forget_unknown("csm", known)

    def named(csm_id: str) -> str:
        if csm_id == EVERYBODY:
            return "All accounts"
        return f"{known[csm_id]['csm_name']} ({known[csm_id]['accounts']})"

    chosen = st.selectbox(
        "Accounts of", [EVERYBODY, *known], format_func=named, key="csm", bind="query-params", width=280
    )
    return None if chosen == EVERYBODY else chosen


def grade_badges(snapshot: Snapshot) -> Callable[[str | None], str]:
    """A function that makes the badge of a grade, with the words and colours in force."""
    known = {row["grade"]: row for row in book.grades(snapshot)}

    def shown(grade: str | None) -> str:
        row = known.get(grade, {})
        return badge(grade, row.get("grade_label", "No score" if grade is None else grade), row.get("colour"))

    return shown


def _forget_unknown(parameter: str, known: object) -> None:
    """A link may be older than what it names; what is not there any more is dropped instead of failing."""
    given = st.query_params.get(parameter)
    if given is not None and given != EVERYBODY and given not in known:
        del st.query_params[parameter]
