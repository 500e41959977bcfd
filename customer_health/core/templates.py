"""Templates of pages, which escape whatever is put into them.

Belongs here: how a template is found, and what holds for all of them: text from outside stays text (what is HTML
already is `markupsafe.Markup`), None is nothing, and a name that nobody gave is an error.
Does not belong here: templates (`templates/` beside the modules that fill them), Markdown and chat (safe_text.py).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2


def template(module: str, name: str) -> jinja2.Template:
    """The template `templates/<name>` beside a module.

    Args:
        module: `__file__` of the module that fills it.
        name: of the file. Macros of a file are functions of its `.module`, and return Markup.

    Raises:
        jinja2.TemplateNotFound: there is no such file.
    """
    return _environment(Path(module).parent / "templates").get_template(name)


@cache
def _environment(folder: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_nothing_for_none,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # a process keeps the templates that it began with, as it keeps its modules
        auto_reload=False,
    )


def _nothing_for_none(value: Any) -> Any:
    return "" if value is None else value
