"""Filter patterns: terms, quoted phrases, ``?a ?b``, ``-c``, and JSON ``{ $.level = "ERROR" }``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
Regular expressions (``%…%``) and space-delimited patterns (``[a, b]``) are refused by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.cloudwatchlogs.errors import invalid_parameter
from emulator.cloudwatchlogs.json_pattern import json_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    Matches = Callable[[str], bool]

_TERM = re.compile(r'\s*([?-]?)(?:"((?:\\.|[^"\\])*)"|([^\s"]+))')
_WORD = re.compile(r"\w+", re.ASCII)


def parse_filter_pattern(pattern: str) -> Matches:
    """Give the test that a pattern is.

    Raises:
        ServiceError: ``InvalidParameterException``: it is none, or not emulated.
    """
    text = pattern.strip()
    if not text:
        return lambda _: True
    if text.startswith("{"):
        return json_pattern(text)
    if text.startswith("["):
        raise invalid_parameter("The emulator does not emulate space-delimited filter patterns")
    if text.startswith("%"):
        raise invalid_parameter(
            "The emulator does not emulate regular expressions in filter patterns"
        )
    return _terms(text)


def _terms(text: str) -> Matches:
    required: list[str] = []
    optional: list[str] = []
    excluded: list[str] = []
    kinds = {"": required, "?": optional, "-": excluded}
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None or not (found[3] is None or _WORD.fullmatch(found[3])):
            raise invalid_parameter(
                "Invalid character(s) in term: a term that is more than letters, digits and _"
                ' belongs in double quotes ("…")'
            )
        term = found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
        kinds[found[1]].append(term)
        position = found.end()

    def matches(message: str) -> bool:
        if any(term in message for term in excluded):
            return False
        if required or not optional:
            # Beside other terms, those with a question mark mean nothing.
            return all(term in message for term in required)
        return any(term in message for term in optional)

    return matches
