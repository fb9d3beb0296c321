"""Reads the text of a template: what is written as it stands, references and directives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.apigateway.vtl.directives import ForEach, If, Leave, Node, Set, Template, Text
from emulator.apigateway.vtl.expression_parser import ExpressionParser
from emulator.apigateway.vtl.expressions import Expression, Interpolation, Literal
from emulator.apigateway.vtl.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = re.compile(r"[^$#\\]+")
_ANY_CHARACTER = re.compile(r".", re.DOTALL)
_ESCAPED = re.compile(r"\\([$#])")
_COMMENT = re.compile(r"##[^\n]*\n?|#\*.*?\*#", re.DOTALL)
_UNPARSED = re.compile(r"#\[\[(.*?)\]\]#", re.DOTALL)
_DIRECTIVE = re.compile(
    r"#(?:(set|if|foreach|elseif|macro|define|evaluate|include|parse)(?=\s*\()"
    r"|\{?(else|end|break|stop)\b\}?)"
)
_OPEN, _CLOSE = re.compile(r"\s*\("), re.compile(r"\s*\)")
_ASSIGN, _IN = re.compile(r"\s*="), re.compile(r"\s*in\b")
_SPACE = re.compile(r"\s*")
# Directives take the rest of their line with them if it is blank.
_REST_OF_LINE = re.compile(r"[ \t]*\r?\n")
_INDENT = re.compile(r"[ \t]*\Z")
_BRANCH_ENDS = ("elseif", "else", "end")


def parse_template(text: str, place: str) -> Template:
    """Read a mapping template.

    Raises:
        TemplateError: it is broken, or uses a part of VTL that is not supported; by name and line.
    """
    parser = _Parser(Scanner(text, place))
    nodes, stopped_by = parser.nodes(())
    if stopped_by:
        raise parser.scanner.error(f"#{stopped_by} without its beginning")
    return Template(nodes)


class _Parser:
    """Reads nodes where a scanner stands."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self._expressions = ExpressionParser(scanner, self._interpolation)
        self._directives: dict[str, Callable[[], Node]] = {
            "set": self._set,
            "if": self._if,
            "foreach": self._foreach,
            "break": lambda: Leave(whole_template=False),
            "stop": lambda: Leave(whole_template=True),
        }

    def nodes(self, ends: tuple[str, ...]) -> tuple[tuple[Node, ...], str]:
        """Read nodes up to one of the directives ``ends``; tell which one it was."""
        nodes: list[Node] = []
        while not self.scanner.at_end:
            found = self.scanner.take(_DIRECTIVE)
            if found is None:
                nodes.extend(self._inline())
                continue
            name = found[1] or found[2]
            if name in _BRANCH_ENDS:
                self._end_line(name)
                return tuple(nodes), name
            if name not in self._directives:
                raise self.scanner.error(f"#{name} is not supported")
            if name == "set":
                _drop_indent(nodes)
            nodes.append(self._directives[name]())
        if ends:
            raise self.scanner.error("#end is missing")
        return tuple(nodes), ""

    def _inline(self) -> list[Node]:
        """Read one piece that is no directive."""
        scanner = self.scanner
        if found := scanner.take(_PLAIN):
            return [Text(found[0])]
        if scanner.take(_COMMENT):
            return []
        if found := scanner.take(_UNPARSED) or scanner.take(_ESCAPED):
            return [Text(found[1])]
        if reference := self._expressions.reference():
            return [reference]
        return [Text(scanner.expect(_ANY_CHARACTER, "text")[0])]

    def _set(self) -> Node:
        self.scanner.expect(_OPEN, "'('")
        self.scanner.take(_SPACE)
        target = self._expressions.reference()
        if target is None:
            raise self.scanner.error("#set needs a reference")
        self.scanner.expect(_ASSIGN, "'='")
        value = self._expressions.expression()
        self.scanner.expect(_CLOSE, "')'")
        self._end_line("set")
        return Set(target, value)

    def _if(self) -> Node:
        branches: list[tuple[Expression, tuple[Node, ...]]] = []
        end = "elseif"
        while end == "elseif":
            condition = self._expressions.in_parentheses()
            self._end_line("if")
            nodes, end = self.nodes(_BRANCH_ENDS)
            branches.append((condition, nodes))
        if end == "else":
            nodes, end = self.nodes(("end",))
            branches.append((Literal(value=True), nodes))
        if end != "end":
            raise self.scanner.error("#else must be the last branch")
        return If(tuple(branches))

    def _foreach(self) -> Node:
        self.scanner.expect(_OPEN, "'('")
        self.scanner.take(_SPACE)
        variable = self._expressions.reference()
        if variable is None or variable.steps:
            raise self.scanner.error("#foreach needs a variable")
        self.scanner.expect(_IN, "'in'")
        items = self._expressions.expression()
        self.scanner.expect(_CLOSE, "')'")
        self._end_line("foreach")
        nodes, end = self.nodes(("end",))
        if end != "end":
            raise self.scanner.error(f"#{end} in #foreach")
        return ForEach(variable.name, items, nodes)

    def _interpolation(self, text: str) -> Expression:
        if "$" not in text and "#" not in text:
            return Literal(text)
        return Interpolation(parse_template(text, self.scanner.place))

    def _end_line(self, directive: str) -> None:
        # `#elseif` still has its condition to come.
        if directive != "elseif":
            self.scanner.take(_REST_OF_LINE)


def _drop_indent(nodes: list[Node]) -> None:
    """Forget the spaces before a ``#set`` that begins its line."""
    if nodes and isinstance(nodes[-1], Text):
        text = nodes[-1].text
        kept = _INDENT.sub("", text)
        if kept.endswith("\n") or (not kept and len(nodes) == 1):
            nodes[-1] = Text(kept)
