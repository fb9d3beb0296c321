"""Template files, YAML or JSON, with the short form of intrinsic functions and line numbers.

``!Sub x`` becomes ``{"Fn::Sub": x}``, as CloudFormation reads it; dates stay text, keys are text
as written (``200:`` and ``on:``, too).
Unlike CloudFormation, anchors and merge keys are understood, because the AWS CLI and the SAM CLI
resolve them before they upload.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from emulator.errors import TemplateError
from emulator.template.places import DocumentPath, Place, Places

if TYPE_CHECKING:
    from pathlib import Path

_UNPREFIXED = ("Ref", "Condition")
_FUNCTIONS = frozenset(
    (
        *("And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals"),
        *("FindInMap", "ForEach", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Length"),
        *("Not", "Or", "RefAll", "Select", "Split", "Sub", "ToJsonString", "Transform"),
        *("ValueOf", "ValueOfAll"),
    )
)
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("bool", "float", "int", "map", "null", "seq", "str", "timestamp", "value")
}
_MERGE = "tag:yaml.org,2002:merge"
_DEEPEST = 64
_MOST_PARTS = 200_000  # a template has 1 MB at most; more parts are aliases of aliases


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The content of a file and where each part of it stands."""

    value: Any
    places: Places


def read_document(file: Path, content: bytes, *, short_forms: bool = True) -> Document:
    """Read a template, or a part of one.

    Args:
        file: named in errors.
        content: of that file.
        short_forms: accept ``!Ref`` and the like; CloudFormation does not in included files.

    Raises:
        TemplateError: not YAML, a key twice, an unknown tag.
    """
    try:
        _check_depth(file, content)
        root = yaml.compose(content, Loader=_LOADER)
        reader = _Reader(file, short_forms=short_forms)
        value = None if root is None else reader.read(root, ())
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(file, content, error) from error
    except yaml.YAMLError as error:
        reason = getattr(error, "reason", error)
        raise TemplateError(f"not a text file in UTF-8: {reason}", file=file) from error
    return Document(value=value, places=reader.places)


def _check_depth(file: Path, content: bytes) -> None:
    """Refuse what is nested so deeply that libyaml's composer would crash the process."""
    depth = 0
    for event in yaml.parse(content, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else None
            raise TemplateError("nested too deeply", file=file, line=line)


def _not_yaml(file: Path, content: bytes, error: yaml.MarkedYAMLError) -> TemplateError:
    mark = error.problem_mark or error.context_mark
    column = f" (column {mark.column + 1})" if mark else ""
    problem = error.problem or error.context or "unreadable"
    lines = content.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else b""
    return TemplateError(
        f"not YAML: {problem}{column}",
        file=file,
        line=mark.line + 1 if mark else None,
        remedy="indent with spaces, not tabs" if line.lstrip(b" ").startswith(b"\t") else None,
    )


class _Reader:
    """Makes values of YAML nodes and notes the place of each."""

    def __init__(self, file: Path, *, short_forms: bool) -> None:
        self.places = Places(Place(file=file, line=1))
        self._file = file
        self._short_forms = short_forms
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()
        self._count = 0

    def read(self, node: yaml.Node, path: DocumentPath) -> Any:
        """Make the value of a node."""
        self._count += 1
        if id(node) in self._open or self._count > _MOST_PARTS:
            raise self._error(node, "an alias that contains itself, or far too many of them")
        self._open.add(id(node))
        value = self._short_form(node, path) if _is_tagged(node) else self._plain(node, path)
        self._open.discard(id(node))
        return value

    def _plain(self, node: yaml.Node, path: DocumentPath) -> Any:
        if node.tag not in _PLAIN_TAGS:
            raise self._error(node, f"the YAML tag {_short(node.tag)} is not supported")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path)
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        if node.tag.endswith((":timestamp", ":value")):
            return node.value
        try:
            value = self._scalars.construct_object(node)
        except ValueError:  # a number only at first sight, for example 0b_
            return node.value
        # Infinity and NaN cannot be said in JSON, which CloudFormation makes of the template.
        return node.value if isinstance(value, float) and not math.isfinite(value) else value

    def _mapping(self, node: yaml.MappingNode, path: DocumentPath) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged = {**self._merge(value_node, path), **merged}
                continue
            key = self._key(key_node)
            if key in own:
                raise self._error(key_node, f"key {key!r} twice; it is also in line {lines[key]}")
            lines[key] = key_node.start_mark.line + 1
            self._note((*path, key), key_node)
            own[key] = self.read(value_node, (*path, key))
        return {**merged, **own}

    def _merge(self, node: yaml.Node, path: DocumentPath) -> dict[str, Any]:
        value = self.read(node, path)
        merged: dict[str, Any] = {}
        for each in reversed(value if isinstance(value, list) else [value]):
            if not isinstance(each, dict):
                raise self._error(node, "only mappings can be merged")
            merged |= each
        return merged

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or _is_tagged(node):
            raise self._error(node, "a key must be a string")
        return str(node.value)

    def _sequence(self, node: yaml.SequenceNode, path: DocumentPath) -> list[Any]:
        values = []
        for index, item in enumerate(node.value):
            self._note((*path, str(index)), item)
            values.append(self.read(item, (*path, str(index))))
        return values

    def _short_form(self, node: yaml.Node, path: DocumentPath) -> dict[str, Any]:
        name = node.tag.removeprefix("!")
        if name not in _FUNCTIONS and name not in _UNPREFIXED:
            raise self._error(node, f"the tag !{name} is no intrinsic function")
        key = name if name in _UNPREFIXED else f"Fn::{name}"
        if not self._short_forms:
            raise self._error(
                node,
                f"the short form !{name} in an included file",
                f"write {key}: CloudFormation does not know short forms in included files",
            )
        argument = self._argument(node, (*path, key))
        if name == "GetAtt" and isinstance(argument, str):
            argument = argument.split(".", 1)
        return {key: argument}

    def _argument(self, node: yaml.Node, path: DocumentPath) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path)
        return str(node.value)

    def _note(self, path: DocumentPath, node: yaml.Node) -> None:
        self.places.put(path, Place(file=self._file, line=node.start_mark.line + 1))

    def _error(self, node: yaml.Node, problem: str, remedy: str | None = None) -> TemplateError:
        line = node.start_mark.line + 1
        return TemplateError(problem, file=self._file, line=line, remedy=remedy)


# libyaml is ten times as fast; a PyYAML that was built without it reads the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _is_tagged(node: yaml.Node) -> bool:
    return bool(node.tag.startswith("!"))


def _short(tag: str) -> str:
    return "!!" + tag.rpartition(":")[2]
