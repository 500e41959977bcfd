"""Small pieces of sentences that many messages share.

Belongs here: suggesting the name that was probably meant.
Does not belong here: numbers and names of the marts (reading/words.py).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that names the nearest known name, which is in lower case, or nothing."""
    near = difflib.get_close_matches(name.lower(), list(known), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
