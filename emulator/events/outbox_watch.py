"""Watchdog on the outbox folder: notices the records that others rename into it.

The records of this process are announced by ``Outbox.on_put``, long before the operating system
tells; this is the second path.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from emulator.outbox import RecordName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_log = logging.getLogger(__name__)


@contextmanager
def watch_outbox(directory: Path, found: Callable[[RecordName], None]) -> Iterator[None]:
    """Call ``found``, in watchdog's thread, with each record that appears and is still there.

    A machine that has no watches left is only reported: scans find the records later.
    """
    observer = Observer()
    # Deletions are most of what happens in the folder, and nobody asks for them.
    wanted: list[type[FileSystemEvent]] = [FileCreatedEvent, FileMovedEvent, FileClosedEvent]
    try:
        observer.schedule(_Handler(found), str(directory), event_filter=wanted)
        observer.start()
    except OSError as error:
        _log.warning("Records that others put into the outbox are found late: %s", error)
    try:
        yield
    finally:
        if observer.is_alive():
            observer.stop()
            observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, found: Callable[[RecordName], None]) -> None:
        self._found = found

    def on_any_event(self, event: FileSystemEvent) -> None:
        path = Path(str(event.dest_path or event.src_path))
        if path.exists():
            self._found(RecordName(file_name=path.name))
