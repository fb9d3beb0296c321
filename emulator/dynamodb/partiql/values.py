"""Values in a PartiQL statement: literals and parameters.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.data-types.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.attribute_value import normalise, normalise_item, type_of
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.partiql.tokens import Token, malformed, tokenise

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import AttributeValue, Item
    from emulator.dynamodb.expressions.document_path import DocumentPath
    from emulator.errors import ServiceError

_WORD_VALUES = {"TRUE": {"BOOL": True}, "FALSE": {"BOOL": False}, "NULL": {"NULL": True}}
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
            raise self.unexpected()
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

    def value(self) -> AttributeValue:
        """Read a literal or a parameter."""
        token = self.take()
        if token.kind == "string":
            return {"S": token.text}
        if token.kind == "number":
            return normalise({"N": token.text})
        if token.kind == "word" and token.text.upper() in _WORD_VALUES:
            return dict(_WORD_VALUES[token.text.upper()])
        reader = {"?": self._parameter, "-": self._negative, "[": self._list, "<<": self._set}
        if token.kind == "symbol" and token.text in reader:
            return reader[token.text]()
        if token == Token("symbol", "{"):
            return {"M": self._members()}
        self._position -= 1
        raise self.unexpected()

    def item(self) -> Item:
        """Read the item of an ``INSERT``."""
        value = self.value()
        if "M" not in value:
            raise malformed("the value of an INSERT must be a map")
        return normalise_item(value["M"])

    def _parameter(self) -> AttributeValue:
        if self._used_parameters == len(self._parameters):
            raise _wrong_count()
        self._used_parameters += 1
        return self._parameters[self._used_parameters - 1]

    def _negative(self) -> AttributeValue:
        if self.token.kind != "number":
            raise self.unexpected()
        return normalise({"N": f"-{self.take().text}"})

    def _list(self) -> AttributeValue:
        return {"L": self._until("]")}

    def _set(self) -> AttributeValue:
        members = self._until(">>")
        types = {type_of(member) for member in members}
        if len(types) != 1 or not types <= _SETS.keys():
            raise malformed("a set must have members, all strings, numbers or binaries")
        [type_name] = types
        return normalise({_SETS[type_name]: [member[type_name] for member in members]})

    def _until(self, closing: str) -> list[AttributeValue]:
        values: list[AttributeValue] = []
        while not self.accept(closing):
            if values:
                self.expect(",")
            values.append(self.value())
        return values

    def _members(self) -> Item:
        members: Item = {}
        while not self.accept("}"):
            if members:
                self.expect(",")
            if self.token.kind not in ("string", "name"):
                raise self.unexpected()
            name = self.take().text
            self.expect(":")
            members[name] = self.value()
        return members


def _wrong_count() -> ServiceError:
    return validation_error("Number of parameters in request and statement don't match.")
