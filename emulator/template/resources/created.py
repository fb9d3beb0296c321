"""The resources that a template creates: those whose condition holds, with resolved properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.template.resources.properties import Properties

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emulator.template.names import Names
    from emulator.template.places import DocumentPath, Place, Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of the stack.

    Args:
        name: the physical name.
        physical_id: what ``Ref`` gives.
    """

    logical_id: str
    type: str
    name: str
    physical_id: str
    properties: Properties


class CreatedResources:
    """Resources by type, resolved when they are asked for.

    Args:
        created: the template's entries, by logical ID.
        names: what they are called.
        resolve: resolves intrinsic functions.
        places: where they were written.
    """

    def __init__(
        self,
        created: Mapping[str, dict[str, Any]],
        names: Names,
        resolve: Callable[[Any, DocumentPath], Any],
        places: Places,
    ) -> None:
        self._created = created
        self._names = names
        self._resolve = resolve
        self._places = places

    def types(self) -> Iterator[tuple[str, str]]:
        """List the logical ID and the type of each resource."""
        return ((logical_id, resource["Type"]) for logical_id, resource in self._created.items())

    def place(self, logical_id: str) -> Place:
        """Find where a resource was written."""
        return self._places.find(("Resources", logical_id))

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Give the resources of some types, in the order of the template.

        Raises:
            TemplateError: a property cannot be resolved.
        """
        for logical_id, resource in self._created.items():
            if resource["Type"] in types:
                yield self._resource(logical_id, resource)

    def _resource(self, logical_id: str, resource: dict[str, Any]) -> Resource:
        path = ("Resources", logical_id, "Properties")
        values = self._resolve(resource.get("Properties") or {}, path)
        if not isinstance(values, dict):
            raise self._places.error("Properties must be a mapping", path)
        return Resource(
            logical_id=logical_id,
            type=resource["Type"],
            name=self._names.name(logical_id),
            physical_id=str(self._names.ref(logical_id, path[:2])),
            properties=Properties(values, path, self._places),
        )
