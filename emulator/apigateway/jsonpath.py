"""JSONPath, as far as ``$input.json`` and ``$input.path`` are used: names, indexes and ``*``.

https://github.com/json-path/JsonPath
Left out, and refused by name: ``..``, slices, filters and functions.
"""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(
    r"""\.(?P<name>[\w-]+)|\[\s*'(?P<quoted>[^']*)'\s*\]|\[\s*"(?P<double>[^"]*)"\s*\]"""
    r"""|\[\s*(?P<index>-?\d+)\s*\]|(?P<all>\.\*|\[\s*\*\s*\])"""
)

Step = str | int | None


class JsonPathError(ValueError):
    """A path that is broken or uses what is not supported."""


def parse_path(path: str) -> tuple[Step, ...]:
    """Take a path apart; ``None`` stands for ``*``.

    Raises:
        JsonPathError: the path cannot be read.
    """
    # API Gateway takes `foo` for `$.foo`.
    rest = path[1:] if path.startswith("$") else f".{path}"
    steps: list[Step] = []
    position = 0
    while position < len(rest):
        found = _STEP.match(rest, position)
        if found is None:
            raise JsonPathError(f"JSONPath {path} is not supported at {rest[position:]}")
        steps.append(_step(found))
        position = found.end()
    return tuple(steps)


def find(document: Any, steps: tuple[Step, ...]) -> Any:
    """Follow a path; ``None`` where it leads nowhere, a list after a ``*``."""
    for number, step in enumerate(steps):
        if step is None:
            found = (find(item, steps[number + 1 :]) for item in _children(document))
            return [value for value in found if value is not None]
        document = _child(document, step)
    return document


def _step(found: re.Match[str]) -> Step:
    if found["all"]:
        return None
    if found["index"]:
        return int(found["index"])
    return found["name"] or found["quoted"] or found["double"] or ""


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _child(value: Any, step: str | int) -> Any:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
        return value[step]
    return None
