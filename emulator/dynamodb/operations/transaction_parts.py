"""What the two transactional operations have in common: their parts and why a part was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from emulator.dynamodb.errors import (
    ConditionalCheckFailedError,
    EmptyKeyValueError,
    TransactionCanceledError,
    validation_error,
)
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from emulator.dynamodb.request import Body

_REASONS = {"ValidationException": "ValidationError", "DuplicateItemException": "DuplicateItem"}
NO_REASON = {"Code": "None"}
_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


def transaction_parts(body: Body, kinds: tuple[str, ...]) -> list[tuple[str, Body]]:
    """Take ``TransactItems`` apart: the kind of each part and its members."""
    return [_part(part, kinds) for part in body["TransactItems"]]


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
    if error.code not in _REASONS or isinstance(error, EmptyKeyValueError):
        raise error
    return {"Code": _REASONS[error.code], "Message": error.message}


def _part(part: Body, kinds: tuple[str, ...]) -> tuple[str, Body]:
    present = [kind for kind in kinds if part.get(kind) is not None]
    if len(present) != 1:
        raise validation_error("TransactItems can only contain one of Check, Put, Update or Delete")
    return present[0], part[present[0]]
