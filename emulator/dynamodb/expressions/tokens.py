"""The words of an expression and where they stand.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<name_placeholder>\#[A-Za-z0-9_]+)
      | (?P<value_placeholder>:[A-Za-z0-9_]+)
      | (?P<number>[0-9]+)
      | (?P<symbol><>|<=|>=|[=<>()\[\].,+\-])
      | (?P<space>\s+)
      | (?P<unknown>.)""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word of an expression."""

    kind: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=512)
def tokenise(expression: str) -> tuple[Token, ...]:
    """Take an expression apart; the last token is the end."""
    tokens = [
        Token(str(match.lastgroup), match[0], match.start(), match.end())
        for match in _TOKEN.finditer(expression)
        if match.lastgroup != "space"
    ]
    end = len(expression)
    return (*tokens, Token("end", "<EOF>", end, end))
