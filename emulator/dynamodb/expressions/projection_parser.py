"""The grammar of projection expressions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.dynamodb.expressions.document_path import DocumentPath, check_distinct
from emulator.dynamodb.expressions.parser import Parser

if TYPE_CHECKING:
    from emulator.dynamodb.expressions.placeholders import Placeholders


def parse_projection(expression: str, placeholders: Placeholders) -> tuple[DocumentPath, ...]:
    """Read the paths that a projection names."""
    parser = Parser("ProjectionExpression", expression, placeholders)
    paths = [parser.document_path()]
    while parser.accept(","):
        paths.append(parser.document_path())
    parser.end()
    check_distinct(paths, "ProjectionExpression")
    return tuple(paths)
