"""Find ids, names and addresses in free text, however they are spelled.

Two spellings are the same when their letters and digits are, after compatibility decomposition, without accents and in
any case. Between them may stand what people and programs put there: blanks, line breaks, invisible characters, other
separators, and escapes (percent, HTML, JSON, quoted-printable), which are read first. What stands around has to end
there: a longer word is another word.

Belongs here: reading a text as letters and digits, and where known ones stand in it.
Does not belong here: whose they are, or what becomes of them (forgetting/rule.py, landing/forgotten.py).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

ESCAPE = re.compile(
    r"(?P<percent>(?:%(?:25)*[0-9A-Fa-f]{2})+)"
    r"|(?P<html>&(?:amp;)*(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,31});)"
    r"|(?P<json>(?:\\+u[0-9A-Fa-f]{4})+)"
    r"|(?P<blank>\\+[nrt])"
    r"|(?P<soft>=\r?\n)"
    r"|(?P<quoted>(?:=[0-9A-F]{2})+)"
)
# what may stand between the parts of an id, a name or an address
SEPARATORS = frozenset("_-.·/\\+@:'\u2019\u2018\"\u2010\u2011\u2012\u2013\u2014()[]{}<>*~|&")
NOT_SQUEEZED = re.compile(r"[\W_]+")
FEW = 64
# below this, only the separators may differ
SHORT = 6
NONE, INVISIBLE, BLANK, BREAK, SEPARATED, LISTED, OTHER = range(7)
LONGEST_GAP = 6

Span = tuple[int, int]


@dataclass(frozen=True)
class Token:
    """One id, name or address to look for.

    `breaks` are the places in its letters and digits before which something else stands; `exact` is its own spelling,
    where somebody else's differs in nothing but case, accents or separators.
    """

    letters: str
    breaks: frozenset[int] = frozenset()
    is_address: bool = False
    takes_s: bool = False
    takes_comma: bool = False
    exact: str | None = None


@dataclass
class _Read:
    """A text as letters and digits, each with its place and the kind of what stands before it."""

    letters: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    rest: str = ""

    @cached_property
    def text(self) -> str:
        return "".join(self.letters)

    @cached_property
    def kinds(self) -> list[int]:
        return [_kind_of_gap(gap) for gap in self.gaps]

    def gap_after(self, position: int) -> str:
        return self.gaps[position] if position < len(self.gaps) else self.rest


def token_of(given: str, exact: bool = False) -> Token | None:
    """What to look for; None where nothing is a letter or a digit."""
    read = _read(given, escapes=False)
    if not read.letters:
        return None
    breaks = frozenset(n for n in range(1, len(read.gaps)) if read.gaps[n])
    return Token(
        read.text,
        breaks,
        is_address="@" in given,
        takes_s=bool(breaks) and "@" not in given and read.text.isalpha(),
        takes_comma="," in given,
        exact=unicodedata.normalize("NFC", given) if exact else None,
    )


def letters_of(given: str) -> str:
    """The letters and digits by which spellings are compared."""
    return _read(given, escapes=False).text


def squeezed(text: str) -> str:
    """All letters and digits of a text, escapes read: the fast look before the exact one."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    if "%" in text or "&" in text or "\\" in text or "=" in text:
        text = ESCAPE.sub(lambda found: "".join(char for char, _, _ in _unescaped(found)), text)
        if not text.isascii():
            text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return NOT_SQUEEZED.sub("", text.casefold())


class Finder:
    """Looks for tokens in texts.

    Args:
        lengths: how many letters and digits the tokens have.
        look_up: the token with these letters and digits, if there is one.
        other_lengths, look_up_other: the same of what is somebody else's although a token is part of it.
        tokens: all of them, where they are known, for the fast look.
    """

    def __init__(
        self,
        lengths: Iterable[int],
        look_up: Callable[[str], Token | None],
        other_lengths: Iterable[int] = (),
        look_up_other: Callable[[str], Token | None] = lambda _: None,
        tokens: Iterable[Token] | None = None,
    ) -> None:
        self._lengths = sorted(set(lengths), reverse=True)
        self._look_up = look_up
        self._other_lengths = sorted(set(other_lengths), reverse=True)
        self._look_up_other = look_up_other
        known = sorted({token.letters for token in tokens}) if tokens is not None else None
        self._few = known if known is not None and len(known) <= FEW else None

    @classmethod
    def of(cls, tokens: Iterable[Token], others: Iterable[Token] = ()) -> Finder:
        by_letters: dict[str, Token] = {}
        for token in tokens:
            # the one that is less strict stands for both
            if token.letters not in by_letters or token.exact is None:
                by_letters[token.letters] = token
        of_others = {token.letters: token for token in others}
        return cls(map(len, by_letters), by_letters.get, map(len, of_others), of_others.get, by_letters.values())

    def may_find(self, text: str) -> bool:
        """Whether it is worth looking: cheap, and never wrong about no."""
        if not self._lengths or not text:
            return False
        if self._few is None:
            return True
        small = squeezed(text)
        return any(letters in small for letters in self._few)

    def find(self, text: str) -> list[Span]:
        """Where tokens stand, in the order of the text and without overlaps."""
        if not self.may_find(text):
            return []
        read = _read(text)
        found = list(self._matches(read, text, self._lengths, self._look_up))
        if not found:
            return []
        kept = list(self._matches(read, text, self._other_lengths, self._look_up_other))
        spans: list[Span] = []
        for start, end in found:
            if any(first <= start and end <= last and last - first > end - start for first, last in kept):
                continue
            if spans and start < spans[-1][1]:
                continue
            spans.append((start, end))
        return spans

    def mentions(self, text: str) -> bool:
        return bool(self.find(text))

    def replaced(self, text: str, by: str) -> str:
        """The text with each found place written over."""
        parts, last = [], 0
        for start, end in self.find(text):
            parts += [text[last:start], by]
            last = end
        return "".join([*parts, text[last:]]) if parts else text

    def _matches(
        self, read: _Read, text: str, lengths: list[int], look_up: Callable[[str], Token | None]
    ) -> Iterator[Span]:
        letters, size = read.text, len(read.letters)
        for start in range(size):
            if not _begins(read, start):
                continue
            for length in lengths:
                end = start + length
                if end > size:
                    continue
                token = look_up(letters[start:end])
                if token is None or not _fits(read, token, start, end):
                    continue
                if token.takes_s and not _ends(read, end) and letters[end] == "s" and not read.gaps[end]:
                    end += 1
                if not _ends(read, end) or (token.is_address and _is_longer_address(read, text, start, end)):
                    continue
                place = (read.starts[start], read.ends[end - 1])
                if token.exact is not None and unicodedata.normalize("NFC", text[place[0] : place[1]]) != token.exact:
                    continue
                yield place
                break


def _begins(read: _Read, start: int) -> bool:
    return start == 0 or bool(read.gaps[start]) or _stands_alone(read.letters[start - 1], read.letters[start])


def _ends(read: _Read, end: int) -> bool:
    return end == len(read.letters) or bool(read.gaps[end]) or _stands_alone(read.letters[end - 1], read.letters[end])


def _stands_alone(before: str, after: str) -> bool:
    """Scripts without blanks between words."""
    return any("\u2e80" <= char <= "\ua000" or "\u0e00" <= char <= "\u0eff" for char in (before, after))


def _fits(read: _Read, token: Token, start: int, end: int) -> bool:
    """Whether what stands between the letters may stand there."""
    is_number = token.letters.isdigit()
    is_short = len(token.letters) < SHORT
    for position in range(start + 1, end):
        kind = read.kinds[position]
        if kind <= INVISIBLE:
            if is_short and kind == NONE and position - start in token.breaks:
                return False
            continue
        if is_number or kind == OTHER or (kind == LISTED and not token.takes_comma):
            return False
        if position - start in token.breaks:
            if is_short and kind < SEPARATED:
                return False
            continue
        same = read.letters[position - 1].isdigit() == read.letters[position].isdigit()
        if kind >= SEPARATED or is_short or not same:
            return False
    return True


def _is_longer_address(read: _Read, text: str, start: int, end: int) -> bool:
    """Whether the domain or the name before the @ goes on: then it is somebody else's."""
    after, before = read.gap_after(end), read.gaps[start]
    goes_on = end < len(read.letters) and after in (".", "-")
    return goes_on or (start > 0 and before in (".", "-", "+", "_"))


def _kind_of_gap(gap: str) -> int:
    if not gap:
        return NONE
    if len(gap) > LONGEST_GAP and not gap.isspace():
        return OTHER
    visible = "".join(char for char in gap if unicodedata.category(char) != "Cf")
    if not visible:
        return INVISIBLE
    if visible.isspace():
        return BLANK
    # a word that was broken at the end of a line
    if visible[0] in "-=\u2010" and visible[1:].isspace() and "\n" in visible:
        return BREAK
    if all(char.isspace() or char in SEPARATORS for char in visible):
        return SEPARATED
    if all(char.isspace() or char in SEPARATORS or char == "," for char in visible):
        return LISTED
    return OTHER


def _read(text: str, escapes: bool = True) -> _Read:
    read = _Read()
    gap: list[str] = []
    for char, start, end in _characters(text, escapes):
        if char.isascii():
            if char.isalnum():
                read.letters.append(char.lower())
                read.starts.append(start)
                read.ends.append(end)
                read.gaps.append("".join(gap))
                gap = []
            else:
                gap.append(char)
            continue
        for part in unicodedata.normalize("NFKD", char).casefold():
            if unicodedata.combining(part):
                if read.ends and not gap:
                    read.ends[-1] = end
            elif part.isalnum():
                read.letters.append(part)
                read.starts.append(start)
                read.ends.append(end)
                read.gaps.append("".join(gap))
                gap = []
            else:
                gap.append(part)
    read.rest = "".join(gap)
    return read


def _characters(text: str, escapes: bool) -> Iterator[tuple[str, int, int]]:
    """Each character with its place; what is escaped, as what it stands for."""
    last = 0
    if escapes and ("%" in text or "&" in text or "\\" in text or "=" in text):
        for found in ESCAPE.finditer(text):
            for position in range(last, found.start()):
                yield text[position], position, position + 1
            yield from _unescaped(found)
            last = found.end()
    for position in range(last, len(text)):
        yield text[position], position, position + 1


def _unescaped(found: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    start, given = found.start(), found.group()
    match found.lastgroup:
        case "percent":
            units = [
                (int(each.group()[-2:], 16), start + each.start(), start + each.end())
                for each in re.finditer(r"%(?:25)*[0-9A-Fa-f]{2}", given)
            ]
            yield from _decoded(units, found.string)
        case "quoted":
            units = [(int(given[n + 1 : n + 3], 16), start + n, start + n + 3) for n in range(0, len(given), 3)]
            yield from _decoded(units, found.string)
        case "json":
            pieces = [
                (each.group(1), start + each.start(), start + each.end())
                for each in re.finditer(r"\\+u([0-9A-Fa-f]{4})", given)
            ]
            yield from _from_utf16(pieces)
        case "html":
            char = html.unescape(re.sub(r"^&(?:amp;)*", "&", given))
            if len(char) <= 2 and not char.startswith("&"):
                yield from ((each, start, found.end()) for each in char)
            else:
                yield from ((char, start + n, start + n + 1) for n, char in enumerate(given))
        case "soft":
            yield "\u00ad", start, found.end()
        case _:
            yield " ", start, found.end()


def _decoded(units: list[tuple[int, int, int]], text: str) -> Iterator[tuple[str, int, int]]:
    """Bytes as UTF-8; what is none stands for itself."""
    position = 0
    while position < len(units):
        byte = units[position][0]
        size = 1 if byte < 0x80 else 2 if 0xC0 <= byte < 0xE0 else 3 if 0xE0 <= byte < 0xF0 else 4
        piece = units[position : position + size]
        try:
            char = bytes(unit[0] for unit in piece).decode()
        except UnicodeDecodeError:
            char = ""
        if len(char) == 1:
            yield char, piece[0][1], piece[-1][2]
            position += size
        else:
            _, start, end = units[position]
            yield from ((text[n], n, n + 1) for n in range(start, end))
            position += 1


def _from_utf16(pieces: list[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    position = 0
    while position < len(pieces):
        code, start, end = pieces[position]
        unit = int(code, 16)
        if 0xD800 <= unit < 0xDC00 and position + 1 < len(pieces):
            low, last = int(pieces[position + 1][0], 16), pieces[position + 1][2]
            if 0xDC00 <= low < 0xE000:
                yield chr(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), start, last
                position += 2
                continue
        yield chr(unit) if not 0xD800 <= unit < 0xE000 else "\ufffd", start, end
        position += 1
