"""What all expressions have in common: tokens in a row, document paths and placeholders.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.Attributes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.errors import RewordedError, validation_error
from emulator.dynamodb.expressions.reserved_words import reserved_words
from emulator.dynamodb.expressions.tokens import Token, tokenise

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import AttributeValue
    from emulator.dynamodb.expressions.document_path import DocumentPath
    from emulator.dynamodb.expressions.placeholders import Placeholders
    from emulator.errors import ServiceError

MAXIMUM_EXPRESSION_BYTES = 4096
MAXIMUM_OPERATORS = 300


class Parser:
    """Reads one expression, token by token.

    Args:
        name: of the request's member, for example ``ConditionExpression``; errors begin with it.
    """

    def __init__(self, name: str, expression: str, placeholders: Placeholders) -> None:
        self._name = name
        self._expression = expression
        self._placeholders = placeholders
        self._tokens = tokenise(expression)
        self._position = 0
        self._operator_count = 0
        if len(self._tokens) == 1:
            raise self.problem("The expression can not be empty;")
        if len(expression.encode()) > MAXIMUM_EXPRESSION_BYTES:
            raise self._too_long(len(expression.encode()))

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._position]

    @property
    def position(self) -> int:
        """The number of the token that comes next."""
        return self._position

    def take(self) -> Token:
        """Step over a token."""
        token = self.token
        self._position += 1
        return token

    def accept(self, symbol: str) -> bool:
        """Step over a symbol if it comes next."""
        if self.token.kind != "symbol" or self.token.text != symbol:
            return False
        self._position += 1
        return True

    def expect(self, symbol: str) -> None:
        """Step over a symbol that must come next."""
        if not self.accept(symbol):
            raise self.syntax_error()

    def at_keyword(self, keyword: str) -> bool:
        """Tell whether a keyword, in any case, comes next."""
        return self.token.kind == "name" and self.token.text.upper() == keyword

    def accept_keyword(self, keyword: str) -> bool:
        """Step over a keyword if it comes next."""
        if not self.at_keyword(keyword):
            return False
        self._position += 1
        return True

    def at_function(self) -> bool:
        """Tell whether a name and an opening parenthesis come next."""
        return self.token.kind == "name" and self._tokens[self._position + 1].text == "("

    def end(self) -> None:
        """Refuse anything that is left."""
        if self.token.kind != "end":
            raise self.syntax_error()

    def document_path(self) -> DocumentPath:
        """Read a path: ``a``, ``#a.b[0]`` …."""
        elements: list[str | int] = [self._attribute_name()]
        while True:
            if self.accept("."):
                elements.append(self._attribute_name())
            elif self.accept("["):
                if self.token.kind != "number":
                    raise self.syntax_error()
                elements.append(int(self.take().text))
                self.expect("]")
            else:
                return tuple(elements)

    def value(self) -> AttributeValue:
        """Read ``:value``."""
        token = self.take()
        found = self._placeholders.value(token.text)
        if found is None:
            raise self.problem(
                "An expression attribute value used in expression is not defined; "
                f"attribute value: {token.text}"
            )
        return found

    def count_operator(self) -> None:
        """Count an operator or function, of which an expression has 300 at most."""
        self._operator_count += 1
        if self._operator_count > MAXIMUM_OPERATORS:
            raise self.problem(
                "The expression contains too many operators; "
                f"operator count: {self._operator_count}"
            )

    def syntax_error(self) -> ServiceError:
        """Refuse the token that comes next, as AWS does: with its neighbours."""
        position = self._position
        before = self._tokens[max(position - 1, 0)]
        after = self._tokens[min(position + 1, len(self._tokens) - 1)]
        near = self._expression[before.start : after.end]
        return self.problem(f'Syntax error; token: "{self.token.text}", near: "{near}"')

    def problem(self, text: str) -> ServiceError:
        """Refuse the expression."""
        return validation_error(f"Invalid {self._name}: {text}")

    def _too_long(self, size_bytes: int) -> ServiceError:
        text = f"Invalid {self._name}: Expression size has exceeded the maximum allowed size;"
        size = "" if self._name == "UpdateExpression" else f" expression size: {size_bytes}"
        return RewordedError(text, older=f"{text}{size}")

    def _attribute_name(self) -> str:
        token = self.token
        if token.kind == "name":
            if token.text.upper() in reserved_words():
                raise self.problem(
                    f"Attribute name is a reserved keyword; reserved keyword: {token.text}"
                )
            return self.take().text
        if token.kind != "name_placeholder":
            raise self.syntax_error()
        name = self._placeholders.name(self.take().text)
        if name is None:
            raise self.problem(
                "An expression attribute name used in the document path is not defined; "
                f"attribute name: {token.text}"
            )
        return name
