"""The ``WHERE`` of a PartiQL statement, read into conditions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-functions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.attribute_value import type_of
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.expressions.conditions import (
    ORDERED_TYPES,
    And,
    AttributeExists,
    AttributeType,
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Contains,
    In,
    Literal,
    Not,
    Operand,
    Or,
    Path,
    Size,
)
from emulator.dynamodb.partiql.tokens import malformed
from emulator.dynamodb.partiql.values import ValueParser

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARATORS = {
    "=": "=",
    "<>": "<>",
    "!=": "<>",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_TWO_ARGUMENTS = ("begins_with", "contains", "attribute_type")
_EXISTENCE = ("attribute_exists", "attribute_not_exists")
_TYPES = {
    **dict.fromkeys(("BOOL", "BOOLEAN"), "BOOL"),
    "STRING": "S",
    "NULL": "NULL",
    "LIST": "L",
    "STRUCT": "M",
}


class ConditionParser(ValueParser):
    """Reads conditions by recursive descent: ``OR`` binds weakest, then ``AND``, then ``NOT``."""

    def condition(self) -> Condition:
        """Read a condition."""
        left = self._and()
        while self.accept_words("OR"):
            left = Or(left, self._and())
        return left

    def _and(self) -> Condition:
        left = self._not()
        while self.accept_words("AND"):
            left = And(left, self._not())
        return left

    def _not(self) -> Condition:
        if self.accept_words("NOT"):
            return Not(self._not())
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        if self.at_call() and self.token.text.lower() in (*_TWO_ARGUMENTS, *_EXISTENCE):
            return self._compared_with_truth(self._call())
        return self._predicate(self._operand())

    def _compared_with_truth(self, condition: Condition) -> Condition:
        if not self.accept("="):
            return condition
        if self.accept_words("FALSE"):
            return Not(condition)
        self.expect_words("TRUE")
        return condition

    def _predicate(self, left: Operand) -> Condition:
        if self.token.kind == "symbol" and self.token.text in _COMPARATORS:
            comparator = _COMPARATORS[self.take().text]
            right = self._operand()
            if comparator not in ("=", "<>"):
                _check_ordered(comparator, left, right)
            return Comparison(comparator, left, right)
        readers: dict[str, Callable[[Operand], Condition]] = {
            "BETWEEN": self._between,
            "IN": self._in,
            "IS": self._is,
        }
        for word, read in readers.items():
            if self.accept_words(word):
                return read(left)
            if self.accept_words("NOT", word):
                return Not(read(left))
        raise self.unexpected()

    def _between(self, left: Operand) -> Condition:
        lower = self._operand()
        self.expect_words("AND")
        upper = self._operand()
        _check_ordered("BETWEEN", left, lower, upper)
        return Between(left, lower, upper)

    def _in(self, left: Operand) -> Condition:
        closing = ")" if self.accept("(") else "]"
        if closing == "]":
            self.expect("[")
        choices = [self._operand()]
        while self.accept(","):
            choices.append(self._operand())
        self.expect(closing)
        return In(left, tuple(choices))

    def _is(self, left: Operand) -> Condition:
        negated = self.accept_words("NOT")
        if not isinstance(left, Path):
            raise self.unexpected()
        condition: Condition
        if self.accept_words("MISSING"):
            condition = Not(AttributeExists(left))
        else:
            type_name = _TYPES.get(self.token.text.upper())
            if self.token.kind != "word" or type_name is None:
                raise self.unexpected()
            self.take()
            condition = AttributeType(left, type_name)
        return Not(condition) if negated else condition

    def _call(self) -> Condition:
        name = self.take().text.lower()
        self.expect("(")
        first = self._operand()
        if name in _EXISTENCE:
            return self._existence(name, first)
        self.expect(",")
        second = self._operand()
        self.expect(")")
        if name == "begins_with":
            return BeginsWith(first, second)
        if name == "contains":
            return Contains(first, second)
        if not isinstance(first, Path) or not isinstance(second, Literal):
            raise malformed("attribute_type takes a path and the name of a type")
        return AttributeType(first, str(second.literal.get("S")))

    def _existence(self, name: str, operand: Operand) -> Condition:
        self.expect(")")
        if not isinstance(operand, Path):
            raise malformed(f"{name} takes a path")
        exists = AttributeExists(operand)
        return exists if name == "attribute_exists" else Not(exists)

    def _operand(self) -> Operand:
        if self.at_value():
            return Literal(self.value())
        if self.at_call():
            if self.token.text.lower() != "size":
                raise malformed(f"Unknown function: {self.token.text}")
            self.take()
            self.expect("(")
            inner = self._operand()
            self.expect(")")
            return Size(inner)
        return Path(self.path())


def _check_ordered(operator: str, *operands: Operand) -> None:
    """Refuse a value that is of no order."""
    for operand in operands:
        if isinstance(operand, Literal) and type_of(operand.literal) not in ORDERED_TYPES:
            raise validation_error(
                "Incorrect operand type for operator or function; operator or function: "
                f"{operator}, operand type: {type_of(operand.literal)}"
            )
