"""Notes on resource types and properties that do nothing here, or not what they do on AWS.

Properties that a reader emulates in part are noted by the reader; nothing is dropped in silence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.template.resources.support_tables import (
    IGNORED_TYPES,
    SUPPORT,
    UNSUPPORTED_TYPES,
    Support,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^{}]*\}\}")


def note_support(resources: CreatedResources, notes: Notes) -> None:
    """Note every type and property that is not emulated."""
    for resource in resources.of_type(*SUPPORT):
        _note_properties(resource, SUPPORT[resource.type], notes)
        _note_dynamic_references(resource, notes)
    for logical_id, resource_type in resources.types():
        if resource_type in SUPPORT:
            continue
        place = resources.place(logical_id)
        if resource_type in IGNORED_TYPES:
            notes.add(logical_id, "ignored", IGNORED_TYPES[resource_type], place)
        else:
            reason = f"{resource_type}: {_why_unsupported(resource_type)}"
            notes.add(logical_id, "unsupported", reason, place)


def _note_properties(resource: Resource, support: Support, notes: Notes) -> None:
    for name in resource.properties:
        if name in support.ignored:
            notes.ignored(resource.properties, name, support.ignored[name])
        elif name not in support.emulated:
            reason = support.unsupported.get(name, f"{resource.type} has no such property here")
            notes.unsupported(resource.properties, name, reason)


def _note_dynamic_references(resource: Resource, notes: Notes) -> None:
    """Note values from Secrets Manager and Parameter Store, which stay as they are written."""
    for name in resource.properties:
        for reference in _dynamic_references(resource.properties.raw(name)):
            notes.unsupported(resource.properties, name, f"{reference} stays as it is")


def _dynamic_references(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _dynamic_references(item)
    elif isinstance(value, str):
        yield from _DYNAMIC_REFERENCE.findall(value)


def _why_unsupported(resource_type: str) -> str:
    service = resource_type.rpartition("::")[0]
    specific = UNSUPPORTED_TYPES.get(resource_type) or UNSUPPORTED_TYPES.get(service)
    return specific or "there is no such service here"
