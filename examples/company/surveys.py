"""What surveys bring back: nps twice a year, csat on the product, ces after help; much of it silence.

Belongs here: who is asked, who answers, how they score, in which tone they comment.
Does not belong here: wording (texts.py), ratings of single tickets (support.py).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from examples.company.book import AccountBook
from examples.company.causes import Causes
from examples.company.config import CompanyConfig
from examples.company.crm import Directory
from examples.company.landing_files import to_table
from examples.company.relationships import Relationships
from examples.company.streams import NULL, labels, sigmoid, stream
from examples.company.texts import comment

QUESTIONS = {
    "nps": "How likely are you to recommend us to a colleague?",
    "csat": "How satisfied are you with the product?",
    "ces": "How easy was it to get your question solved?",
}
DAY = 86_400


def survey_table(
    config: CompanyConfig,
    book: AccountBook,
    causes: Causes,
    relationships: Relationships,
    directory: Directory,
) -> pa.Table:
    rng = stream(config.seed, "surveys")
    people = np.bincount(directory.user_account, minlength=book.size)
    talkative = rng.normal(0, 0.8, directory.size)
    bias = rng.normal(0, 0.9, directory.size)
    language = _languages(book, directory, rng)
    anchor = rng.integers(0, 182, book.size)
    sent: list[tuple[str, np.ndarray, np.ndarray]] = []
    for kind, every, wished, offset in (("nps", 182, 6.0, 0), ("csat", 91, 3.0, 40)):
        for wave in range(-1, config.days // every + 1):
            day = (anchor + offset) % every + wave * every
            when = day[directory.user_account] + rng.integers(0, 4, directory.size)
            asked = rng.random(directory.size) < np.minimum(1.0, wished / np.maximum(people, 1))[directory.user_account]
            sent.append((kind, np.flatnonzero(asked), when[asked]))
    helped = np.flatnonzero(rng.random(directory.size) < 0.25)
    after = np.maximum(directory.created_day[helped], 0) + rng.integers(15, 400, len(helped))
    sent.append(("ces", helped, after))

    kind = np.concatenate([np.full(len(users), name, dtype=object) for name, users, _ in sent])
    user = np.concatenate([users for _, users, _ in sent])
    day = np.concatenate([days for _, _, days in sent])
    account = directory.user_account[user]
    present = (day > directory.created_day[user] + 14) & (day < directory.gone_day[user])
    present &= (day >= 0) & (day < config.days) & (day < relationships.end_day[account])
    kind, user, day, account = kind[present], user[present], day[present], account[present]
    order = np.lexsort((user, kind, day))
    kind, user, day, account = kind[order], user[order], day[order], account[order]

    size = len(user)
    mood = causes.on_day(causes.mood, account, day)
    service = causes.on_day(causes.service, account, day - 21)
    chance = sigmoid(-0.95 + 0.35 * mood + talkative[user])
    answers = rng.random(size) < chance
    noise = rng.normal(0, 1.0, size) + bias[user]
    score = np.select(
        [kind == "nps", kind == "csat"],
        [
            np.clip(np.round(7.6 + 1.35 * mood + 1.25 * noise), 0, 10),
            np.clip(np.round(3.9 + 0.5 * mood + 0.55 * noise), 1, 5),
        ],
        np.clip(np.round(5.2 + 0.45 * service + 0.25 * mood + 0.8 * noise), 1, 7),
    )
    sent_at = config.start_second + day * DAY + 9 * 3600 + rng.integers(0, 4 * 3600, size)
    responded = sent_at + (rng.exponential(1.7 * DAY, size)).astype(np.int64) + 300
    closes = sent_at + 14 * DAY
    answers &= responded < closes
    # a row arrives with its answer, or when the survey closes without one
    delivered = np.where(answers, responded, closes)

    comments: list[str | None] = [None] * size
    writes = np.flatnonzero(answers & (rng.random(size) < 0.42))
    feeling = 0.8 * mood[writes] + 0.5 * noise[writes] + rng.normal(0, 0.4, len(writes))
    tone = np.searchsorted(np.array([-1.7, -0.55, 0.65]), feeling)
    for position, where in enumerate(writes):
        comments[where] = comment(rng, int(tone[position]), language[user[where]])

    ids = labels("rsp_", np.arange(1, size + 1), 7)
    names = directory.source_ids["survey"][account]
    hidden = rng.random(size) < 0.04  # anonymous links
    columns = {
        "response_id": ids,
        "account_id": names,
        "user_id": np.where(hidden, None, directory.user_ids[user]),
        "survey": kind,
        "question": [QUESTIONS[name] for name in kind],
        "sent_at": sent_at,
        "responded_at": np.where(answers, responded, NULL),
        "score": np.where(answers, score, np.nan),
        "comment": comments,
    }
    return to_table("survey_responses", columns, delivered)


def _languages(book: AccountBook, directory: Directory, rng: np.random.Generator) -> np.ndarray:
    """Most people write English; some on the continent do not."""
    draw = rng.random(directory.size)
    emea = book.region[directory.user_account] == 1
    other = np.array(["de", "fr", "es"], dtype=object)[rng.integers(0, 3, directory.size)]
    return np.where(emea & (draw < 0.3), other, np.where(draw < 0.01, "es", "en"))
