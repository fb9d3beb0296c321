"""Reads references and expressions, by precedence climbing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.apigateway.jsonpath import JsonPathError, parse_path
from emulator.apigateway.vtl import methods
from emulator.apigateway.vtl.expressions import (
    Binary,
    Expression,
    ListOf,
    Literal,
    Logical,
    MapOf,
    Not,
    RangeOf,
)
from emulator.apigateway.vtl.references import Call, Index, Member, Reference, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.apigateway.vtl.scanner import Scanner

# What `$input` and `$util` offer; a name that is neither there nor a method of Java is refused.
_TAKE_A_PATH = frozenset(("json", "path"))
OFFERED = _TAKE_A_PATH | frozenset(
    (
        "params",
        "escapeJavaScript",
        "parseJson",
        "urlEncode",
        "urlDecode",
        "base64Encode",
        "base64Decode",
    )
)

_DOLLAR = re.compile(r"\$(!?)(\{?)([A-Za-z_][\w-]*)")
_MEMBER = re.compile(r"\.([A-Za-z_][\w-]*)(\s*\()?")
_INDEX = re.compile(r"\[(?=\s*[\d$\"'-])")
_BRACE = re.compile(r"\}")
_OPEN, _CLOSE = re.compile(r"\s*\("), re.compile(r"\s*\)")
_OPEN_LIST, _CLOSE_LIST = re.compile(r"\s*\["), re.compile(r"\s*\]")
_OPEN_MAP, _CLOSE_MAP = re.compile(r"\s*\{"), re.compile(r"\s*\}")
_COMMA, _COLON, _DOTS = re.compile(r"\s*,"), re.compile(r"\s*:"), re.compile(r"\s*\.\.")
_NOT = re.compile(r"\s*(!(?!=)|not\b)")
_SPACE = re.compile(r"\s*")
_SINGLE = re.compile(r"'((?:[^']|'')*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.|"")*)"', re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+(?:[eE][+-]?\d+)?)?")
_WORD = re.compile(r"(true|false|null)\b")
_WORDS = {"true": True, "false": False, "null": None}

# Weakest first; words are Velocity's other spelling of the same operators.
_LEVELS = (
    re.compile(r"\s*(\|\||or\b)"),
    re.compile(r"\s*(&&|and\b)"),
    re.compile(r"\s*(==|!=|eq\b|ne\b)"),
    re.compile(r"\s*(<=|>=|<|>|le\b|ge\b|lt\b|gt\b)"),
    re.compile(r"\s*([+-])"),
    re.compile(r"\s*([*/%])"),
)
_SPELLED = {
    "or": "||",
    "and": "&&",
    "eq": "==",
    "ne": "!=",
    "le": "<=",
    "ge": ">=",
    "lt": "<",
    "gt": ">",
}


class ExpressionParser:
    """Reads expressions where a scanner stands.

    Args:
        interpolate: reads the text of a string in double quotes, a template of its own.
    """

    def __init__(self, scanner: Scanner, interpolate: Callable[[str], Expression]) -> None:
        self._scanner = scanner
        self._interpolate = interpolate

    def reference(self) -> Reference | None:
        """Read a reference if one comes next."""
        scanner = self._scanner
        start = scanner.position
        found = scanner.take(_DOLLAR)
        if found is None:
            return None
        steps: list[Step] = []
        while step := self._step():
            steps.append(step)
        if found[2] and not scanner.take(_BRACE):
            scanner.position = start
            return None
        return Reference(
            name=found[3],
            steps=tuple(steps),
            source=scanner.text[start : scanner.position],
            quiet=bool(found[1]),
        )

    def expression(self, level: int = 0) -> Expression:
        """Read an expression whose operators bind at least as tightly as ``level``."""
        if level == len(_LEVELS):
            return self._unary()
        left = self.expression(level + 1)
        while found := self._scanner.take(_LEVELS[level]):
            operator = _SPELLED.get(found[1], found[1])
            right = self.expression(level + 1)
            left = (
                Logical(operator == "&&", left, right)
                if operator in ("&&", "||")
                else Binary(operator, left, right)
            )
        return left

    def in_parentheses(self) -> Expression:
        """Read ``(expression)``."""
        self._scanner.expect(_OPEN, "'('")
        inner = self.expression()
        self._scanner.expect(_CLOSE, "')'")
        return inner

    def _step(self) -> Step | None:
        scanner = self._scanner
        if found := scanner.take(_MEMBER):
            return self._call(found[1]) if found[2] else Member(found[1])
        if scanner.take(_INDEX):
            index = self.expression()
            scanner.expect(_CLOSE_LIST, "']'")
            return Index(index)
        return None

    def _call(self, name: str) -> Call:
        if name not in OFFERED and not methods.is_known(name):
            raise self._scanner.error(f"method {name}() is not supported")
        arguments = self._sequence(_CLOSE, "')'")
        if name in _TAKE_A_PATH and arguments and isinstance(arguments[0], Literal):
            self._check_path(arguments[0].value)
        return Call(name, arguments)

    def _check_path(self, path: Any) -> None:
        try:
            parse_path(path)
        except JsonPathError as error:
            raise self._scanner.error(str(error)) from error

    def _sequence(
        self, close: re.Pattern[str], what: str, first: Expression | None = None
    ) -> tuple[Expression, ...]:
        """Read expressions between commas up to ``close``; ``first`` was read before."""
        items = [first] if first else []
        while not self._scanner.take(close):
            if items:
                self._scanner.expect(_COMMA, f"',' or {what}")
            items.append(self.expression())
        return tuple(items)

    def _unary(self) -> Expression:
        if self._scanner.take(_NOT):
            return Not(self._unary())
        self._scanner.take(_SPACE)
        value = self.reference() or self._literal() or self._collection()
        return value or self.in_parentheses()

    def _literal(self) -> Expression | None:
        scanner = self._scanner
        if found := scanner.take(_SINGLE):
            return Literal(found[1].replace("''", "'"))
        if found := scanner.take(_DOUBLE):
            return self._interpolate(found[1].replace('""', '"'))
        if found := scanner.take(_NUMBER):
            return Literal(_number(found[0]))
        if found := scanner.take(_WORD):
            return Literal(_WORDS[found[1]])
        return None

    def _collection(self) -> Expression | None:
        scanner = self._scanner
        if scanner.take(_OPEN_LIST):
            return self._list()
        if scanner.take(_OPEN_MAP):
            return self._map()
        return None

    def _list(self) -> Expression:
        if self._scanner.take(_CLOSE_LIST):
            return ListOf(())
        first = self.expression()
        if self._scanner.take(_DOTS):
            last = self.expression()
            self._scanner.expect(_CLOSE_LIST, "']'")
            return RangeOf(first, last)
        return ListOf(self._sequence(_CLOSE_LIST, "']'", first))

    def _map(self) -> Expression:
        members: list[tuple[Expression, Expression]] = []
        while not self._scanner.take(_CLOSE_MAP):
            if members:
                self._scanner.expect(_COMMA, "',' or '}'")
            name = self.expression()
            self._scanner.expect(_COLON, "':'")
            members.append((name, self.expression()))
        return MapOf(tuple(members))


def _number(text: str) -> Any:
    return float(text) if "." in text else int(text)
