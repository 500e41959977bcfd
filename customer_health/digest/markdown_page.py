"""A digest as Markdown, for a chat, a wiki or a terminal.

Belongs here: the markup, and that everything from the data is text in it.
Does not belong here: words and numbers (content.py).
"""

from __future__ import annotations

from customer_health.core.safe_text import plain
from customer_health.digest.content import Digest, Item, Section, day


def render(digest: Digest) -> str:
    """The whole page."""
    parts = [f"# Customer health, {plain(digest.whose)}: the week to {day(digest.as_of)}"]
    if digest.stale:
        parts.append(f"> **Not the newest.** {plain(digest.stale)}")
    parts.append(plain(digest.lead))
    parts.append(
        "\n".join(
            f"- {figure.label}: **{figure.value}**{f' ({figure.note})' if figure.note else ''}"
            for figure in digest.figures
        )
    )
    parts += [_section(section) for section in digest.sections]
    parts.append(
        f"Scores as of {day(digest.as_of)}, published {digest.published_at:%Y-%m-%d %H:%M} UTC "
        f"({digest.publication_id}). Money is US dollars a month."
    )
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> str:
    head = f"## {section.title}" + (f" ({section.total})" if section.total else "")
    if not section.items:
        return f"{head}\n\n{plain(section.empty)}"
    lines = [_item(item) for item in section.items]
    if section.left_out:
        lines.append(f"- and {section.left_out:,} more in the dashboard")
    note = f"\n\n{plain(section.note)}" if section.note else ""
    return f"{head}{note}\n\n" + "\n".join(lines)


def _item(item: Item) -> str:
    grade = f" ({plain(item.grade.letter)}, {plain(item.grade.label)})" if item.grade else ""
    lines = [f"- **{plain(item.about)}**{grade}, {plain(item.amount)}"]
    lines += [f"  - {plain(fact)}" for fact in item.facts]
    if item.action:
        lines.append(f"  - To do: {plain(item.action)}")
    return "\n".join(lines)
