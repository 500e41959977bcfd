"""YAML that a person wrote or sent, read so that it cannot cost more than it is worth.

Belongs here: bounds of size and depth, no aliases, no key twice, and the line of each key.
Does not belong here: what the values must be (configuration/var_checks.py); files of our own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

LARGEST_BYTES = 100_000
DEEPEST = 10


class UnsafeYamlError(ValueError):
    """The text is no YAML, or none that is read here; the message says where."""


def read_yaml(path: Path) -> tuple[Any, dict[str, int]]:
    """The content of a file, and the line of each key at its top.

    Raises:
        UnsafeYamlError: the file is too large or too deep, no UTF-8, no YAML, repeats a key or refers to itself.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise UnsafeYamlError(f"the file has more than {LARGEST_BYTES // 1000} kB, which none of its kind needs")
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            lines = (
                {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
                if isinstance(node, yaml.MappingNode)
                else {}
            )
            return (None if node is None else loader.construct_document(node)), lines
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise UnsafeYamlError(f"the file cannot be read as YAML: {' '.join(str(error).split())}") from error


class _Loader(yaml.SafeLoader):
    """Refuses while it composes, before anything is built of what it read."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise _refused("an alias (*name); write the value again", self.peek_event())
        if self._depth >= DEEPEST:
            raise _refused(f"more than {DEEPEST} levels", self.peek_event())
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise _refused(f"'{key.value}' a second time; keep one of them", key)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _refused(what: str, place: Any) -> yaml.YAMLError:
    return yaml.YAMLError(f"line {place.start_mark.line + 1} has {what}")
