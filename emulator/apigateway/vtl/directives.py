"""What a template consists of: text, references and directives; each writes its own text.

``#set`` changes the scope, the dictionary of the variables.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from emulator.apigateway.vtl.expressions import FOREACH_LIMIT
from emulator.apigateway.vtl.values import is_true

if TYPE_CHECKING:
    from emulator.apigateway.vtl.expressions import Expression, Scope
    from emulator.apigateway.vtl.references import Reference


class Node(Protocol):
    """A part of a template that writes text."""

    def render(self, scope: Scope, output: list[str]) -> None:
        """Write the text."""


class _Break(Exception):  # noqa: N818 -- control flow of the template, not an error
    """``#break`` leaves the innermost loop."""


class _Stop(Exception):  # noqa: N818 -- control flow of the template, not an error
    """``#stop`` ends the template."""


@dataclass(frozen=True, slots=True)
class Template:
    """A mapping template, ready to be rendered."""

    nodes: tuple[Node, ...]

    def render(self, scope: Scope) -> str:
        """Write the whole text over these variables.

        Raises:
            RenderingError: a method failed on the values of this request.
        """
        output: list[str] = []
        with suppress(_Stop, _Break):  # The text up to there is the whole text.
            _render_all(self.nodes, scope, output)
        return "".join(output)


@dataclass(frozen=True, slots=True)
class Text:
    """Text that is written as it stands."""

    text: str

    def render(self, scope: Scope, output: list[str]) -> None:
        """Write it."""
        _ = scope
        output.append(self.text)


@dataclass(frozen=True, slots=True)
class Set:
    """``#set($name = value)``; a null value leaves the variable as it was, as in Velocity 1.7."""

    target: Reference
    value: Expression

    def render(self, scope: Scope, output: list[str]) -> None:
        """Set it; nothing is written."""
        _ = output
        value = self.value.evaluate(scope)
        if value is not None:
            self.target.assign(scope, value)


@dataclass(frozen=True, slots=True)
class If:
    """``#if``, ``#elseif`` and ``#else``, the last with a condition that is true."""

    branches: tuple[tuple[Expression, tuple[Node, ...]], ...]

    def render(self, scope: Scope, output: list[str]) -> None:
        """Write the first branch whose condition is true."""
        for condition, nodes in self.branches:
            if is_true(condition.evaluate(scope)):
                _render_all(nodes, scope, output)
                return


@dataclass(frozen=True, slots=True)
class ForEach:
    """``#foreach($name in items)``."""

    name: str
    items: Expression
    nodes: tuple[Node, ...]

    def render(self, scope: Scope, output: list[str]) -> None:
        """Write the body for each item, with ``$foreach`` telling where we are."""
        items = _iterated(self.items.evaluate(scope))
        outer = {name: scope.get(name) for name in (self.name, "foreach", "velocityCount")}
        for index, item in enumerate(items[:FOREACH_LIMIT]):
            scope[self.name] = item
            scope["velocityCount"] = index + 1
            scope["foreach"] = {
                "index": index,
                "count": index + 1,
                "first": index == 0,
                "last": index == len(items) - 1,
                "hasNext": index < len(items) - 1,
                "parent": outer["foreach"],
            }
            try:
                _render_all(self.nodes, scope, output)
            except _Break:
                break
        _restore(scope, outer)


@dataclass(frozen=True, slots=True)
class Leave:
    """``#break`` and ``#stop``."""

    whole_template: bool

    def render(self, scope: Scope, output: list[str]) -> None:
        """Go."""
        _ = scope, output
        raise _Stop if self.whole_template else _Break


def _render_all(nodes: tuple[Node, ...], scope: Scope, output: list[str]) -> None:
    for node in nodes:
        node.render(scope, output)


def _iterated(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _restore(scope: Scope, outer: dict[str, Any]) -> None:
    """Give the variables of a loop back what they were outside of it."""
    for name, value in outer.items():
        if value is None:
            scope.pop(name, None)
        else:
            scope[name] = value
