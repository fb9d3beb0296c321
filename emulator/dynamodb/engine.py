"""What every operation works with: the tables, their items and the time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from emulator.dynamodb.item_reader import ItemReader
from emulator.dynamodb.item_writer import ItemWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.clock import Clock
    from emulator.dynamodb.catalog import Catalog
    from emulator.dynamodb.database import Database


class Engine:
    """Items of all tables, in transactions."""

    def __init__(self, database: Database, catalog: Catalog, clock: Clock) -> None:
        self.catalog = catalog
        self.clock = clock
        self._database = database

    @contextmanager
    def writing(self) -> Iterator[ItemWriter]:
        """Give a transaction; an exception undoes all of it."""
        with self._database.writing() as connection:
            yield ItemWriter(connection, now=self.clock.now())

    @contextmanager
    def reading(self) -> Iterator[ItemReader]:
        """Give a reader of what is committed."""
        with self._database.reading() as connection:
            yield ItemReader(connection)

    @contextmanager
    def snapshot(self) -> Iterator[ItemReader]:
        """Give a reader that sees one moment."""
        with self._database.snapshot() as connection:
            yield ItemReader(connection)
