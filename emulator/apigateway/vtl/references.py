"""References of a template: ``$name`` and the steps that follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.apigateway.vtl import methods
from emulator.apigateway.vtl.values import RenderingError, spell

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.apigateway.vtl.expressions import Expression, Scope


@dataclass(frozen=True, slots=True)
class Member:
    """``.name`` of a reference."""

    name: str

    def of(self, value: Any, scope: Scope) -> Any:
        """Get a member of a map, or of what offers members of its own."""
        _ = scope
        if isinstance(value, dict):
            return value.get(self.name)
        offered = _offered(value, self.name)
        return None if callable(offered) else offered

    def assign(self, value: Any, assigned: Any, scope: Scope) -> None:
        """Put a member into a map."""
        _ = scope
        if isinstance(value, dict):
            value[self.name] = assigned


@dataclass(frozen=True, slots=True)
class Index:
    """``[expression]`` of a reference."""

    index: Expression

    def of(self, value: Any, scope: Scope) -> Any:
        """Get an item of a list or a member of a map."""
        index = self.index.evaluate(scope)
        if isinstance(value, dict):
            return value.get(index)
        is_item = isinstance(value, list) and isinstance(index, int)
        return value[index] if is_item and -len(value) <= index < len(value) else None

    def assign(self, value: Any, assigned: Any, scope: Scope) -> None:
        """Put an item into a list or a member into a map."""
        index = self.index.evaluate(scope)
        if isinstance(value, dict) or (
            isinstance(value, list) and isinstance(index, int) and 0 <= index < len(value)
        ):
            value[index] = assigned


@dataclass(frozen=True, slots=True)
class Call:
    """``.name(…)`` of a reference."""

    name: str
    arguments: tuple[Expression, ...]

    def of(self, value: Any, scope: Scope) -> Any:
        """Call a method of a value."""
        if value is None:
            return None
        arguments = [argument.evaluate(scope) for argument in self.arguments]
        offered = _offered(value, self.name)
        if offered is not None:
            return _call_offered(self.name, offered, arguments)
        return methods.call(value, self.name, arguments)


Step = Member | Index | Call


@dataclass(frozen=True, slots=True)
class Reference:
    """``$name.member.method()``.

    Args:
        source: how it stands in the template: what an undefined reference is written as.
        quiet: ``$!name``: an undefined reference writes nothing.
    """

    name: str
    steps: tuple[Step, ...]
    source: str
    quiet: bool

    def evaluate(self, scope: Scope) -> Any:
        """Follow it; ``None`` as soon as something is missing."""
        return self._follow(self.steps, scope)

    def render(self, scope: Scope, output: list[str]) -> None:
        """Write its value; of a variable that is there, a missing member writes nothing."""
        value = self.evaluate(scope)
        if value is not None:
            output.append(spell(value))
        elif not self.quiet and self.name not in scope:
            output.append(self.source)

    def assign(self, scope: Scope, value: Any) -> None:
        """Set what it names; setting a member of nothing does nothing."""
        if not self.steps:
            scope[self.name] = value
            return
        last = self.steps[-1]
        if not isinstance(last, Call):
            last.assign(self._follow(self.steps[:-1], scope), value, scope)

    def _follow(self, steps: tuple[Step, ...], scope: Scope) -> Any:
        value = scope.get(self.name)
        for step in steps:
            value = step.of(value, scope)
        return value


def _offered(value: Any, name: str) -> Any:
    """Find what an object of ours (``$input``, ``$util``) offers to templates under a name."""
    return getattr(value, "offers", {}).get(name)


def _call_offered(name: str, offered: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        return offered(*arguments)
    except (TypeError, ValueError, AttributeError) as error:
        raise RenderingError(f"{name}: {error}") from error
