"""Connections to the database file: one that writes, under a lock, and some that read.

Write-ahead logging lets readers see the last commit while the writer works; with
``synchronous = NORMAL`` a commit survives the end of the process, if not the end of the power.
https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emulator.dynamodb.errors import internal_server_error
from emulator.dynamodb.schema import SCHEMA, VERSION
from emulator.errors import StartupError
from emulator.outbox import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emulator.errors import ServiceError

_log = logging.getLogger(__name__)
_FILE_NAME = "dynamodb.sqlite3"
_BUSY_SECONDS = 30.0


class Database:
    """The database file of one data folder.

    Args:
        directory: made if it is not there.
        durable: a commit waits for the disk.
    """

    def __init__(self, directory: Path, *, durable: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = directory / _FILE_NAME
        self._write_lock = threading.Lock()
        self._readers: list[sqlite3.Connection] = []
        self._closed = False
        self._writer = self._connect()
        if durable:
            self._writer.execute("PRAGMA synchronous = FULL")
        self._prepare()
        if durable:
            sync_folder(directory)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the writer's connection for one transaction: all of it or nothing."""
        with self._write_lock:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException as error:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError):
                    raise _failed(error) from error
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a reader's connection; each statement sees what was committed before it."""
        try:
            connection = self._readers.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._put_back(connection)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Give a reader's connection of which all statements see the same moment."""
        with self.reading() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close every connection; a second time does no harm."""
        with self._write_lock:
            self._closed = True
            while self._readers:
                self._readers.pop().close()
            self._writer.close()

    def _put_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._readers.append(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._file,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=64,
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _prepare(self) -> None:
        self._writer.execute("PRAGMA journal_mode = WAL")
        [(version,)] = self._writer.execute("PRAGMA user_version")
        if version == 0:
            self._writer.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT")
        elif version != VERSION:
            self._writer.close()
            raise StartupError(
                f"{self._file}: written by another version of the emulator "
                f"(format {version}, this one reads {VERSION}); remove the file to start afresh"
            )


def _failed(error: sqlite3.OperationalError) -> ServiceError:
    """Answer for a disk that is full or broken: nothing was written, and SDKs try again."""
    _log.error("DynamoDB could not write: %s", error)
    return internal_server_error()
