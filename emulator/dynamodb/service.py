"""DynamoDB of the emulated account: one WSGI callable for tables, items and streams.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html
Items are ours (``operations``, over SQLite), tables are moto's (``control_plane``).
A request must be signed, but the signature is not verified: whoever reaches the listener may read
and write.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING

from emulator.dynamodb.authentication import check_signed
from emulator.dynamodb.catalog import Catalog
from emulator.dynamodb.control_plane import ControlPlane
from emulator.dynamodb.database import Database
from emulator.dynamodb.engine import Engine
from emulator.dynamodb.errors import RewordedError
from emulator.dynamodb.expiry import Expiry
from emulator.dynamodb.operations.batch_write import batch_write_item
from emulator.dynamodb.operations.get_item import batch_get_item, get_item
from emulator.dynamodb.operations.query import query
from emulator.dynamodb.operations.scan import scan
from emulator.dynamodb.operations.single_item import delete_item, put_item, update_item
from emulator.dynamodb.operations.transact_get import transact_get_items
from emulator.dynamodb.operations.transact_write import transact_write_items
from emulator.dynamodb.protocol import respond
from emulator.dynamodb.refused_operations import REFUSED_OPERATIONS, unknown_operation
from emulator.dynamodb.request_check import check_request
from emulator.dynamodb.streams import (
    describe_stream,
    get_records,
    get_shard_iterator,
    list_streams,
)
from emulator.dynamodb.wording import as_worded_by
from emulator.errors import ServiceError, StartupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment

    from emulator.application import Table
    from emulator.clock import Clock
    from emulator.dynamodb.request import Body

_log = logging.getLogger(__name__)
_API = "DynamoDB_20120810"
_STREAMS_API = "DynamoDBStreams_20120810"


def _partiql(name: str) -> Callable[[Engine, Body], Body]:
    """Load PartiQL, which few applications speak, when it is first called."""

    def operation(engine: Engine, body: Body) -> Body:
        answer: Body = getattr(import_module("emulator.dynamodb.operations.partiql"), name)(
            engine, body
        )
        return answer

    return operation


_ITEM_OPERATIONS: dict[str, Callable[[Engine, Body], Body]] = {
    "BatchExecuteStatement": _partiql("batch_execute_statement"),
    "BatchGetItem": batch_get_item,
    "BatchWriteItem": batch_write_item,
    "DeleteItem": delete_item,
    "ExecuteStatement": _partiql("execute_statement"),
    "ExecuteTransaction": _partiql("execute_transaction"),
    "GetItem": get_item,
    "PutItem": put_item,
    "Query": query,
    "Scan": scan,
    "TransactGetItems": transact_get_items,
    "TransactWriteItems": transact_write_items,
    "UpdateItem": update_item,
}
_STREAM_OPERATIONS: dict[str, Callable[[Engine, Body], Body]] = {
    "DescribeStream": describe_stream,
    "GetRecords": get_records,
    "GetShardIterator": get_shard_iterator,
    "ListStreams": list_streams,
}
_TABLE_OPERATIONS: dict[str, Callable[[ControlPlane, Body], Body]] = {
    "CreateTable": ControlPlane.create_table,
    "DeleteTable": ControlPlane.delete_table,
    "DescribeLimits": ControlPlane.describe_limits,
    "DescribeTable": ControlPlane.describe_table,
    "DescribeTimeToLive": ControlPlane.describe_time_to_live,
    "ListTables": ControlPlane.list_tables,
    "ListTagsOfResource": ControlPlane.list_tags_of_resource,
    "UpdateTable": ControlPlane.update_table,
    "UpdateTimeToLive": ControlPlane.update_time_to_live,
}
_TAG_OPERATIONS = ("TagResource", "UntagResource")
_MOTO_OPERATIONS = (
    "DeleteResourcePolicy",
    "DescribeContinuousBackups",
    "DescribeEndpoints",
    "GetResourcePolicy",
    "PutResourcePolicy",
    "UpdateContinuousBackups",
)
_OPERATIONS = {
    _STREAMS_API: frozenset(_STREAM_OPERATIONS),
    _API: frozenset(
        (
            *(*_ITEM_OPERATIONS, *_TABLE_OPERATIONS, *_TAG_OPERATIONS, *_MOTO_OPERATIONS),
            *REFUSED_OPERATIONS,
        )
    ),
}


class DynamoDBService:
    """DynamoDB over one data folder.

    Args:
        tables: those of the template; they are there once the service has started.
        directory: holds the database file.
        durable: an acknowledged write survives the power cut too.
    """

    def __init__(
        self,
        *,
        tables: tuple[Table, ...],
        directory: Path,
        clock: Clock,
        region: str,
        account_id: str,
        durable: bool = False,
    ) -> None:
        self._tables = tables
        self._durable = durable
        self._directory = directory
        self._clock = clock
        self._region = region
        self._account_id = account_id
        self._running: _Running | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return respond(environ, start_response, self._operate)

    def start(self) -> None:
        """Open the database and bring the tables of the template into being.

        Raises:
            StartupError: a table in the data folder has other keys than the template's.
        """
        if self._running is not None:
            return
        database = Database(self._directory, durable=self._durable)
        running = _Running(database, self._clock, region=self._region, account_id=self._account_id)
        try:
            running.install(self._tables)
        except BaseException:
            database.close()
            raise
        self._running = running
        self._tell_kept()

    def stop(self) -> None:
        """Close the database."""
        if self._running is not None:
            self._running.database.close()
            self._running = None

    def apply(self, tables: tuple[Table, ...]) -> tuple[str, ...]:
        """Bring the tables to what a changed template says; give what cannot be changed so.

        A table that cannot be changed stays as it is; the others are brought to what it says.
        """
        before = {table.name: table for table in self._tables}
        after, refused = [], []
        for table in tables:
            try:
                if table != before.get(table.name):
                    self._started().control_plane.install(table)
                after.append(table)
            except StartupError as error:
                refused.append(str(error))
                if table.name in before:
                    after.append(before[table.name])
        self._tables = tuple(after)
        return tuple(refused)

    def reset(self) -> None:
        """Empty the tables of the template and drop all others."""
        running = self._started()
        names = {table.name for table in self._tables}
        for table in running.catalog.tables:
            if table.name in names:
                running.catalog.empty(table)
            else:
                running.control_plane.drop(table)
        running.catalog.forget_request_tokens()
        running.install(self._tables)

    def reset_table(self, name: str) -> None:
        """Empty one table.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404).
        """
        catalog = self._started().catalog
        table = catalog.get(name)
        if table is None:
            there_are = ", ".join(table.name for table in catalog.tables) or "none"
            raise ServiceError(
                "ResourceNotFoundException",
                f"there is no table {name!r} (there are: {there_are})",
                status=HTTPStatus.NOT_FOUND,
            )
        catalog.empty(table)
        catalog.forget_request_tokens()

    def delete_expired(self) -> None:
        """Delete what has expired, as the next request would; the clock calls it when it moves."""
        if self._running is not None:
            self._running.expiry.check()

    def _tell_kept(self) -> None:
        in_template = {table.name for table in self._tables}
        kept = [table.name for table in self._started().catalog.tables]
        kept = [name for name in kept if name not in in_template]
        if kept:
            _log.warning(
                "the data folder has tables that the template has not, and keeps them: %s "
                "(`emulator reset --table NAME` drops one while no emulator runs)",
                ", ".join(kept),
            )

    def _operate(self, environ: WSGIEnvironment, body: Body) -> Body:
        running = self._started()
        api, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
        if operation not in _OPERATIONS.get(api, ()):
            raise unknown_operation(operation)
        check_signed(environ)
        is_stream = api == _STREAMS_API
        if operation not in REFUSED_OPERATIONS:
            check_request("dynamodbstreams" if is_stream else "dynamodb", operation, body)
        running.expiry.check()
        operations = _STREAM_OPERATIONS if is_stream else _ITEM_OPERATIONS
        if operation in operations:
            try:
                return operations[operation](running.engine, body)
            except RewordedError as error:
                raise as_worded_by(operation, error) from error
        if operation in _TABLE_OPERATIONS:
            return _TABLE_OPERATIONS[operation](running.control_plane, body)
        if operation in _TAG_OPERATIONS:
            return running.control_plane.change_tags(operation, body)
        if operation in _MOTO_OPERATIONS:
            return running.control_plane.pass_to_moto(operation, body)
        raise unknown_operation(operation)

    def _started(self) -> _Running:
        if self._running is None:
            raise RuntimeError("DynamoDBService.start() was not called")
        return self._running


class _Running:
    """The parts of a started service."""

    def __init__(self, database: Database, clock: Clock, *, region: str, account_id: str) -> None:
        self.database = database
        self.catalog = Catalog(self.database, region=region, account_id=account_id)
        self.control_plane = ControlPlane(self.catalog, clock, region=region, account_id=account_id)
        self.engine = Engine(self.database, self.catalog, clock)
        self.expiry = Expiry(self.engine)

    def install(self, tables: tuple[Table, ...]) -> None:
        """Bring the tables of the template to what it says."""
        for table in tables:
            self.control_plane.install(table)


def drop_table(directory: Path, name: str) -> tuple[str, ...]:
    """Drop a table from the data of an emulator that does not run; name those there were before.

    It is the way out when the template's key schema has changed.
    """
    database = Database(directory)
    try:
        # ARNs are made of names at each start; none is kept.
        catalog = Catalog(database, region="", account_id="")
        there_are = tuple(table.name for table in catalog.tables)
        if name in there_are:
            catalog.drop(catalog.find(name))
        return there_are
    finally:
        database.close()
