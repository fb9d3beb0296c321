"""Values as AWS's service, which is written in Java, shows them in its refusals.

For example ``[KeySchemaElement(attributeName=pk, keyType=HASH)]``; recorded by
https://github.com/paritysuite/dynamodb-conformance (``tests/tier3/error-messages``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.service_model import ATTRIBUTE_VALUE

if TYPE_CHECKING:
    from emulator.dynamodb.service_model import Shape


def write_java(value: Any, shape: Shape) -> str:
    """Write a value of a request."""
    if value is None:
        return "null"
    if shape.name == ATTRIBUTE_VALUE:
        return f"AttributeValue({', '.join(f'{name}={one}' for name, one in value.items())})"
    if shape.kind == "structure":
        members = (
            f"{name[0].lower()}{name[1:]}={write_java(value.get(name), member)}"
            for name, member in shape.members.items()
        )
        return f"{shape.name}({', '.join(members)})"
    if shape.element is not None:
        return _write_collection(value, shape.element)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _write_collection(value: Any, element: Shape) -> str:
    if isinstance(value, dict):
        entries = (f"{name}={write_java(one, element)}" for name, one in value.items())
        return f"{{{', '.join(entries)}}}"
    return f"[{', '.join(write_java(one, element) for one in value)}]"
