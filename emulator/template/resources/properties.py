"""Resolved properties of a resource, taken with the type that CloudFormation declares.

CloudFormation converts between scalars: ``Timeout: "10"`` is a number, ``Name: 1`` a text.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.template.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from emulator.application import Pairs
    from emulator.errors import TemplateError
    from emulator.template.places import DocumentPath, Place, Places

Taken = TypeVar("Taken")


class Properties:
    """A resolved mapping that knows where it was written."""

    def __init__(self, values: dict[str, Any], path: DocumentPath, places: Places) -> None:
        self.path = path
        self._values = values
        self._places = places

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @property
    def file(self) -> Path:
        """Tell the template's file."""
        return self._places.file

    def place(self, name: str | None = None) -> Place:
        """Find where a property, or the whole, was written."""
        return self._places.find(self.path if name is None else (*self.path, name))

    def raw(self, name: str) -> Any:
        """Give a property as it is; ``None`` without it."""
        return self._values.get(name)

    def text(self, name: str, default: str = "") -> str:
        """Take a property as text."""
        return self._take(name, to_text, "String") if name in self else default

    def optional_text(self, name: str) -> str | None:
        """Take a property as text; ``None`` without it."""
        return self.text(name) if name in self else None

    def required_text(self, name: str) -> str:
        """Take a property as text that must be there.

        Raises:
            TemplateError: it is not.
        """
        value = self.text(name)
        if not value:
            raise self.error(f"Property {name} cannot be empty.")
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """Take a property as a whole number."""
        return self._take(name, _to_integer, "Integer") if name in self else default

    def optional_integer(self, name: str) -> int | None:
        """Take a property as a whole number; ``None`` without it."""
        return self.integer(name) if name in self else None

    def optional_number(self, name: str) -> float | None:
        """Take a property as a number; ``None`` without it."""
        return self._take(name, _to_number, "Double") if name in self else None

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """Take a property as true or false."""
        return self._take(name, _to_boolean, "Boolean") if name in self else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a property as a list of texts; a single one is a list of one."""
        return self._take(name, _to_texts, "List of String") if name in self else ()

    def pairs(self, name: str) -> Pairs:
        """Take a property as names and texts, in order."""
        mapping = self.mapping(name)
        return tuple((key, mapping.text(key)) for key in mapping)

    def mapping(self, name: str) -> Properties:
        """Take a property as a mapping; an empty one without it."""
        values = self._take(name, _to_mapping, "Object") if name in self else {}
        return Properties(values, (*self.path, name), self._places)

    def mappings(self, name: str) -> tuple[Properties, ...]:
        """Take a property as a list of mappings."""
        items = self._take(name, _to_list, "List") if name in self else []
        path = (*self.path, name)
        taken = []
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                raise self.error(f"every item of property {name} must be an object", name)
            taken.append(Properties(item, (*path, str(index)), self._places))
        return tuple(taken)

    def error(
        self, problem: str, name: str | None = None, remedy: str | None = None
    ) -> TemplateError:
        """Make the error that names this mapping or one of its properties."""
        path = self.path if name is None else (*self.path, name)
        return self._places.error(problem, path, remedy)

    def _take(self, name: str, convert: Callable[[Any], Taken | None], expected: str) -> Taken:
        if self._values[name] is None:
            raise self.error("'null' values are not allowed in templates", name)
        taken = convert(self._values[name])
        if taken is None:
            raise self.error(f"Value of property {name} must be of type {expected}", name)
        return taken


def _to_integer(value: Any) -> int | None:
    number = _to_number(value)
    return int(number) if number is not None and number.is_integer() else None


def _to_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _to_boolean(value: Any) -> bool | None:
    return {"true": True, "false": False}.get((to_text(value) or "").lower())


def _to_texts(value: Any) -> tuple[str, ...] | None:
    items = [to_text(item) for item in (value if isinstance(value, list) else [value])]
    texts = tuple(item for item in items if item is not None)
    return texts if len(texts) == len(items) else None


def _to_mapping(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _to_list(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else None
