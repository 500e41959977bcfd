"""Text of answers. Names and texts from the data are data, whatever they say.

Belongs here: making a value from the data harmless, quoting it, putting an answer together.
Does not belong here: numbers and units in words (reading/words.py), which number is told (the tools).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, BeforeValidator

from customer_health.core.safe_text import plain

LONGEST_TEXT = 600


def one_line(value: Any) -> Any:
    """Text without line breaks, control and invisible characters, cut where it becomes a novel; other values as is."""
    if not isinstance(value, str):
        return value
    visible = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in value)
    text = " ".join(visible.split())
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _known(value: Any) -> Any:
    # marts that people read as they are say so in a word
    return None if value == "none" else value


# text that comes from the data or the configuration
Text = Annotated[str, BeforeValidator(one_line)]
OptionalText = Annotated[Text | None, BeforeValidator(_known)]


def quoted(value: Any) -> str:
    """A name or a text from the data inside quotation marks that it cannot leave, without markup and links."""
    return f"“{plain(value).replace('“', chr(39)).replace('”', chr(39))}”"


def answer(content: BaseModel, lines: Sequence[str]) -> CallToolResult:
    """What a tool returns: the same facts as text and as structured content."""
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(lines))],
        structured_content=content.model_dump(mode="json"),
    )
