"""Choices that stand in the address, so that what somebody sees can be shared.

Belongs here: a choice that follows the address and writes itself into it; whose accounts; grades as they are shown.
Does not belong here: what is chosen from (reading/), choices of one page (pages/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import streamlit as st
from markupsafe import Markup

from customer_health.dashboard.markup import badge
from customer_health.reading import book
from customer_health.reading.published import Snapshot

EVERYBODY = "all"


def pick(parameter: str, options: Mapping[str, str], default: str, key: str = "") -> str:
    """One of a few, as buttons in a row.

    Args:
        parameter: its name in the address; the default leaves it out.
        options: what stands in the address, and the words for it.
        key: tells choices of the same name apart, such as those of two accounts.
    """

    def ask(start: str, state: str) -> str | None:
        return st.segmented_control(
            parameter.capitalize(),
            list(options),
            default=start,
            format_func=options.__getitem__,
            key=state,
            required=True,
            label_visibility="collapsed",
        )

    return _kept(parameter, options, default, key, ask)


def pick_from_list(
    parameter: str, label: str, options: Mapping[str, str], key: str = "", width: int | Literal["stretch"] = "stretch"
) -> str:
    """One of many, as a list that can be searched; the first stands for nothing in the address.

    Args:
        parameter: its name in the address.
        label: what stands above the list.
        options: what stands in the address, and the words for it.
        key: tells choices of the same name apart.
        width: in pixels, or as wide as there is room.
    """

    def ask(start: str, state: str) -> str | None:
        place = list(options).index(start)
        return st.selectbox(label, list(options), index=place, format_func=options.__getitem__, key=state, width=width)

    return _kept(parameter, options, next(iter(options)), key, ask)


def pick_csm(snapshot: Snapshot) -> str | None:
    """Whose accounts to look at; None for all that the reader may see. In the address as `csm`."""
    known = book.csms(snapshot)
    if len(known) < 2:
        return None
    options = {EVERYBODY: "All accounts"} | {row["csm_id"]: f"{row['csm_name']} ({row['accounts']})" for row in known}

    chosen = pick_from_list("csm", "Accounts of", options, width=280)
    return None if chosen == EVERYBODY else chosen


def grade_badges(snapshot: Snapshot) -> Callable[[str | None], Markup]:
    """A function that makes the badge of a grade, with the words and colours in force."""
    known = {row["grade"]: row for row in book.grades(snapshot)}

    def shown(grade: str | None) -> Markup:
        row = known.get(grade, {})
        return badge(grade, row.get("grade_label", grade), row.get("colour"))

    return shown


def _kept(
    parameter: str, options: Mapping[str, Any], default: str, key: str, ask: Callable[[str, str], str | None]
) -> str:
    """Ask, starting from the address, and write the answer into it.

    Streamlit's own binding would write the words of an option into the address, and words change.
    """
    given = st.query_params.get(parameter)
    chosen = ask(given if given in options else default, f"{parameter}_{key}") or default
    if chosen != default:
        st.query_params[parameter] = chosen
    elif given is not None:
        # a link may also be older than what it names
        del st.query_params[parameter]
    return chosen
