"""What people write: comments of surveys and notes of CSMs, put together from parts.

Belongs here: wording, in several tones and languages.
Does not belong here: who writes what, and when (surveys.py, engagements.py).
"""

from __future__ import annotations

import numpy as np

TONES = ("angry", "irritated", "neutral", "delighted")

_TOPICS = (
    "the reports",
    "the new dashboard",
    "the import of our order data",
    "support",
    "the onboarding sessions",
    "the mobile app",
    "the alerts",
    "the price",
    "the integration with our warehouse system",
    "the search",
    "the permissions for our branches",
    "the export to our finance team",
)

_OPENINGS = {
    "delighted": (
        "Love what you did with {topic}.",
        "Honestly the best decision we made this year: {topic} just works.",
        "{topic} saves my team hours every week!",
        "Great people and a great product, {topic} in particular.",
        "Fantastic progress with {topic}, thank you.",
        "Everybody here enjoys working with {topic}.",
    ),
    "neutral": (
        "{topic} does what it should.",
        "We use {topic} about once a week.",
        "Nothing special to report about {topic}.",
        "{topic} is okay, we have not looked at the rest yet.",
        "Our team of nine works with {topic}.",
        "We are comparing {topic} with what we had before.",
    ),
    "irritated": (
        "{topic} is slower than it was in spring.",
        "Not happy with {topic} at the moment.",
        "We keep running into small problems with {topic}.",
        "It takes too many clicks to get anything out of {topic}.",
        "We expected more of {topic}, to be frank.",
        "Our people are getting tired of {topic}.",
    ),
    "angry": (
        "{topic} is a disaster and nobody cares.",
        "Third time this month that {topic} failed. Unacceptable!",
        "I regret that we ever signed, {topic} is useless.",
        "We are furious about {topic}: promises and nothing behind them.",
        "Worst experience with any supplier, and {topic} tops it.",
        "This is a waste of our money. {topic} never worked.",
    ),
}

_ENDINGS = {
    "delighted": (
        "",
        "Keep going!",
        "We have recommended you to two partners.",
        "Looking forward to the next release.",
        "Please thank Greta for her patience.",
    ),
    "neutral": ("", "We will see next quarter.", "No further remarks.", "Ask us again in summer."),
    "irritated": (
        "",
        "Please look into it.",
        "We mentioned this before.",
        "If that stays so we will have to talk about the renewal.",
        "My colleague Paul (paul@example.com) can show you.",
    ),
    "angry": (
        "",
        "We are looking at alternatives.",
        "Call me: this cannot go on.",
        "Nobody answers.\nNobody!",
        "Our lawyers will have a look at the contract.",
    ),
}

_OTHER_LANGUAGES = {
    "de": {
        "delighted": ("Sehr zufrieden, vielen Dank!", "Die Auswertungen sparen uns jede Woche viel Zeit."),
        "neutral": ("Läuft soweit.", "Wir nutzen es gelegentlich, mehr nicht."),
        "irritated": ("Die Suche ist leider oft zu langsam.", "Wir hätten mehr Unterstützung erwartet."),
        "angry": ("Absolut unzumutbar, nichts funktioniert!", "Wir sind verärgert und prüfen Alternativen."),
    },
    "fr": {
        "delighted": ("Excellent outil, toute l'équipe l'adore.", "Très satisfaits du service, merci !"),
        "neutral": ("Rien à signaler.", "Nous l'utilisons une fois par semaine."),
        "irritated": ("Les rapports sont trop lents.", "Nous attendions mieux du support."),
        "angry": ("C'est inadmissible, rien ne marche.", "Très déçus, nous allons changer de fournisseur."),
    },
    "es": {
        "delighted": ("Estamos encantados con el producto.", "El equipo de soporte es estupendo."),
        "neutral": ("Cumple con lo que necesitamos.", "Sin comentarios por ahora."),
        "irritated": ("La aplicación móvil falla a menudo.", "Esperábamos más por este precio."),
        "angry": ("Un desastre, nadie responde.", "Es inaceptable, vamos a cancelar."),
    },
}

PULSE_NOTES = (
    "Good call, sponsor engaged",
    "Quiet, could not reach anybody this month",
    "Team grows, asks about more seats",
    "Complained about response times",
    "New sponsor, still getting to know each other",
    "Budget talk coming up",
    "Business as usual",
    "They build their own reports now",
)


def comment(rng: np.random.Generator, tone: int, language: str) -> str:
    """One comment; the same draw always gives the same words."""
    name = TONES[tone]
    if language != "en":
        choices = _OTHER_LANGUAGES[language][name]
        return choices[int(rng.integers(0, len(choices)))]
    openings, endings = _OPENINGS[name], _ENDINGS[name]
    topic = _TOPICS[int(rng.integers(0, len(_TOPICS)))]
    text = openings[int(rng.integers(0, len(openings)))].format(topic=topic)
    text = text[0].upper() + text[1:]
    ending = endings[int(rng.integers(0, len(endings)))]
    return f"{text} {ending}".strip()
