"""Resource paths that API Gateway takes, part by part, as the tree that they make.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PART = re.compile(r"[a-zA-Z0-9._:=,-]+|\{[a-zA-Z0-9._:-]+\+?\}")


@dataclass(slots=True)
class _Node:
    """A resource: its children by their part of the path."""

    part: str = ""
    children: dict[str, _Node] = field(default_factory=dict)


class ResourcePaths:
    """The resources of one API as they come, each beside those before it."""

    def __init__(self) -> None:
        self._root = _Node()

    def refusal(self, path: str) -> str | None:
        """Take a path; give API Gateway's words if it refuses it."""
        node = self._root
        for part in filter(None, path.split("/")):
            child = node.children.get(part)
            if child is None:
                problem = _problem(node, part)
                if problem:
                    return f"Unable to create resource at path '{path}': {problem}"
                child = node.children[part] = _Node(part)
            node = child
        return None


def _problem(parent: _Node, part: str) -> str | None:
    if not _PART.fullmatch(part):
        return (
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and "
            "curly braces at the beginning and the end."
        )
    if parent.part.endswith("+}"):
        return f"Cannot create a child of a resource with a greedy path variable: {parent.part}"
    for sibling in parent.children:
        if part.startswith("{") and sibling.startswith("{"):
            return (
                f"A sibling ({sibling}) of this resource already has a variable path part -- "
                "only one is allowed"
            )
    return None
