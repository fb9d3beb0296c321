"""The words of a refusal: AWS checks requests in two ways, which differ in their texts.

The newer checker serves the operations on single items and on queries. Of a write, it counts what
it found: ``1 validation error detected: …``, which the published texts of former years have not.
The older one serves batches of writes, transactions, scans and PartiQL.
Recorded by https://github.com/paritysuite/dynamodb-conformance (``tests/tier3/error-messages``,
``valueLayers.test.ts`` above all) and by https://github.com/getmoto/moto (tests that are marked
``aws_verified``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from emulator.dynamodb.errors import RewordedError, validation_error
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.dynamodb.request import Body

_NEWER = (*("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),)
# What is said of a value that has no type, or two, comes from before the checks; sizes from after.
_NOT_COUNTED = (
    *("Supplied AttributeValue", "ExpressionAttributeValues contains invalid value"),
    "Item size",
)
_Read = TypeVar("_Read")


def counted(message: str) -> ServiceError:
    """Refuse a request for one mistake that is counted."""
    return validation_error(f"1 validation error detected: {message}")


def read_counted(read: Callable[[Body], _Read], body: Body) -> _Read:
    """Read a request to write one item; whatever is wrong with it is counted."""
    try:
        return read(body)
    except ServiceError as error:
        if error.code != "ValidationException" or error.message.startswith(_NOT_COUNTED):
            raise
        raise counted(error.message) from error


def as_worded_by(operation: str, error: RewordedError) -> ServiceError:
    """Give a refusal the words that an operation has for it."""
    return validation_error(error.message if operation in _NEWER else error.older)
