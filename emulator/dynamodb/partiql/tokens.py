"""The words of a PartiQL statement.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.data-types.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from emulator.dynamodb.errors import validation_error

if TYPE_CHECKING:
    from emulator.errors import ServiceError

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
      | (?P<name>"(?:[^"]|"")*")
      | (?P<string>'(?:[^']|'')*')
      | (?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
      | (?P<symbol><<|>>|<>|!=|<=|>=|[=<>()\[\]{}.,:?*+\-;])
      | (?P<unknown>.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A word of a statement; the text of names and strings is without its quotes."""

    kind: str
    text: str


def tokenise(statement: str) -> list[Token]:
    """Take a statement apart, without its comments; the last token is the end."""
    tokens = []
    for match in _TOKEN.finditer(statement):
        kind, text = str(match.lastgroup), match[0]
        if kind in ("name", "string"):
            text = text[1:-1].replace(text[0] * 2, text[0])
        if kind == "unknown":
            raise malformed("")
        if kind != "space":
            tokens.append(Token(kind, text))
    if tokens and tokens[-1] == Token("symbol", ";"):
        tokens.pop()
    return [*tokens, Token("end", "end of statement")]


def malformed(reason: str) -> ServiceError:
    """Refuse a statement that cannot be read."""
    return validation_error(f"Statement wasn't well formed, can't be processed: {reason}")
