"""What a read shows of an item: ``ProjectionExpression`` or its predecessor ``AttributesToGet``.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.errors import invalid_parameter
from emulator.dynamodb.expressions.projection_parser import parse_projection
from emulator.dynamodb.item_size import check_name_sizes
from emulator.dynamodb.request import Body, sequence, string

if TYPE_CHECKING:
    from emulator.dynamodb.expressions.document_path import DocumentPath
    from emulator.dynamodb.expressions.placeholders import Placeholders

PROJECTION = "ProjectionExpression"


def requested_paths(body: Body, placeholders: Placeholders) -> tuple[DocumentPath, ...] | None:
    """Read what a request wants to see; ``None`` for everything."""
    expression = string(body, PROJECTION)
    if expression is not None:
        return parse_projection(expression, placeholders)
    names = sequence(body, "AttributesToGet")
    return None if names is None else _attributes_to_get(names)


def _attributes_to_get(names: list[str]) -> tuple[DocumentPath, ...]:
    check_name_sizes(names)
    seen: list[DocumentPath] = []
    for name in names:
        if (name,) in seen:
            raise invalid_parameter(f"Duplicate value in attribute name: {name}")
        seen.append((name,))
    return tuple(seen)
