"""Expressions of a template: literals, lists, maps and operators.

A scope is the dictionary of the variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from emulator.apigateway.vtl.values import RenderingError, compute, is_true, spell

if TYPE_CHECKING:
    from emulator.apigateway.vtl.directives import Template

Scope = dict[str, Any]

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
FOREACH_LIMIT = 1000


class Expression(Protocol):
    """A part of a template that has a value."""

    def evaluate(self, scope: Scope) -> Any:
        """Give the value; ``None`` is Java's null."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a boolean, null or a string in single quotes."""

    value: Any

    def evaluate(self, scope: Scope) -> Any:
        """Give it."""
        _ = scope
        return self.value


@dataclass(frozen=True, slots=True)
class Interpolation:
    """A string in double quotes, a template of its own."""

    template: Template

    def evaluate(self, scope: Scope) -> str:
        """Render it."""
        return self.template.render(scope)


@dataclass(frozen=True, slots=True)
class ListOf:
    """``[a, b]``."""

    items: tuple[Expression, ...]

    def evaluate(self, scope: Scope) -> list[Any]:
        """Make a new list."""
        return [item.evaluate(scope) for item in self.items]


@dataclass(frozen=True, slots=True)
class RangeOf:
    """``[1..3]``, upwards or downwards."""

    first: Expression
    last: Expression

    def evaluate(self, scope: Scope) -> list[int]:
        """Make a new list."""
        first, last = self.first.evaluate(scope), self.last.evaluate(scope)
        if not isinstance(first, int) or not isinstance(last, int):
            raise RenderingError("the ends of a range must be integers")
        if abs(last - first) > FOREACH_LIMIT:
            raise RenderingError(f"a range of more than {FOREACH_LIMIT}")
        step = 1 if first <= last else -1
        return list(range(first, last + step, step))


@dataclass(frozen=True, slots=True)
class MapOf:
    """``{"a": 1}``."""

    members: tuple[tuple[Expression, Expression], ...]

    def evaluate(self, scope: Scope) -> dict[str, Any]:
        """Make a new map."""
        return {spell(name.evaluate(scope)): value.evaluate(scope) for name, value in self.members}


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands that are both evaluated."""

    operator: str
    left: Expression
    right: Expression

    def evaluate(self, scope: Scope) -> Any:
        """Compute it."""
        return compute(self.operator, self.left.evaluate(scope), self.right.evaluate(scope))


@dataclass(frozen=True, slots=True)
class Logical:
    """``&&`` or ``||``, of which the second operand may not be needed."""

    conjunction: bool
    left: Expression
    right: Expression

    def evaluate(self, scope: Scope) -> bool:
        """Decide it."""
        left = is_true(self.left.evaluate(scope))
        return is_true(self.right.evaluate(scope)) if left == self.conjunction else left


@dataclass(frozen=True, slots=True)
class Not:
    """``!``."""

    operand: Expression

    def evaluate(self, scope: Scope) -> bool:
        """Negate it."""
        return not is_true(self.operand.evaluate(scope))
