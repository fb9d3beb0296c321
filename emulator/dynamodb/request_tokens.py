"""Idempotency: a transaction with the same ``ClientRequestToken`` is done once in ten minutes.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#DDB-TransactWriteItems-request-ClientRequestToken
Tokens are kept in the transaction's own commit, so that a crash cannot part the two.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emulator.errors import ServiceError

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

_VALID_FOR = timedelta(minutes=10)


class RequestTokens:
    """The tokens of the last ten minutes, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection, *, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def answer(self, token: str | None, content: list[Any]) -> dict[str, Any] | None:
        """Give the answer of the same request before; ``None`` if there was none.

        Raises:
            ServiceError: ``IdempotentParameterMismatchException`` for a token of another request.
        """
        row = self._connection.execute(
            "SELECT digest, response FROM request_tokens WHERE token = ? AND created_at > ?",
            (token, (self._now - _VALID_FOR).timestamp()),
        ).fetchone()
        if row is None:
            return None
        if row[0] != _digest(content):
            raise ServiceError(
                "IdempotentParameterMismatchException",
                "The request was rejected because the token was used before with another payload",
            )
        response: dict[str, Any] = json.loads(row[1])
        return response

    def remember(self, token: str | None, content: list[Any], response: dict[str, Any]) -> None:
        """Keep the answer to a request, and forget what is too old."""
        if token is None:
            return
        self._connection.execute(
            "DELETE FROM request_tokens WHERE created_at <= ?",
            ((self._now - _VALID_FOR).timestamp(),),
        )
        self._connection.execute(
            "INSERT OR REPLACE INTO request_tokens VALUES (?, ?, ?, ?)",
            (token, _digest(content), self._now.timestamp(), json.dumps(response)),
        )


def _digest(content: list[Any]) -> bytes:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()
