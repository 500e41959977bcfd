"""How positive a text is, from -100 to 100.

Belongs here: asking textblob's lexicon, and the name of what was asked.
Does not belong here: which language a text is in (english.py).
"""

from __future__ import annotations

from importlib.metadata import version

from customer_health.sentiment.english import is_english
from customer_health.sentiment.lexicon import sentiment

# a change of our own rules makes old readings as stale as another lexicon does
RULES = 1


def reader() -> str:
    """What reads: readings of another one are not comparable."""
    return f"textblob {version('textblob')}, rules {RULES}"


def polarity(text: str) -> float | None:
    """-100 (hostile) to 100 (delighted), 0 where nothing in it judges; None where the text cannot be read.

    A text that is not English is None, never 0: what cannot be read is not neutral.
    """
    if not is_english(text):
        return None
    return round(100 * sentiment(text)[0], 2)
