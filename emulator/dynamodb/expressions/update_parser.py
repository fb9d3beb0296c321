"""The grammar of update expressions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.attribute_value import type_of
from emulator.dynamodb.expressions.conditions import SETS
from emulator.dynamodb.expressions.document_path import check_distinct
from emulator.dynamodb.expressions.parser import Parser
from emulator.dynamodb.expressions.updates import (
    Action,
    Arithmetic,
    Copied,
    Given,
    IfNotExists,
    ListAppend,
    SetOperand,
    Update,
)

if TYPE_CHECKING:
    from emulator.dynamodb.expressions.placeholders import Placeholders

_SECTIONS = ("SET", "REMOVE", "ADD", "DELETE")
_TYPE_WORDS = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "L": "LIST",
    "M": "MAP",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
}


def parse_update(expression: str, placeholders: Placeholders) -> Update:
    """Read a whole update expression."""
    return _UpdateParser("UpdateExpression", expression, placeholders).parse()


class _UpdateParser(Parser):
    """Reads sections, each at most once, in any order."""

    def parse(self) -> Update:
        actions: list[Action] = []
        seen: set[str] = set()
        while self.token.kind != "end":
            section = self.token.text.upper()
            if self.token.kind != "name" or section not in _SECTIONS:
                raise self.syntax_error()
            self.take()
            if section in seen:
                raise self.problem(
                    f'The "{section}" section can only be used once in an update expression;'
                )
            seen.add(section)
            actions += self._section(section)
        check_distinct([action.path for action in actions], "UpdateExpression")
        return Update(tuple(actions))

    def _section(self, section: str) -> list[Action]:
        actions = [self._action(section)]
        while self.accept(","):
            actions.append(self._action(section))
        return actions

    def _action(self, section: str) -> Action:
        path = self.document_path()
        if section == "REMOVE":
            return Action(section, path)
        if section == "SET":
            self.expect("=")
            return Action(section, path, self._sum())
        return Action(section, path, self._literal(section))

    def _literal(self, section: str) -> Given:
        if self.token.kind != "value_placeholder":
            raise self.syntax_error()
        value = self.value()
        allowed = (*SETS, "N") if section == "ADD" else SETS
        if type_of(value) not in allowed:
            raise self.problem(
                "Incorrect operand type for operator or function; "
                f"operator: {section}, operand type: {_TYPE_WORDS[type_of(value)]}, "
                f"typeSet: ALLOWED_FOR_{section}_OPERAND"
            )
        return Given(value)

    def _sum(self) -> SetOperand:
        left = self._operand()
        if self.token.text not in ("+", "-"):
            return left
        operator = self.take().text
        self.count_operator()
        right = self._operand()
        self._check_literal(operator, left, "N")
        self._check_literal(operator, right, "N")
        return Arithmetic(operator, left, right)

    def _operand(self) -> SetOperand:
        if self.accept("("):
            inner = self._sum()
            self.expect(")")
            return inner
        if self.token.kind == "value_placeholder":
            return Given(self.value())
        if self.at_function():
            return self._function()
        return Copied(self.document_path())

    def _function(self) -> SetOperand:
        name = self.take().text
        self.count_operator()
        if name not in ("if_not_exists", "list_append"):
            raise self.problem(f"Invalid function name; function: {name}")
        self.expect("(")
        arguments = [self._operand()]
        while self.accept(","):
            arguments.append(self._operand())
        self.expect(")")
        if len(arguments) != 2:  # noqa: PLR2004 -- both functions take two
            raise self.problem(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(arguments)}"
            )
        return self._called(name, *arguments)

    def _called(self, name: str, first: SetOperand, second: SetOperand) -> SetOperand:
        if name == "list_append":
            self._check_literal(name, first, "L")
            self._check_literal(name, second, "L")
            return ListAppend(first, second)
        if not isinstance(first, Copied):
            raise self.problem(
                f"Operator or function requires a document path; operator or function: {name}"
            )
        return IfNotExists(first.path, second)

    def _check_literal(self, operator: str, operand: SetOperand, allowed: str) -> None:
        if isinstance(operand, Given) and type_of(operand.value) != allowed:
            raise self.problem(
                "Incorrect operand type for operator or function; operator or function: "
                f"{operator}, operand type: {type_of(operand.value)}"
            )
