"""What the two transactional operations have in common: their parts and why a part was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from emulator.dynamodb.errors import (
    ConditionalCheckFailedError,
    TransactionCanceledError,
    serialization_error,
    validation_error,
)
from emulator.dynamodb.request import Body, constraint, required_sequence
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

MAXIMUM_PARTS = 100
NO_REASON = {"Code": "None"}
_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def transaction_parts(body: Body, kinds: tuple[str, ...]) -> list[tuple[str, Body]]:
    """Take ``TransactItems`` apart: the kind of each part and its members."""
    parts = required_sequence(body, "TransactItems")
    if not 1 <= len(parts) <= MAXIMUM_PARTS:
        bound = "less than or equal to 100" if parts else "greater than or equal to 1"
        raise constraint("'[...]'", "TransactItems", f"Member must have length {bound}")
    return [_part(part, kinds) for part in parts]


def refuse_duplicates(places: Sequence[Hashable]) -> None:
    """Refuse a transaction that has two parts for one item."""
    if len(set(places)) < len(places):
        raise validation_error("Transaction request cannot include multiple operations on one item")


def all_or_canceled(work: Callable[[_Part], _Result], parts: Iterable[_Part]) -> list[_Result]:
    """Do every part and, if any was refused, cancel the whole with each part's reason."""
    results: list[_Result] = []
    reasons: list[dict[str, Any]] = []
    for part in parts:
        try:
            results.append(work(part))
            reasons.append(NO_REASON)
        except ServiceError as error:
            reasons.append(_reason(error))
    if any(reason is not NO_REASON for reason in reasons):
        raise TransactionCanceledError(reasons)
    return results


def _reason(error: ServiceError) -> dict[str, Any]:
    if isinstance(error, ConditionalCheckFailedError):
        reason: dict[str, Any] = {"Code": "ConditionalCheckFailed", "Message": error.message}
        return reason if error.item is None else reason | {"Item": error.item}
    if error.code != "ValidationException":
        raise error
    return {"Code": "ValidationError", "Message": error.message}


def _part(part: object, kinds: tuple[str, ...]) -> tuple[str, Body]:
    if not isinstance(part, dict):
        raise serialization_error("Unexpected value type in payload")
    present = [kind for kind in kinds if part.get(kind) is not None]
    if len(present) != 1:
        raise validation_error("TransactItems can only contain one of Check, Put, Update or Delete")
    members = part[present[0]]
    if not isinstance(members, dict):
        raise serialization_error("Unexpected value type in payload")
    return present[0], members
