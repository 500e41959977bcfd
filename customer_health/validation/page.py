"""A page of headings, sentences and tables: Markdown, HTML that opens anywhere, or text for a terminal.

Belongs here: layout, the same for all of them, and what Markdown must not read as its own.
Does not belong here: what a page says (validation/weights/page.py, validation/what_if/report.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from customer_health.core.templates import template

# an underscore within a word is none
_MARKUP = re.compile(r"[\\`*\[\]|]|(?<!\w)_|_(?!\w)")


@dataclass
class Page:
    """What is said, in order: each block is a heading, a sentence or a table."""

    title: str
    blocks: list[tuple[str, object]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.blocks.append(("heading", text))

    def say(self, text: str) -> None:
        self.blocks.append(("sentence", text))

    def list(self, lines: Sequence[str]) -> None:
        self.blocks.append(("list", list(lines)))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Cells as text; columns in which every cell is a number are set to the right."""
        self.blocks.append(("table", (list(head), [list(row) for row in rows])))

    def markdown(self) -> str:
        lines = [f"# {_plain(self.title)}"]
        for kind, content in self.blocks:
            lines.append("")
            if kind == "table":
                head, rows = content
                lines.append(f"| {' | '.join(_plain(cell) for cell in head)} |")
                lines.append("|" + "|".join("---:" if right else "---" for right in _numbers(head, rows)) + "|")
                lines += [f"| {' | '.join(_plain(cell) for cell in row)} |" for row in rows]
            elif kind == "list":
                lines += [f"- {_plain(line)}" for line in content]
            else:
                lines.append(("## " if kind == "heading" else "") + _plain(str(content)))
        return "\n".join(lines) + "\n"

    def html(self) -> str:
        return template(__file__, "page.html.j2").render(page=self, numbers=_numbers)

    def text(self) -> str:
        """Tables aligned, nothing escaped but line breaks."""
        lines = [self.title, "=" * len(self.title)]
        for kind, content in self.blocks:
            if kind == "table":
                head, rows = content
                right = _numbers(head, rows)
                table = [[" ".join(cell.split()) for cell in row] for row in (head, *rows)]
                widths = [max(len(row[at]) for row in table) for at in range(len(head))]
                lines += ["", *("  ".join(_padded(row, widths, right)).rstrip() for row in table)]
            elif kind == "list":
                lines += ["", *(f"- {line}" for line in content)]
            else:
                lines += ["", str(content), *(["-" * len(str(content))] if kind == "heading" else [])]
        return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """One line, without what Markdown would take for a cell, a tag, a link or emphasis."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split())).replace("<", "&lt;")


def _padded(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    for cell, width, is_number in zip(row, widths, right, strict=True):
        yield cell.rjust(width) if is_number else cell.ljust(width)


def _numbers(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[bool]:
    return [bool(rows) and all(row[at][:1] in "0123456789+-–" for row in rows) for at in range(len(head))]
