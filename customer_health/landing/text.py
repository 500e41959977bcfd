"""Find the rows of a CSV or JSON Lines file, and set aside the ones that are not whole.

The engine parses fast but does not say on which physical line a row starts, and an unclosed quote makes it
swallow the rest of a file. So every file is scanned first, in windows of a few megabytes: a window without
anything odd is only counted (numpy); one with an oddity is taken row by row, its good rows go to a clean copy
and its bad ones to the sink. The engine then reads the file itself, or the clean copy where there is one, and
must find exactly as many rows as were counted here.

Belongs here: bytes, lines, quotes, encodings.
Does not belong here: types and values (types.py), the warehouse (load.py).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

WINDOW = 4 * 1024 * 1024
LONGEST_ROW = 8 * 1024 * 1024
LONGEST_HEADER = 1024 * 1024
LONGEST_RAW = 100_000
BOM = b"\xef\xbb\xbf"
NOT_A_ROW = b"\x02"

_NEWLINE, _RETURN, _QUOTE, _COMMA = 10, 13, 34, 44
_FIELD = rb'(?:"(?:[^"]++|"")*+"|[^",\n][^,\n]*+|)'
_RECORD = re.compile(rb"(?:" + _FIELD + rb",)*+" + _FIELD + rb"\r?\n")
_ONE_FIELD = re.compile(_FIELD)
_UNFINISHED = re.compile(
    rb"(?:" + _FIELD + rb",)*+" + rb'(?:"(?:[^"]++|"")*+"?\r?|[^",\n][^,\n]*+)?',
)
_BLANK_LINE = re.compile(rb"(?:\A|\n)[ \t]*\r?(?=\n)")


class HeaderError(ValueError):
    """The first line is not a header that can be read; the message says why."""


class RowSink(Protocol):
    """Takes what the scan finds besides good rows."""

    def reject(self, line: int, reason: str, raw: bytes) -> None:
        """A row that is not whole, with the line on which it starts."""

    def line_offsets(self, rows: np.ndarray, offsets: np.ndarray) -> None:
        """From row n on (1 for the first), a row's line is its number plus the offset."""


@dataclass(frozen=True)
class CsvHeader:
    """The column names of a CSV file, and where its rows begin."""

    names: tuple[str, ...]
    end: int
    lines: int
    crlf: bool
    plain: bool


@dataclass(frozen=True)
class ScannedText:
    """What the engine has to read (`path`), and what it must find there."""

    path: Path
    rows: int
    rejected: int
    longest_row: int


def is_blank(path: Path) -> bool:
    """Whether a file holds nothing but white space (and perhaps a byte order mark)."""
    with path.open("rb") as file:
        block = file.read(WINDOW).removeprefix(BOM)
        while block:
            if block.strip():
                return False
            block = file.read(WINDOW)
    return True


def read_csv_header(path: Path) -> CsvHeader:
    """Read the first row, which has to be the header."""
    with path.open("rb") as file:
        start = file.read(LONGEST_HEADER)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise HeaderError("the file is UTF-16; save it as UTF-8")
    mark = len(BOM) if start.startswith(BOM) else 0
    body = start[mark:]
    if len(start) < LONGEST_HEADER and not body.endswith(b"\n"):
        body += b"\n"
    match = _RECORD.match(body)
    if match is None:
        raise HeaderError("the first line cannot be read as a header")
    record = match.group()
    crlf = record.endswith(b"\r\n")
    text = record[: -2 if crlf else -1]
    try:
        names = tuple(_unquote(field).decode("utf-8").strip() for field in _split(text))
    except UnicodeDecodeError:
        raise HeaderError("the header is not UTF-8") from None
    if not text.strip():
        raise HeaderError("the first line is empty; the header has to be the first line")
    return CsvHeader(
        names=names,
        end=min(mark + len(record), len(start)),
        lines=record.count(b"\n"),
        crlf=crlf,
        plain=b'"' not in text and b"\r" not in text,
    )


def read_records(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """The rest of a CSV file record by record, as it is; with False, a line that begins no whole record."""
    data, position, is_last = b"", 0, False
    while True:
        match = _RECORD.match(data, position)
        if match is None and not is_last and len(data) - position <= LONGEST_ROW:
            block = file.read(WINDOW)
            is_last = len(block) < WINDOW
            data, position = data[position:] + block, 0
            continue
        if position == len(data):
            return
        if match is None and is_last:
            # the last row may lack its newline
            match = _RECORD.match(data[position:] + b"\n")
            end = position + match.end() if match else 0
        else:
            end = match.end() if match else 0
        is_whole = bool(end)
        if not is_whole:
            newline = data.find(b"\n", position)
            end = newline + 1 if newline >= 0 else len(data)
        end = min(end, len(data))
        yield data[position:end], is_whole
        position = end


def scan_csv(source: Path, clean_copy: Path, header: CsvHeader, sink: RowSink) -> ScannedText:
    """Count the good rows of a CSV file and hand the others to the sink."""
    with _CsvScan(source, clean_copy, header, sink) as scan:
        return scan.run()


def scan_json_lines(source: Path, clean_copy: Path, sink: RowSink) -> ScannedText:
    """Count the lines of a JSON Lines file and hand the ones that are not text to the sink.

    In a clean copy NOT_A_ROW stands for a line that was blank or set aside, so that lines keep their numbers.
    """
    with _JsonScan(source, clean_copy, sink) as scan:
        return scan.run()


class _Scan(ABC):
    """Windows over a file; a subclass says what a row is."""

    def __init__(self, source: Path, clean_copy: Path, start: int, line: int, sink: RowSink) -> None:
        self.source = source
        self.clean_copy = clean_copy
        self.sink = sink
        self.position = start
        self.line = line
        self.rows = 0
        self.rejected = 0
        self.longest_row = 0
        self.copy: BinaryIO | None = None
        self.in_endless_line = False
        self.end_of_row = b"\n"

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        if self.copy is not None:
            self.copy.close()

    def run(self) -> ScannedText:
        with self.source.open("rb") as file:
            file.seek(self.position)
            pending = b""
            while True:
                block = file.read(WINDOW)
                is_last = len(block) < WINDOW
                data = pending + block
                if self.in_endless_line:
                    data = self._leave_endless_line(data)
                lone_return = is_last and data.endswith(b"\r")
                if is_last and data and not data.endswith(b"\n"):
                    data += b"\n" if lone_return else self.end_of_row
                used = self._take(data, is_last, lone_return) if data else 0
                self.position += used
                pending = data[used:]
                if is_last:
                    break
        if self.copy is not None:
            self.copy.flush()
        path = self.source if self.copy is None else self.clean_copy
        return ScannedText(path, self.rows, self.rejected, self.longest_row)

    @abstractmethod
    def _take(self, data: bytes, is_last: bool, must_copy: bool) -> int:
        """Take the whole rows of `data` and return how many bytes they were."""

    def _reject(self, reason: str, raw: bytes) -> None:
        self.rejected += 1
        self.sink.reject(self.line, reason, raw.rstrip(b"\r\n")[:LONGEST_RAW])

    def _start_endless_line(self, raw: bytes) -> None:
        self._reject(f"row_too_long: more than {LONGEST_ROW} bytes", raw[:LONGEST_RAW])
        self.in_endless_line = True

    def _leave_endless_line(self, data: bytes) -> bytes:
        end = data.find(b"\n")
        rest = b"" if end < 0 else data[end + 1 :]
        self.position += len(data) - len(rest)
        if end >= 0:
            self.in_endless_line = False
            self.line += 1
        return rest

    def _start_copy(self, head: bytes, start: int) -> BinaryIO:
        """Open the clean copy: its own head, then everything from `start` on that was taken as it is."""
        if self.copy is None:
            self.copy = self.clean_copy.open("wb")
            self.copy.write(head)
            with self.source.open("rb") as file:
                file.seek(start)
                remaining = self.position - start
                while remaining > 0:
                    block = file.read(min(WINDOW, remaining))
                    if not block:
                        break
                    self.copy.write(block)
                    remaining -= len(block)
        return self.copy


class _CsvScan(_Scan):
    def __init__(self, source: Path, clean_copy: Path, header: CsvHeader, sink: RowSink) -> None:
        super().__init__(source, clean_copy, header.end, header.lines + 1, sink)
        self.header = header
        self.commas = len(header.names) - 1
        self.end_of_row = b"\r\n" if header.crlf else b"\n"
        self.offset: int | None = None

    def run(self) -> ScannedText:
        if not self.header.plain:
            self._open_copy()
        return super().run()

    def _open_copy(self) -> BinaryIO:
        names = b",".join(b"c%d" % number for number in range(self.commas + 1))
        return self._start_copy(names + self.end_of_row, self.header.end)

    def _take(self, data: bytes, is_last: bool, must_copy: bool) -> int:
        used = -1 if must_copy else self._take_as_it_is(data, is_last)
        return self._take_row_by_row(data, is_last) if used < 0 else used

    def _take_as_it_is(self, data: bytes, is_last: bool) -> int:
        """Take the whole rows of a window that holds nothing odd: the bytes taken, or -1 for an oddity."""
        codes = np.frombuffer(data, dtype=np.uint8)
        newlines = np.flatnonzero(codes == _NEWLINE)
        quotes = np.flatnonzero(codes == _QUOTE)
        ends = newlines[(np.searchsorted(quotes, newlines) & 1) == 0] if quotes.size else newlines
        if not ends.size:
            return 0 if not is_last and len(data) <= LONGEST_ROW else -1
        size = int(ends[-1]) + 1
        if (is_last and size < len(data)) or len(data) - size > LONGEST_ROW:
            return -1
        quotes = quotes[: np.searchsorted(quotes, size)]
        if not self._quotes_are_regular(codes, quotes) or not _is_utf8(data[:size]):
            return -1
        if not self._returns_are_regular(data, codes[:size], quotes, ends):
            return -1

        starts = np.concatenate(([0], ends[:-1] + 1))
        lengths = ends - starts
        blank = (lengths == 0) | ((lengths == 1) & (codes[starts] == _RETURN))
        commas = np.flatnonzero(codes[:size] == _COMMA)
        if quotes.size:
            commas = commas[(np.searchsorted(quotes, commas) & 1) == 0]
        commas_before_end = np.searchsorted(commas, ends)
        if np.any((np.diff(commas_before_end, prepend=0) != self.commas) & ~blank):
            return -1
        if blank.any():
            if self.commas == 0:
                return -1  # the engine would read a blank line as a row of its own
            starts, lengths = starts[~blank], lengths[~blank]

        if starts.size:
            self._note_offsets(self.line + np.searchsorted(newlines, starts))
            self.rows += int(starts.size)
            self.longest_row = max(self.longest_row, int(lengths.max()))
        self.line += int(np.searchsorted(newlines, size))
        if self.copy is not None:
            self.copy.write(data[:size])
        return size

    @staticmethod
    def _quotes_are_regular(codes: np.ndarray, quotes: np.ndarray) -> bool:
        """Quotes open at the start of a field and close at its end; doubled ones inside count as both."""
        if not quotes.size:
            return True
        opening, closing = quotes[::2], quotes[1::2]
        before = codes[opening - 1]
        opens = (opening == 0) | (before == _COMMA) | (before == _NEWLINE) | (before == _QUOTE)
        after = codes[closing + 1]
        ends_line = codes[np.minimum(closing + 2, codes.size - 1)] == _NEWLINE
        closes = (after == _COMMA) | (after == _NEWLINE) | (after == _QUOTE)
        return bool(opens.all() and (closes | ((after == _RETURN) & ends_line)).all())

    def _returns_are_regular(self, data: bytes, codes: np.ndarray, quotes: np.ndarray, ends: np.ndarray) -> bool:
        """Carriage returns stand in front of every row's newline, or nowhere outside quotes."""
        if not self.header.crlf and data.find(b"\r", 0, codes.size) < 0:
            return True
        returns = np.flatnonzero(codes == _RETURN)
        if quotes.size:
            returns = returns[(np.searchsorted(quotes, returns) & 1) == 0]
        if not self.header.crlf:
            return not returns.size
        return returns.size == ends.size and bool((returns == ends - 1).all())

    def _take_row_by_row(self, data: bytes, is_last: bool) -> int:
        """Take rows one by one: good ones into the clean copy, bad ones to the sink."""
        copy = self._open_copy()
        good: list[bytes] = []
        lines: list[int] = []
        position, size = 0, len(data)
        while position < size:
            match = _RECORD.match(data, position)
            if match is None:
                end = data.find(b"\n", position)
                may_go_on = not is_last and size - position <= LONGEST_ROW
                if may_go_on and (end < 0 or _UNFINISHED.fullmatch(data, position)):
                    break
                if end < 0:
                    self._start_endless_line(data[position : position + LONGEST_RAW])
                    position = size
                    break
                raw = data[position : end + 1]
                is_open = raw.count(b'"') % 2 == 1
                self._reject("unclosed_quote" if is_open else "misplaced_quote", raw)
                self.line += 1
                position = end + 1
                continue
            position = match.end()
            record = match.group()
            row = self._checked(record[:-1].removesuffix(b"\r"))
            if row is not None:
                good.append(row)
                lines.append(self.line)
                self.longest_row = max(self.longest_row, len(row))
            self.line += record.count(b"\n")
        if good:
            self._note_offsets(np.array(lines))
            self.rows += len(good)
            copy.write(self.end_of_row.join(good) + self.end_of_row)
        return position

    def _checked(self, body: bytes) -> bytes | None:
        """The row as it goes into the clean copy; None for a blank line or a row that was set aside."""
        if not body:
            return None
        if not _is_utf8(body):
            self._reject("bad_encoding: not UTF-8", body)
            return None
        fields = _split(body)
        if len(fields) != self.commas + 1:
            self._reject(f"wrong_field_count: expected {self.commas + 1}, found {len(fields)}", body)
            return None
        if b'"' not in body and b"\r" not in body:
            return body
        return b",".join(_quote(field) for field in fields)

    def _note_offsets(self, lines: np.ndarray) -> None:
        """Tell the sink where the distance between a row's number and its line changes."""
        rows = np.arange(self.rows + 1, self.rows + 1 + lines.size)
        offsets = lines - rows
        changed = np.flatnonzero(np.diff(offsets) != 0) + 1
        if self.offset != int(offsets[0]):
            changed = np.concatenate(([0], changed))
        self.offset = int(offsets[-1])
        if changed.size:
            self.sink.line_offsets(rows[changed], offsets[changed])


class _JsonScan(_Scan):
    def __init__(self, source: Path, clean_copy: Path, sink: RowSink) -> None:
        with source.open("rb") as file:
            start = len(BOM) if file.read(len(BOM)) == BOM else 0
        super().__init__(source, clean_copy, start, 1, sink)
        self.start = start
        self.crlf: bool | None = None

    def run(self) -> ScannedText:
        if self.start:
            self._start_copy(b"", self.start)
        return super().run()

    def _take(self, data: bytes, is_last: bool, must_copy: bool) -> int:
        size = data.rfind(b"\n") + 1
        if not size:
            if not is_last and len(data) <= LONGEST_ROW:
                return 0
            self._start_endless_line(data)
            self._start_copy(b"", self.start).write(NOT_A_ROW + self.end_of_row)
            self.rows += 1
            return len(data)
        chunk = data[:size]
        if must_copy or not self._is_regular(chunk):
            chunk = self._regular(chunk)
        if self.copy is not None:
            self.copy.write(chunk)
        lines = chunk.count(b"\n")
        self.rows += lines
        self.longest_row = max(self.longest_row, size if lines == 1 else _longest_line(chunk))
        return size

    def _is_regular(self, chunk: bytes) -> bool:
        lines, returns = chunk.count(b"\n"), chunk.count(b"\r")
        if self.crlf is None:
            self.crlf = returns > 0 and chunk.find(b"\r") == chunk.find(b"\n") - 1
            self.end_of_row = b"\r\n" if self.crlf else b"\n"
        ends_match = returns == chunk.count(b"\r\n") == lines if self.crlf else not returns
        is_text = b"\x01" not in chunk and NOT_A_ROW not in chunk and b"\x00" not in chunk
        regular = ends_match and is_text and _is_utf8(chunk) and _BLANK_LINE.search(chunk) is None
        if regular:
            self.line += lines
        return regular

    def _regular(self, chunk: bytes) -> bytes:
        """The same lines, with NOT_A_ROW for those that are blank or set aside."""
        self._start_copy(b"", self.start)
        kept: list[bytes] = []
        for raw in chunk[:-1].split(b"\n"):
            body = raw.removesuffix(b"\r")
            keep = NOT_A_ROW
            if not body.strip(b" \t\r"):
                pass
            elif not _is_utf8(body):
                self._reject("bad_encoding: not UTF-8", body)
            elif any(code in body for code in (b"\r", b"\x00", b"\x01", NOT_A_ROW)):
                self._reject("malformed_json: control character", body)
            else:
                keep = body
            kept.append(keep)
            self.line += 1
        return self.end_of_row.join(kept) + self.end_of_row


def _longest_line(chunk: bytes) -> int:
    ends = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == _NEWLINE)
    return int(np.diff(ends, prepend=-1).max())


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _split(body: bytes) -> list[bytes]:
    """The fields of a row that matched, quotes included."""
    if b'"' not in body:
        return body.split(b",")
    fields: list[bytes] = []
    position = 0
    while True:
        match = _ONE_FIELD.match(body, position)
        assert match is not None
        fields.append(match.group())
        position = match.end()
        if position >= len(body):
            return fields
        position += 1


def _quote(field: bytes) -> bytes:
    if field.startswith(b'"') or (b'"' not in field and b"\r" not in field):
        return field
    return b'"' + field.replace(b'"', b'""') + b'"'


def _unquote(field: bytes) -> bytes:
    if field.startswith(b'"'):
        return field[1:-1].replace(b'""', b'"')
    return field
