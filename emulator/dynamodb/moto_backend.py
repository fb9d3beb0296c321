"""moto's DynamoDB, asked for its answer to one request without a server.

Private names of moto 5.2.5 are used: ``DynamoHandler._dispatch`` and ``dynamodb_backend``;
``tests/contract/test_dynamodb_tables.py`` pins them.
http://docs.getmoto.org/en/latest/docs/services/dynamodb.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.request import Request
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

from emulator.errors import ServiceError

_CONTENT_TYPE = "application/x-amz-json-1.0"


class _Handler(DynamoHandler):  # type: ignore[misc] # moto has no types
    """moto's handler over a backend that is ours alone."""

    def __init__(self, backend: DynamoDBBackend) -> None:
        super().__init__()
        self._backend = backend

    @property
    def dynamodb_backend(self) -> DynamoDBBackend:
        return self._backend


class MotoBackend:
    """The tables as moto knows them; it never sees an item."""

    def __init__(self, *, region: str, account_id: str) -> None:
        self._region = region
        self._account_id = account_id
        self._backend = DynamoDBBackend(region, account_id)

    def call(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """Let moto do one operation.

        Raises:
            ServiceError: what moto refused, in its words.
        """
        request = Request.from_primitives(
            method="POST",
            url=f"https://dynamodb.{self._region}.amazonaws.com/",
            headers={
                "Content-Type": _CONTENT_TYPE,
                "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                "x-moto-account-id": self._account_id,
            },
            body=json.dumps(body).encode(),
        )
        status, _, text = _Handler(self._backend)._dispatch(request)  # noqa: SLF001 -- pinned
        answer: dict[str, Any] = json.loads(text) if text else {}
        if int(status) >= 400:  # noqa: PLR2004 -- HTTP
            raise _service_error(int(status), answer)
        return answer


def _service_error(status: int, answer: dict[str, Any]) -> ServiceError:
    code = str(answer.get("__type", "InternalServerError")).rpartition("#")[2]
    message = str(answer.get("message") or answer.get("Message") or "")
    return ServiceError(code, message, status=status)
