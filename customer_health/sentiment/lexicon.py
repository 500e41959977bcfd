"""textblob's lexicon without textblob's package.

The package imports nltk and with it scipy: five seconds for each process that reads a single comment. The lexicon
itself needs neither. So it is imported below a package that is empty.

Belongs here: importing it.
Does not belong here: what is read with it (polarity.py, english.py).
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

_NAME = "textblob"


def _import_english() -> ModuleType:
    if _NAME in sys.modules:
        return import_module(f"{_NAME}.en")
    spec = find_spec(_NAME)
    assert spec is not None and spec.submodule_search_locations is not None, "textblob is not installed"
    empty = ModuleType(_NAME)
    empty.__path__ = list(spec.submodule_search_locations)
    sys.modules[_NAME] = empty
    try:
        return import_module(f"{_NAME}.en")
    finally:
        # whoever imports textblob afterwards gets all of it
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAME]:
            del sys.modules[name]


_english = _import_english()
# (polarity, subjectivity) of a text; the dictionary of known words
sentiment = _english.sentiment
spelling = _english.spelling
