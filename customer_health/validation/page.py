"""A page of headings, sentences and tables: Markdown, HTML that opens anywhere, or text for a terminal.

Belongs here: escaping and layout, the same for all of them.
Does not belong here: what a page says (validation/weights/page.py, validation/what_if/report.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #d5dbe3; padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; }
th { background: #f2f5f8; } .number { text-align: right; }
"""

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
        lines = [
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(self.title)}</title><style>{STYLE}</style></head>",
            f"<body><main><h1>{escape(self.title)}</h1>",
        ]
        for kind, content in self.blocks:
            if kind == "table":
                head, rows = content
                classes = [' class="number"' if right else "" for right in _numbers(head, rows)]
                lines.append("<table><thead><tr>" + _cells("th", head, classes) + "</tr></thead><tbody>")
                lines += [f"<tr>{_cells('td', row, classes)}</tr>" for row in rows]
                lines.append("</tbody></table>")
            elif kind == "list":
                lines.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in content) + "</ul>")
            else:
                tag = "h2" if kind == "heading" else "p"
                lines.append(f"<{tag}>{escape(str(content))}</{tag}>")
        return "\n".join([*lines, "</main></body></html>", ""])

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


def _cells(tag: str, cells: Sequence[str], classes: Sequence[str]) -> str:
    return "".join(f"<{tag}{kind}>{escape(cell)}</{tag}>" for cell, kind in zip(cells, classes, strict=True))


def _numbers(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[bool]:
    return [bool(rows) and all(row[at][:1] in "0123456789+-–" for row in rows) for at in range(len(head))]
