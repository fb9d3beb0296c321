"""The outbox: a flat folder of records that were acknowledged and still wait to be delivered.

A record is written beside the folder and renamed in, so that nobody sees half of one; it is
deleted after it was delivered.
What is in the folder when the emulator starts was left by a crash and is delivered then.
File names sort in the order of writing: ``<nanoseconds>.<kind>``.
"""

from __future__ import annotations

import heapq
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

# A member of records: the trace to which their delivery belongs.
TRACE_ID = "emulatorTraceId"


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
        durable: a record that is kept survives the power cut too.
    """

    def __init__(self, directory: Path, *, durable: bool = False) -> None:
        self.directory = directory
        self._durable = durable
        self._incoming = directory.with_name(directory.name + ".incoming")
        self._wake: Callable[[RecordName], None] = lambda _: None
        self._lock = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)
        for unfinished in self._incoming.iterdir():
            unfinished.unlink()
        if durable:
            sync_folder(directory.parent)
        self._latest = self._latest_kept()

    def on_put(self, wake: Callable[[RecordName], None]) -> None:
        """Call ``wake`` after each record; the pump's, so that it need not wait for watchdog."""
        self._wake = wake

    def put(self, kind: str, content: bytes) -> RecordName:
        """Keep a record; it survives the process when this returns."""
        name = RecordName(file_name=f"{self._next_number():020d}.{kind}")
        self._write(name, content)
        self._wake(name)
        return name

    def replace(self, name: RecordName, content: bytes) -> None:
        """Change a record in place, for example after a failed attempt."""
        self._write(name, content)

    def _write(self, name: RecordName, content: bytes) -> None:
        beside = self._incoming / name.file_name
        with beside.open("wb") as file:
            file.write(content)
            if self._durable:
                file.flush()
                os.fsync(file.fileno())
        beside.rename(self.directory / name.file_name)
        if self._durable:
            sync_folder(self.directory)

    def waiting(self) -> list[RecordName]:
        """List what was not delivered yet, oldest first."""
        with os.scandir(self.directory) as entries:
            return sorted(RecordName(file_name=entry.name) for entry in entries)

    def oldest(
        self, limit: int, wanted: Callable[[RecordName], bool]
    ) -> tuple[list[RecordName], bool]:
        """List the oldest of the wanted records, and tell whether there are more.

        An outage can leave more records than one wants to hold in memory or to sort.
        """
        try:
            entries = os.scandir(self.directory)
        except FileNotFoundError:  # somebody deleted the data folder under us
            return [], False
        with entries:
            names = (RecordName(file_name=entry.name) for entry in entries)
            found = heapq.nsmallest(limit + 1, filter(wanted, names))
        return found[:limit], len(found) > limit

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

    def _next_number(self) -> int:
        """Count in nanoseconds, but never back: the emulator's clock can be turned back."""
        with self._lock:
            self._latest = max(self._latest + 1, time.time_ns())
            return self._latest

    def _latest_kept(self) -> int:
        numbers = (name.file_name.partition(".")[0] for name in self.waiting())
        return max((int(number) for number in numbers if number.isdecimal()), default=0)


def sync_folder(directory: Path | str) -> None:
    """Wait until the names in a folder have reached the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
