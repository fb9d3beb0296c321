"""DynamoDB called without a socket: a client over the WSGI callable, and tables for the tests."""

from __future__ import annotations

import io
import json
import threading
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

from fakes import FakeClock

from emulator.application import KeySchema, SecondaryIndex, Table
from emulator.dynamodb import DynamoDBService

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.clock import Clock

REGION = "us-east-1"
ACCOUNT_ID = "123456789012"

FILES = Table(
    logical_id="FilesTable",
    name="Files",
    attributes=(("id", "S"),),
    key_schema=KeySchema(partition_key="id"),
)
ORDERS = Table(
    logical_id="OrdersTable",
    name="Orders",
    attributes=(("customer", "S"), ("number", "N"), ("state", "S"), ("day", "S")),
    key_schema=KeySchema(partition_key="customer", sort_key="number"),
    global_indexes=(
        SecondaryIndex(
            name="by_state", key_schema=KeySchema(partition_key="state", sort_key="day")
        ),
        SecondaryIndex(
            name="keys_by_day",
            key_schema=KeySchema(partition_key="day"),
            projection_type="KEYS_ONLY",
        ),
    ),
    local_indexes=(
        SecondaryIndex(
            name="by_day",
            key_schema=KeySchema(partition_key="customer", sort_key="day"),
            projection_type="INCLUDE",
            non_key_attributes=("total",),
        ),
    ),
)


# The signature is not verified, but it must be there.
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20240515/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=0"
)


class Refused(Exception):  # noqa: N818 -- an answer, not a fault
    """An answer with another status than 200."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(json.dumps(body))
        self.status = status
        self.body = body

    @property
    def message(self) -> str:
        return str(self.body.get("message") or self.body.get("Message"))

    @property
    def code(self) -> str:
        return str(self.body["__type"]).rpartition("#")[2]


class Client:
    """Calls operations of a WSGI callable: ``client("GetItem", TableName=…, Key=…)``."""

    def __init__(self, service: DynamoDBService) -> None:
        self.service = service
        self.headers: dict[str, str] = {}

    def __call__(self, operation: str, **members: Any) -> dict[str, Any]:
        target = f"DynamoDB_20120810.{operation}"
        status, content = self.post(target, json.dumps(members).encode())
        body = json.loads(content)
        if status != 200:
            raise Refused(status, body)
        return body

    def post(
        self,
        target: str,
        content: bytes,
        content_type: str = "application/x-amz-json-1.0",
        authorization: str = AUTHORIZATION,
        content_encoding: str = "",
    ) -> tuple[int, bytes]:
        answered: list[tuple[str, list[tuple[str, str]]]] = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "HTTP_X_AMZ_TARGET": target,
            "HTTP_AUTHORIZATION": authorization,
            "CONTENT_TYPE": content_type,
            "HTTP_CONTENT_ENCODING": content_encoding,
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": io.BytesIO(content),
        }
        chunks = self.service(environ, lambda *answer: answered.append(answer))  # type: ignore[arg-type,func-returns-value]
        content = b"".join(chunks)
        [(status, headers)] = answered
        self.headers = dict(headers)
        return int(status.split()[0]), content


class HttpClient(Client):
    """The same over HTTP, with a connection for each thread."""

    def __init__(self, service: DynamoDBService, port: int) -> None:
        super().__init__(service)
        self._port = port
        self._local = threading.local()
        self._connections: list[HTTPConnection] = []

    def post(
        self,
        target: str,
        content: bytes,
        content_type: str = "application/x-amz-json-1.0",
        authorization: str = AUTHORIZATION,
        content_encoding: str = "identity",
    ) -> tuple[int, bytes]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = HTTPConnection("127.0.0.1", self._port)
            self._connections.append(connection)
        headers = {
            "X-Amz-Target": target,
            "Content-Type": content_type,
            "Authorization": authorization,
            "Content-Encoding": content_encoding,
        }
        connection.request("POST", "/", content, headers)
        response = connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


def make_service(directory: Path, *tables: Table, clock: Clock | None = None) -> DynamoDBService:
    """Make a service that is not started yet."""
    return DynamoDBService(
        tables=tables,
        directory=directory,
        clock=clock or FakeClock(),
        region=REGION,
        account_id=ACCOUNT_ID,
    )


def order(customer: str, number: int, **attributes: Any) -> dict[str, Any]:
    """Write an item of ``Orders``."""
    return {"customer": {"S": customer}, "number": {"N": str(number)}, **attributes}
