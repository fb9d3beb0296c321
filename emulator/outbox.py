"""The outbox: a flat folder of records that were acknowledged and still wait to be delivered.

A record is written beside the folder and renamed in, so that nobody sees half of one; it is
deleted after it was delivered.
What is in the folder when the emulator starts was left by a crash and is delivered then.
File names sort in the order of writing: ``<nanoseconds>-<count>.<kind>``.
"""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RecordName:
    """Where a record lies and what it is, for example ``s3-event`` or ``invocation``."""

    file_name: str

    @property
    def kind(self) -> str:
        """Tell what the record holds."""
        return self.file_name.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A record that could not be delivered yet: what to keep and when to try again."""

    at: datetime
    content: bytes


class Outbox:
    """Records on disk, in the order in which they were put.

    Args:
        directory: made if it is not there; ``<directory>.incoming`` beside it holds unfinished
            records.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._incoming = directory.with_name(directory.name + ".incoming")
        self._count = itertools.count()
        self._wake: Callable[[], None] = lambda: None
        directory.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)
        for unfinished in self._incoming.iterdir():
            unfinished.unlink()

    def on_put(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` after each record; the pump's, so that it need not wait for watchdog."""
        self._wake = wake

    def put(self, kind: str, content: bytes) -> RecordName:
        """Keep a record; it survives the process when this returns."""
        name = f"{time.time_ns():020d}-{next(self._count):08d}.{kind}"
        beside = self._incoming / name
        beside.write_bytes(content)
        beside.rename(self.directory / name)
        self._wake()
        return RecordName(file_name=name)

    def replace(self, name: RecordName, content: bytes) -> None:
        """Change a record in place, for example after a failed attempt."""
        beside = self._incoming / name.file_name
        beside.write_bytes(content)
        beside.rename(self.directory / name.file_name)

    def waiting(self) -> list[RecordName]:
        """List what was not delivered yet, oldest first."""
        with os.scandir(self.directory) as entries:
            return sorted(RecordName(file_name=entry.name) for entry in entries)

    def read(self, name: RecordName) -> bytes | None:
        """Read a record; ``None`` if it was delivered or cleared meanwhile."""
        try:
            return (self.directory / name.file_name).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, name: RecordName) -> None:
        """Forget a delivered record; a second time does no harm."""
        (self.directory / name.file_name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget everything, as a reset does."""
        for name in self.waiting():
            self.remove(name)
