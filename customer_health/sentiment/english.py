"""Is a text English, so that an English lexicon may judge it?

Belongs here: the rule, and the words it rests on.
Does not belong here: what the text says (polarity.py).

A lexicon reads "excellent" in a French sentence and misses the rest of it, so a text is judged only where its small
words are English ones. These are frequent in every sentence and differ between languages. A text without any, such as
"Great!", must consist of words that the lexicon's own vocabulary knows.
"""

from __future__ import annotations

import re
from functools import cache

from customer_health.sentiment.lexicon import spelling

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# at least half of the words, so that names and typing errors do not count against it
KNOWN_SHARE = 0.5

ENGLISH_WORDS = """
    a about after again all also always an and any are as at be been before but by can could did do does for from
    had has have he her here him how i if in into is it its just many me more most much must my never no not of on
    only or our out over please she should so some than that the their them then there these they this those to
    too up us very was we were what when which who why will with would you your
"""
# German and Dutch, French, Spanish and Portuguese and Italian, Scandinavian
OTHER_WORDS = """
    aber auch auf aus bei das dem den der ein eine einen es für haben ich ihr immer ist kann leider mehr mit nach nicht
    noch nur oder sehr sie sind und von wie wir wurde zu zum zur een en goed heel het maar niet ook van wij zijn
    au aux avec ce ces cette dans des du elle est et ils la le les mais notre nous par pas plus pour que qui rien sont
    sur tout toute trop très un une votre vous
    al como con del el es esta está este las lo los muy más nada o para pero por se su todo una y
    com mas muito não os um uma che della di gli il ma molto nel non per più sono
    att det er ikke inte men och og på som til är
"""
ENGLISH = frozenset(ENGLISH_WORDS.split())
# what English has as well ("die", "war", "on", "no") tells nothing
OTHER_LANGUAGES = frozenset(OTHER_WORDS.split()) - ENGLISH


def is_english(text: str) -> bool:
    """Whether most of a text is English; False where nothing in it says so."""
    words = [word.lower().replace("’", "'") for word in WORD.findall(text)]
    if not words:
        return False
    known = sum(word in known_words() or word in ENGLISH or word.split("'")[0] in known_words() for word in words)
    english = sum(word in ENGLISH for word in words)
    foreign = sum(word in OTHER_LANGUAGES or not word.replace("'", "").isascii() for word in words)
    if english == 0:
        return foreign == 0 and known == len(words)
    return english > foreign and known >= KNOWN_SHARE * len(words)


@cache
def known_words() -> frozenset[str]:
    """The words of an English dictionary, in lower case."""
    return frozenset(word.lower() for word in spelling)
