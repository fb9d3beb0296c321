"""Says what is wrong with a payload that is no JSON, as AWS's parser does (Jackson).

Reported by users, for example "Unexpected character (''' (code 39)): was expecting double-quote to
start field name"; the commonest mistakes have its words, all have its position.
"""

from __future__ import annotations

import json
import re

_TOKENS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_HIDDEN = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);"
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_EXPECTED = {
    "Expecting property name enclosed in double quotes": "double-quote to start field name",
    "Expecting ':' delimiter": "a colon to separate field name and value",
}


class _ConstantError(Exception):
    """A number that JSON does not have: NaN, Infinity."""


def check_json(payload: bytes) -> str | None:
    """Tell what is wrong with a payload; ``None`` if it is JSON."""
    try:
        # Decoded here: from bytes, UTF-16 would be taken as well, which the runtime does not.
        json.loads(payload.decode(), parse_constant=_refuse_constant)
    except _ConstantError as error:
        return _explain_constant(payload.decode(), str(error))
    except UnicodeDecodeError as error:
        byte = payload[error.start]
        problem = f"Invalid UTF-8 start byte 0x{byte:02x}"
        text = payload[: error.start].decode(errors="replace")
        return problem + _at(text, len(text) + 1)
    except json.JSONDecodeError as error:
        return _explain(error.doc, error.pos, error.msg)
    except RecursionError:
        depth = 1000
        return f"Document nesting depth ({depth + 1}) exceeds the maximum allowed ({depth})"
    return None


def _refuse_constant(name: str) -> None:
    raise _ConstantError(name)


def _explain_constant(text: str, name: str) -> str:
    position = next(
        match.end() for match in re.finditer(r'"(?:[^"\\]|\\.)*"|-?\w+', text) if match[0] == name
    )
    problem = (
        f"Non-standard token '{name}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
    )
    return problem + _at(text, position)


def _explain(text: str, position: int, reason: str) -> str:
    if reason.startswith("Unterminated string"):
        problem = "Unexpected end-of-input: was expecting closing quote for a string value"
        return problem + _at(text, len(text))
    if reason.startswith("Invalid control character"):
        problem = (
            f"Illegal unquoted character ((CTRL-CHAR, code {ord(text[position])})): has to be"
            " escaped using backslash to be included in string value"
        )
        return problem + _at(text, position + 1)
    position += len(text[position:]) - len(text[position:].lstrip(" \t\r\n"))
    if position >= len(text):
        return _end_of_input(text)
    character = text[position]
    word = _WORD.match(text, position)
    if word and (reason.startswith(("Expecting value", "Extra data"))):
        problem = f"Unrecognized token '{word[0]}': was expecting {_TOKENS}"
        return problem + _at(text, position + len(word[0]))
    expected = f"expected a valid value {_TOKENS}"
    if reason in _EXPECTED:
        expected = f"was expecting {_EXPECTED[reason]}"
    elif reason == "Expecting ',' delimiter":
        container = _open_containers(text[:position])[-1][0]
        expected = f"was expecting comma to separate {container} entries"
    problem = f"Unexpected character ('{character}' (code {ord(character)})): {expected}"
    return problem + _at(text, position + 1)


def _end_of_input(text: str) -> str:
    containers = _open_containers(text)
    if not containers:
        return "No content to map due to end-of-input" + _at(text, len(text))
    container, position = containers[-1]
    started = _at(text, position)[1:]
    problem = (
        f"Unexpected end-of-input: expected close marker for {container} (start marker{started})"
    )
    return problem + _at(text, len(text))


def _open_containers(text: str) -> list[tuple[str, int]]:
    """List the objects and arrays that are not closed, and where they begin."""
    opened: list[tuple[str, int]] = []
    # Strings are passed over; the text is JSON up to its mistake.
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if match[0] in "[{":
            opened.append(("Array" if match[0] == "[" else "Object", match.start()))
        elif match[0] in "]}":
            opened.pop()
    return opened


def _at(text: str, position: int) -> str:
    """Write a position as line and column; the column is that of the next character."""
    before = text[:position]
    line = before.count("\n") + 1
    column = position - (before.rfind("\n") + 1) + 1
    return f"\n at {_HIDDEN} line: {line}, column: {column}]"
