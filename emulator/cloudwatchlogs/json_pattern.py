"""JSON filter patterns: ``{ ($.level = "ERROR") && ($.duration > 100) }``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
Left out, and refused by name: regular expressions, and ``[*]`` in selectors.
"""

from __future__ import annotations

import json
import operator
import re
from fnmatch import translate
from typing import TYPE_CHECKING, Any

from emulator.cloudwatchlogs.errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    Test = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<symbol>&&|\|\||<=|>=|!=|=|<|>|\(|\)|\{|\})
        | "(?P<quoted>(?:\\.|[^"\\])*)"
        | (?P<selector>\$(?:\.[\w:@-]+|\[\d+\]|\.?\["[^"]+"\]|\.?\['[^']+'\])+)
        | (?P<word>[^\s(){}&|=<>!"$%][^\s(){}&|=<>!"%]*)
    )""",
    re.VERBOSE,
)
_STEP = re.compile(r"""\.([\w:@-]+)|\[(\d+)\]|\["([^"]+)"\]|\['([^']+)'\]""")
_ORDER = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
_ABSENT = object()
_DEEPEST = 20


def json_pattern(text: str) -> Callable[[str], bool]:
    """Give the test that a pattern is; text that is not a JSON object never passes it.

    Raises:
        ServiceError: ``InvalidParameterException``.
    """
    test = _Parser(text).whole()

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict) and test(document)

    return matches


class _Parser:
    """Recursive descent; ``&&`` binds closer than ``||``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split(text)
        self._depth = 0

    def whole(self) -> Test:
        self._expect("{")
        test = self._either()
        self._expect("}")
        if self._tokens:
            raise self._error()
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("||"):
            tests.append(self._both())
        return lambda document: any(test(document) for test in tests)

    def _both(self) -> Test:
        tests = [self._condition()]
        while self._take("&&"):
            tests.append(self._condition())
        return lambda document: all(test(document) for test in tests)

    def _condition(self) -> Test:
        if not self._take("("):
            return self._comparison()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error()
        test = self._either()
        self._expect(")")
        self._depth -= 1
        return test

    def _comparison(self) -> Test:
        selector = _selector(self._next("selector"))
        kind, text = self._peek()
        if kind == "word":
            return self._fact(selector)
        self._tokens.pop(0)
        if text in _ORDER:
            return _ordered(selector, _ORDER[text], self._number())
        if kind != "symbol" or text not in {"=", "!="}:
            raise self._error()
        equals = self._value()
        if text == "=":
            return lambda document: equals(selector(document))
        return lambda document: not equals(selector(document))

    def _fact(self, selector: Callable[[Any], Any]) -> Test:
        words = self._next("word").upper(), self._next("word").upper()
        facts: dict[tuple[str, str], Test] = {
            ("IS", "NULL"): lambda document: selector(document) is None,
            ("IS", "TRUE"): lambda document: selector(document) is True,
            ("IS", "FALSE"): lambda document: selector(document) is False,
            ("NOT", "EXISTS"): lambda document: selector(document) is _ABSENT,
        }
        if words not in facts:
            raise self._error()
        return facts[words]

    def _value(self) -> Test:
        kind, text = self._peek()
        if kind not in {"word", "quoted"}:
            raise self._error()
        self._tokens.pop(0)
        number = _number(text) if kind == "word" else None
        pattern = re.compile(translate(re.sub(r"([\[?])", r"[\1]", text)))

        def equals(value: Any) -> bool:
            if isinstance(value, str):
                return pattern.match(value) is not None
            if isinstance(value, bool):
                return text.lower() == str(value).lower()
            return number is not None and isinstance(value, int | float) and value == number

        return equals

    def _number(self) -> float:
        number = _number(self._next("word"))
        if number is None:
            raise self._error()
        return number

    def _split(self, text: str) -> list[tuple[str, str]]:
        if "%" in re.sub(r'"(?:\\.|[^"\\])*"', "", text):
            raise invalid_parameter(
                "The emulator does not emulate regular expressions in filter patterns"
            )
        tokens, position, text = [], 0, text.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None or found.lastgroup is None:
                raise self._error()
            value = found[found.lastgroup]
            if found.lastgroup == "quoted":
                value = re.sub(r"\\(.)", r"\1", value)
            tokens.append((found.lastgroup, value))
            position = found.end()
        return tokens

    def _peek(self) -> tuple[str, str]:
        if not self._tokens:
            raise self._error()
        return self._tokens[0]

    def _next(self, kind: str) -> str:
        found, text = self._peek()
        if found != kind:
            raise self._error()
        self._tokens.pop(0)
        return text

    def _take(self, symbol: str) -> bool:
        if self._tokens and self._tokens[0] == ("symbol", symbol):
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise self._error()

    def _error(self) -> Exception:
        return invalid_parameter(f"Invalid filter pattern: {self._text}")


def _selector(text: str) -> Callable[[Any], Any]:
    steps = [
        int(index) if index else name or double or single
        for name, index, double, single in _STEP.findall(text)
    ]

    def select(document: Any) -> Any:
        for step in steps:
            try:
                document = document[step]
            except (LookupError, TypeError):
                return _ABSENT
        return document

    return select


def _ordered(
    selector: Callable[[Any], Any], compare: Callable[[Any, Any], bool], number: float
) -> Test:
    def test(document: Any) -> bool:
        value = selector(document)
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and compare(value, number)
        )

    return test


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
