"""The grammar of condition, filter and key condition expressions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
``or`` binds weakest, then ``and``, then ``not``; parentheses may hold a condition or an operand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.attribute_value import type_of
from emulator.dynamodb.expressions.conditions import (
    ORDERED_TYPES,
    SETS,
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
    compare,
)
from emulator.dynamodb.expressions.document_path import write_path
from emulator.dynamodb.expressions.parser import Parser

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import AttributeValue
    from emulator.dynamodb.expressions.placeholders import Placeholders
    from emulator.errors import ServiceError

_COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
_ARGUMENT_COUNTS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
_TYPES = ("B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M")
_MAXIMUM_CHOICES = 100


def parse_condition(name: str, expression: str, placeholders: Placeholders) -> Condition:
    """Read a whole condition; ``name`` is its member's, for example ``FilterExpression``."""
    return _ConditionParser(name, expression, placeholders).parse()


class _ConditionParser(Parser):
    """Reads conditions by recursive descent; one method for each level of precedence."""

    _last_group: tuple[int, int] | None = None

    def parse(self) -> Condition:
        condition = self._condition(self._or())
        self.end()
        return condition

    def _or(self) -> Condition | Operand:
        left = self._and()
        while self._accept_operator("OR"):
            left = Or(self._condition(left), self._condition(self._and()))
        return left

    def _and(self) -> Condition | Operand:
        left = self._not()
        while self._accept_operator("AND"):
            left = And(self._condition(left), self._condition(self._not()))
        return left

    def _not(self) -> Condition | Operand:
        if self._accept_operator("NOT"):
            return Not(self._condition(self._not()))
        return self._comparison()

    def _comparison(self) -> Condition | Operand:
        left = self._primary()
        if self.token.kind == "symbol" and self.token.text in _COMPARATORS:
            comparator = self.take().text
            self.count_operator()
            return self._compared(comparator, self._operand(left), self._operand(self._primary()))
        if self._accept_operator("BETWEEN"):
            return self._between(self._operand(left))
        if self._accept_operator("IN"):
            return self._in(self._operand(left))
        return left

    def _primary(self) -> Condition | Operand:
        if self.token.text == "(":
            return self._group()
        if self.token.kind == "value_placeholder":
            return Literal(self.value())
        if self.at_function():
            return self._function()
        if any(map(self.at_keyword, ("AND", "OR", "BETWEEN", "IN"))):
            raise self.syntax_error()
        return Path(self.document_path())

    def _group(self) -> Condition | Operand:
        start = self.position
        self.expect("(")
        inner = self._or()
        end = self.position
        self.expect(")")
        if self._last_group == (start + 1, end - 1):
            raise self.problem("The expression has redundant parentheses;")
        self._last_group = (start, end)
        return inner

    def _function(self) -> Condition | Operand:
        name = self.take().text
        self.count_operator()
        if name not in _ARGUMENT_COUNTS:
            raise self.problem(f"Invalid function name; function: {name}")
        arguments = self._arguments()
        if len(arguments) != _ARGUMENT_COUNTS[name]:
            raise self.problem(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(arguments)}"
            )
        if name == "size":
            self._check_literal(name, arguments[0], _SIZED)
            return Size(arguments[0])
        if name in ("begins_with", "contains"):
            return self._of_two(name, *arguments)
        path = self._path_argument(name, arguments[0])
        if name == "attribute_type":
            return AttributeType(path, self._type_name(arguments[1]))
        exists = AttributeExists(path)
        return exists if name == "attribute_exists" else Not(exists)

    def _accept_operator(self, keyword: str) -> bool:
        if not self.accept_keyword(keyword):
            return False
        self.count_operator()
        return True

    def _arguments(self) -> list[Operand]:
        self.expect("(")
        arguments = [self._operand(self._primary())]
        while self.accept(","):
            arguments.append(self._operand(self._primary()))
        self.expect(")")
        return arguments

    def _of_two(self, name: str, first: Operand, second: Operand) -> Condition:
        self._check_distinct(name, first, second)
        if name == "contains":
            return Contains(first, second)
        self._check_literal(name, first, ("S", "B"))
        self._check_literal(name, second, ("S", "B"))
        return BeginsWith(first, second)

    def _compared(self, comparator: str, left: Operand, right: Operand) -> Condition:
        self._check_distinct(comparator, left, right)
        if comparator not in ("=", "<>"):
            self._check_literal(comparator, left, ORDERED_TYPES)
            self._check_literal(comparator, right, ORDERED_TYPES)
        return Comparison(comparator, left, right)

    def _between(self, operand: Operand) -> Condition:
        lower = self._operand(self._primary())
        if not self.accept_keyword("AND"):
            raise self.syntax_error()
        upper = self._operand(self._primary())
        for bound in (operand, lower, upper):
            self._check_literal("BETWEEN", bound, ORDERED_TYPES)
        if isinstance(lower, Literal) and isinstance(upper, Literal):
            self._check_bounds(lower.literal, upper.literal)
        return Between(operand, lower, upper)

    def _check_bounds(self, lower: AttributeValue, upper: AttributeValue) -> None:
        operands = (
            f"lower bound operand: AttributeValue: {_write(lower)}, "
            f"upper bound operand: AttributeValue: {_write(upper)}"
        )
        if type_of(lower) != type_of(upper):
            raise self.problem(
                "The BETWEEN operator requires same data type for lower and upper bounds; "
                + operands
            )
        if compare(">", lower, upper):
            raise self.problem(
                "The BETWEEN operator requires upper bound to be greater than or equal to "
                f"lower bound; {operands}"
            )

    def _in(self, operand: Operand) -> Condition:
        choices = tuple(self._arguments())
        if len(choices) > _MAXIMUM_CHOICES:
            raise self.problem(
                "The IN operator is provided with too many operands; "
                f"number of operands: {len(choices)}"
            )
        return In(operand, choices)

    def _condition(self, node: Condition | Operand) -> Condition:
        if isinstance(node, (Path, Literal)):
            raise self.syntax_error()
        if isinstance(node, Size):
            raise self._misused("size")
        return node  # type: ignore[return-value] # what is no operand is a condition

    def _operand(self, node: Condition | Operand) -> Operand:
        if isinstance(node, (Path, Literal, Size)):
            return node
        name = _FUNCTION_NAMES.get(type(node))
        raise self.syntax_error() if name is None else self._misused(name)

    def _misused(self, function: str) -> ServiceError:
        return self.problem(
            "The function is not allowed to be used this way in an expression; "
            f"function: {function}"
        )

    def _check_distinct(self, operator: str, first: Operand, second: Operand) -> None:
        if isinstance(first, Path) and first == second:
            raise self.problem(
                "The first operand must be distinct from the remaining operands for this "
                f"operator or function; operator: {operator}, "
                f"first operand: {write_path(first.path)}"
            )

    def _check_literal(self, operator: str, operand: Operand, allowed: tuple[str, ...]) -> None:
        if isinstance(operand, Path):
            return
        type_name = type_of(operand.literal) if isinstance(operand, Literal) else "N"
        if type_name not in allowed:
            raise self._wrong_type(operator, type_name)

    def _wrong_type(self, operator: str, type_name: str) -> ServiceError:
        return self.problem(
            "Incorrect operand type for operator or function; operator or function: "
            f"{operator}, operand type: {type_name}"
        )

    def _path_argument(self, function: str, argument: Operand) -> Path:
        if not isinstance(argument, Path):
            raise self.problem(
                f"Operator or function requires a document path; operator or function: {function}"
            )
        return argument

    def _type_name(self, argument: Operand) -> str:
        if isinstance(argument, Path):
            raise self._wrong_type("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
        self._check_literal("attribute_type", argument, ("S",))
        name = argument.literal["S"] if isinstance(argument, Literal) else ""
        if name not in _TYPES:
            raise self.problem(
                f"Invalid attribute type name found; type: {name}, "
                f"valid types: {{{','.join(_TYPES)}}}"
            )
        return str(name)


def _write(value: AttributeValue) -> str:
    [(type_name, content)] = value.items()
    return f"{{{type_name}:{content}}}"


_SIZED = ("B", "S", "L", "M", *SETS)
_FUNCTION_NAMES: dict[type, str] = {
    AttributeExists: "attribute_exists",
    AttributeType: "attribute_type",
    BeginsWith: "begins_with",
    Contains: "contains",
}
