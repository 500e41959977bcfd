"""Whether an id or a name, met in free text, means this subject and hardly anything else.

A user may be called login, an account Apple: such words are compared in columns of ids only, and never in a text.

Belongs here: the words that anybody uses, the rule.
Does not belong here: spellings (core/mentions.py), where the words of a company's own data come from (find.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from customer_health.core.contract import load_contract
from customer_health.core.mentions import letters_of

SHORTEST_WORD = 5
LONG_NUMBER = 8
WORD = re.compile(r"[^\W\d_]+")
# what an English dictionary lacks and products say
OF_PRODUCTS = """
    admin admins administrator analytics anonymous api app apps backend billing bot bots bounced canceled cancelled
    changelog chatbot checkout churned churn config crawler crm csat csv customer dashboard dashboards dataset demo
    downgrade download downloads dropdown email emails enterprise filename firewall freemium frontend guest guests
    helpdesk homepage hostname html inbox invite invited invoice invoices json kickoff localhost login logins logoff
    logon logout mailbox metadata moderator nobody null offboarding offline onboarding online opensource paywall
    pending popup postgres premium prepaid preview procurement refund renewal renewals reopened resend retention root
    saas sandbox sdk signin signoff signout signup sitemap spreadsheet staging startup startups subscriber subscribers
    superuser superadmin support sysadmin system tester tests timeline toolbar trialing undefined unknown unpaid
    unsubscribe upgrade upload uploads upsell url user username users viewer viewers webhook webhooks webinar webinars
    website websites wiki workflow workflows workspace workspaces
"""


def is_distinctive(word: str, used: Iterable[str] = ()) -> bool:
    """Whether free text is searched for it.

    Args:
        used: letters and digits of the words that the company's own data and configuration use.
    """
    letters = letters_of(word)
    if "@" in word and "." in word:
        return True
    # a character of a script without an alphabet is a syllable or more
    weight = sum(2 if unicodedata.category(char) == "Lo" else 1 for char in letters)
    if max(weight, len(word.strip())) < SHORTEST_WORD:
        return False
    if letters.isdigit():
        return len(letters) >= LONG_NUMBER
    if letters in used or letters in _of_the_contract():
        return False
    if not letters.isalpha():
        return True
    parts = [part.casefold() for part in WORD.findall(word)]
    if len(parts) > 1 and not set("_-") & set(word):
        # the name of a person or a company
        return not all(part in used or part in _of_the_contract() for part in parts)
    return not all(part in used or part in _of_the_contract() or part in _of_the_language() for part in parts)


@cache
def _of_the_contract() -> frozenset[str]:
    """Tables, columns, their words, and what their descriptions say."""
    found: set[str] = set(OF_PRODUCTS.split())
    for table in load_contract().tables.values():
        for text in (table.name, table.description):
            found |= words_in(text)
        for column in table.columns:
            for text in (column.name, column.description, *column.values):
                found |= words_in(text)
    return frozenset(found)


def words_in(text: str) -> set[str]:
    """The words of a text, and all of it as one, as they are compared."""
    return {letters_of(text), *(part.casefold() for part in WORD.findall(text))}


@cache
def _of_the_language() -> frozenset[str]:
    # a dictionary takes a tenth of a second to read, so only ids without a digit pay for it
    from customer_health.sentiment.english import known_words

    return known_words()
