"""Document paths: where in an item a value is.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.Attributes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.errors import validation_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulator.dynamodb.attribute_value import AttributeValue, Item

DocumentPath = tuple[str | int, ...]
_Tree = dict[str | int, Any]


def lookup(item: Item, path: DocumentPath) -> AttributeValue | None:
    """Find the value at a path; ``None`` if the item has none there."""
    value: AttributeValue | None = {"M": item}
    for element in path:
        value = child(value, element)
        if value is None:
            return None
    return value


def child(value: AttributeValue | None, element: str | int) -> AttributeValue | None:
    """Step from a map or list to one of its members."""
    if value is None:
        return None
    found: AttributeValue | None
    if isinstance(element, str):
        found = value["M"].get(element) if "M" in value else None
        return found
    members = value.get("L", ())
    found = members[element] if element < len(members) else None
    return found


def project(item: Item, paths: Iterable[DocumentPath]) -> Item:
    """Keep only what the paths name; the list elements that remain close ranks."""
    tree: _Tree = {}
    for path in paths:
        branch = tree
        for element in path:
            branch = branch.setdefault(element, {})
    projected = _prune({"M": item}, tree)
    return {} if projected is None else projected["M"]


def write_path(path: DocumentPath) -> str:
    """Write a path as AWS's messages do: ``[a, [0], b]``."""
    parts = (f"[{element}]" if isinstance(element, int) else element for element in path)
    return f"[{', '.join(parts)}]"


def check_distinct(paths: Sequence[DocumentPath], expression_name: str) -> None:
    """Refuse paths of which one contains the other, or that need a map and a list in one place."""
    for number, second in enumerate(paths):
        for first in paths[:number]:
            relation = _relation(first, second)
            if relation is not None:
                raise validation_error(
                    f"Invalid {expression_name}: Two document paths {relation} with each other; "
                    "must remove or rewrite one of these paths; "
                    f"path one: {write_path(first)}, path two: {write_path(second)}"
                )


def _relation(first: DocumentPath, second: DocumentPath) -> str | None:
    for left, right in zip(first, second, strict=False):
        if type(left) is not type(right):
            return "conflict"
        if left != right:
            return None
    return "overlap"


def _prune(value: AttributeValue, tree: _Tree) -> AttributeValue | None:
    if not tree:
        return value
    kept = {}
    for element in sorted(tree, key=_list_order):
        member = child(value, element)
        pruned = None if member is None else _prune(member, tree[element])
        if pruned is not None:
            kept[element] = pruned
    if not kept:
        return None
    return {"L": list(kept.values())} if "L" in value else {"M": kept}


def _list_order(element: str | int) -> int:
    return element if isinstance(element, int) else 0
