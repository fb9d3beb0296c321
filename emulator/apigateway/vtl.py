"""Mapping templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A mapping template, ready to be rendered."""

    text: str

    def render(self, variables: Mapping[str, Any]) -> str:
        """Fill the template."""
        _ = variables
        return self.text


def parse_template(text: str, place: str) -> Template:
    """Read a mapping template.

    Raises:
        TemplateError: it uses a part of VTL that is not supported.
    """
    if "$" in text or "#" in text:
        raise TemplateError("mapping template with variables or directives", logical_id=place)
    return Template(text=text)
