"""Which texts an English lexicon may judge, and how it judges them.

Belongs here: single texts.
Does not belong here: what becomes of them in a build (tests/integrity/test_comment_sentiment.py).
"""

import subprocess
import sys

import pytest

from customer_health.sentiment.english import is_english
from customer_health.sentiment.lexicon import sentiment
from customer_health.sentiment.polarity import polarity, reader
from examples.company import texts

ENGLISH = [
    "Love it",
    "Great!",
    "ok",
    "The API is flaky; onboarding was gr8 tho",
    "Thank you, René, the reports are great",
    "I don’t like the new search",
    "It isn't bad",
    "Support was slow and nobody answers our tickets",
]
OTHER = [
    "Das war super, danke",
    "Die App ist total simple und fun",
    "Excellent outil, toute l'équipe l'adore.",
    "Une application formidable",
    "No es lo que esperaba",
    "Il prodotto è ottimo",
    "O produto é ótimo",
    "Het product is goed maar traag",
    "Produkten är bra men dyr",
    "製品は素晴らしい",
    "Perfecto",
    "10/10",
    "👍",
    "asdf",
    "",
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_read(text: str) -> None:
    assert is_english(text)
    assert polarity(text) is not None


@pytest.mark.parametrize("text", OTHER)
def test_what_cannot_be_read_has_no_number_and_least_of_all_zero(text: str) -> None:
    assert polarity(text) is None


def test_all_comments_of_the_example_company_are_told_apart_by_language() -> None:
    english = [
        opening.format(topic=topic) for tone in texts._OPENINGS.values() for opening in tone for topic in texts._TOPICS
    ]
    assert [text for text in english if not is_english(text)] == []
    others = [text for tones in texts._OTHER_LANGUAGES.values() for tone in tones.values() for text in tone]
    assert [text for text in others if is_english(text)] == []


def test_a_warm_text_stands_above_a_plain_one_and_that_above_an_unhappy_one() -> None:
    warm = polarity("Fantastic progress, thank you for the great help")
    plain, unhappy = polarity("We use the reports once a week"), polarity("The search is useless")
    assert warm is not None and plain is not None and unhappy is not None
    assert 100 >= warm > 30 > plain == 0 > -30 > unhappy >= -100
    assert polarity("We are not happy with the support") < 0


def test_the_reader_names_its_library_and_rules() -> None:
    assert reader().startswith("textblob ") and "rules" in reader()


def test_the_lexicon_alone_reads_like_the_whole_package() -> None:
    from textblob import TextBlob

    texts = ["What a great product, but slow support!", "Not bad at all.", "Terrible. I hate it.", "It opens at 9.", ""]
    assert [sentiment(text)[0] for text in texts] == [TextBlob(text).sentiment.polarity for text in texts]


def test_reading_a_comment_loads_no_library_of_statistics() -> None:
    script = "import sys; from customer_health.sentiment.polarity import polarity; polarity('Great work!')"
    asked = f"{script}; print(sorted({{'nltk', 'scipy', 'numpy'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
