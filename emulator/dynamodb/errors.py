"""The errors of DynamoDB, in its words.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
An error bears its prefix on the wire: ``com.amazon.coral.validate#`` for what a request says wrong,
``com.amazon.coral.service#`` for a request that cannot be read, else DynamoDB's own.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from emulator.errors import ServiceError

_CORAL = {
    "ValidationException": "com.amazon.coral.validate#",
    "SerializationException": "com.amazon.coral.service#",
    "UnknownOperationException": "com.amazon.coral.service#",
    "IncompleteSignatureException": "com.amazon.coral.service#",
    "MissingAuthenticationTokenException": "com.amazon.coral.service#",
}
_DYNAMODB = "com.amazonaws.dynamodb.v20120810#"


class ConditionalCheckFailedError(ServiceError):
    """A condition did not hold.

    Args:
        item: the item as it is, where the request asked for it.
    """

    def __init__(self, item: dict[str, Any] | None = None) -> None:
        super().__init__("ConditionalCheckFailedException", "The conditional request failed")
        self.item = item


class RewordedError(ServiceError):
    """A refusal that AWS's two request checkers word differently; see ``wording``.

    Args:
        older: the text of the older one.
    """

    def __init__(self, message: str, *, older: str) -> None:
        super().__init__("ValidationException", message)
        self.older = older


class EmptyKeyValueError(ServiceError):
    """A key is empty; a transaction is not cancelled for it but refused, as a whole."""

    def __init__(self, message: str) -> None:
        super().__init__(
            "ValidationException", f"One or more parameter values are not valid. {message}"
        )


class TransactionCanceledError(ServiceError):
    """No part of a transaction was done.

    Args:
        reasons: one for each part, in AWS's shape; ``{"Code": "None"}`` where nothing was wrong.
    """

    def __init__(self, reasons: list[dict[str, Any]]) -> None:
        codes = ", ".join(reason["Code"] for reason in reasons)
        super().__init__(
            "TransactionCanceledException",
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            f"[{codes}]",
        )
        self.reasons = reasons


def validation_error(message: str) -> ServiceError:
    """Refuse what a request says."""
    return ServiceError("ValidationException", message)


def internal_server_error() -> ServiceError:
    """Answer that something went wrong in the service: SDKs try again."""
    return ServiceError(
        "InternalServerError",
        "The request processing has failed because of an unknown error, exception or failure.",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def invalid_parameter(message: str) -> ServiceError:
    """Refuse the value of a parameter, with the words that AWS opens with."""
    return validation_error(f"One or more parameter values were invalid: {message}")


def serialization_error(message: str) -> ServiceError:
    """Refuse a request whose JSON has the wrong types."""
    return ServiceError("SerializationException", message)


def resource_not_found(message: str = "Requested resource not found") -> ServiceError:
    """Say that there is no such table, index or stream."""
    return ServiceError("ResourceNotFoundException", message)


def key_mismatch() -> ServiceError:
    """Refuse a key that has other attributes or types than the table's."""
    return validation_error("The provided key element does not match the schema")


def error_body(error: ServiceError) -> dict[str, Any]:
    """Render an error as DynamoDB sends it.

    A cancelled transaction and a serialization error spell ``Message`` with a capital, as AWS does;
    of a request that it cannot read, or an operation that it has not, it says nothing more.
    """
    body: dict[str, Any] = {"__type": _CORAL.get(error.code, _DYNAMODB) + error.code}
    if not error.message:
        return body
    if isinstance(error, TransactionCanceledError):
        return body | {"Message": error.message, "CancellationReasons": error.reasons}
    if error.code == "SerializationException":
        return body | {"Message": error.message}
    body["message"] = error.message
    if isinstance(error, ConditionalCheckFailedError) and error.item is not None:
        body["Item"] = error.item
    return body | dict(error.members)
