"""Values in a PartiQL statement: literals and parameters.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.data-types.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.dynamodb.attribute_value import normalise, normalise_item, type_of
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.partiql.tokens import Token, malformed, tokenise
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.dynamodb.attribute_value import AttributeValue, Item
    from emulator.dynamodb.expressions.document_path import DocumentPath

_WORD_VALUES = {"TRUE": {"BOOL": True}, "FALSE": {"BOOL": False}, "NULL": {"NULL": True}}
_ROOT = "root"
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)$")
# Larger ones cannot be read at all, by the Java that AWS reads them with.
_LARGEST_EXPONENT = 2**31 - 1
_SETS = {"S": "SS", "N": "NS", "B": "BS"}


class ValueParser:
    """Reads one statement, token by token; knows values and paths.

    Args:
        parameters: what the question marks stand for, in order.
    """

    def __init__(self, statement: str, parameters: list[AttributeValue]) -> None:
        self._tokens = tokenise(statement)
        self._position = 0
        self._parameters = [normalise(parameter) for parameter in parameters]
        self._used_parameters = 0

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._position]

    def take(self) -> Token:
        """Step over a token."""
        token = self.token
        self._position += 1
        return token

    def accept(self, symbol: str) -> bool:
        """Step over a symbol if it comes next."""
        if self.token != Token("symbol", symbol):
            return False
        self._position += 1
        return True

    def expect(self, symbol: str) -> None:
        """Step over a symbol that must come next."""
        if not self.accept(symbol):
            raise self.unexpected()

    def at_words(self, *words: str) -> bool:
        """Tell whether these keywords, in any case, come next."""
        following = self._tokens[self._position : self._position + len(words)]
        return [(token.kind, token.text.upper()) for token in following] == [
            ("word", word) for word in words
        ]

    def accept_words(self, *words: str) -> bool:
        """Step over keywords if they come next."""
        if not self.at_words(*words):
            return False
        self._position += len(words)
        return True

    def expect_words(self, *words: str) -> None:
        """Step over keywords that must come next."""
        if not self.accept_words(*words):
            raise self.unexpected()

    def at_call(self) -> bool:
        """Tell whether a function's name and an opening parenthesis come next."""
        following = self._tokens[min(self._position + 1, len(self._tokens) - 1)]
        return self.token.kind == "word" and following == Token("symbol", "(")

    def end(self) -> None:
        """Refuse anything that is left, and parameters that nothing asked for."""
        if self.token.kind != "end":
            raise malformed("Unexpected token after expression")
        if self._used_parameters != len(self._parameters):
            raise _wrong_count()

    def unexpected(self) -> ServiceError:
        """Refuse the token that comes next."""
        return malformed(f"Unexpected token: {self.token.text}")

    def name(self) -> str:
        """Read a name, quoted or not."""
        if self.token.kind not in ("word", "name"):
            raise self.unexpected()
        return self.take().text

    def path(self) -> DocumentPath:
        """Read a document path."""
        elements: list[str | int] = [self.name()]
        while True:
            if self.accept("."):
                elements.append(self.name())
            elif self.accept("["):
                if self.token.kind != "number" or not self.token.text.isdigit():
                    raise self.unexpected()
                elements.append(int(self.take().text))
                self.expect("]")
            else:
                return tuple(elements)

    def at_value(self) -> bool:
        """Tell whether a literal or a parameter comes next."""
        if self.token.kind == "word":
            return self.token.text.upper() in _WORD_VALUES
        return self.token.kind in ("string", "number") or (
            self.token.kind == "symbol" and self.token.text in ("?", "-", "[", "{", "<<")
        )

    def value(self, path: str = _ROOT) -> AttributeValue:
        """Read a literal or a parameter; the path to it is named if it is out of bounds."""
        token = self.take()
        if token.kind == "string":
            return {"S": token.text}
        if token.kind == "number":
            return _number(token.text, path)
        if token.kind == "word" and token.text.upper() in _WORD_VALUES:
            return dict(_WORD_VALUES[token.text.upper()])
        readers: dict[str, Callable[[], AttributeValue]] = {
            "?": self._parameter,
            "-": lambda: self._negative(path),
            "[": lambda: {"L": self._until("]", path)},
            "<<": lambda: self._set(path),
            "{": lambda: {"M": self._members(path)},
        }
        if token.kind == "symbol" and token.text in readers:
            return readers[token.text]()
        self._position -= 1
        raise self.unexpected()

    def item(self) -> Item:
        """Read the item of an ``INSERT``."""
        value = {"M": self._members(None)} if self.accept("{") else self.value()
        if "M" not in value:
            raise malformed("the value of an INSERT must be a map")
        return normalise_item(value["M"])

    def _parameter(self) -> AttributeValue:
        if self._used_parameters == len(self._parameters):
            raise _wrong_count()
        self._used_parameters += 1
        return self._parameters[self._used_parameters - 1]

    def _negative(self, path: str) -> AttributeValue:
        if self.token.kind != "number":
            raise self.unexpected()
        return _number(f"-{self.take().text}", path)

    def _set(self, path: str) -> AttributeValue:
        members = self._until(">>", path)
        types = {type_of(member) for member in members}
        if len(types) != 1 or not types <= _SETS.keys():
            raise malformed("a set must have members, all strings, numbers or binaries")
        [type_name] = types
        return normalise({_SETS[type_name]: [member[type_name] for member in members]})

    def _until(self, closing: str, path: str) -> list[AttributeValue]:
        values: list[AttributeValue] = []
        while not self.accept(closing):
            if values:
                self.expect(",")
            values.append(self.value(f"{path}[{len(values)}]"))
        return values

    def _members(self, path: str | None) -> Item:
        """Read a map; the members of an item are roots themselves."""
        members: Item = {}
        while not self.accept("}"):
            if members:
                self.expect(",")
            if self.token.kind not in ("string", "name"):
                raise self.unexpected()
            name = self.take().text
            self.expect(":")
            members[name] = self.value(_ROOT if path is None else f"{path}.{name}")
        return members


def _number(text: str, path: str) -> AttributeValue:
    exponent = _EXPONENT.search(text)
    if exponent is not None and abs(int(exponent[1])) > _LARGEST_EXPONENT:
        raise malformed("")
    try:
        return normalise({"N": text})
    except ServiceError as error:
        raise validation_error(f"{error.message} under {path}") from error


def _wrong_count() -> ServiceError:
    return validation_error("Number of parameters in request and statement don't match.")
