"""Watchdog on the outbox folder: notices the records that others rename into it.

The records of this process are announced by ``Outbox.on_put``, long before the operating system
tells; this is the second path.
"""

from __future__ import annotations

import logging
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
    from collections.abc import Callable

_log = logging.getLogger(__name__)


class OutboxWatch:
    """A watch on one flat folder.

    Args:
        found: called in watchdog's thread with each record that appeared and is still there.
    """

    def __init__(self, directory: Path, found: Callable[[RecordName], None]) -> None:
        self._directory = directory
        self._handler = _Handler(found)
        self._observer = Observer()

    def start(self) -> None:
        """Begin to watch; a machine that has no watches left is only reported."""
        # Deletions are most of what happens in the folder, and nobody asks for them.
        wanted: list[type[FileSystemEvent]] = [FileCreatedEvent, FileMovedEvent, FileClosedEvent]
        try:
            self._observer.schedule(self._handler, str(self._directory), event_filter=wanted)
            self._observer.start()
        except OSError as error:
            _log.warning("Records that others put into the outbox are found late: %s", error)

    def stop(self) -> None:
        """End watching; a second time does no harm."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, found: Callable[[RecordName], None]) -> None:
        self._found = found

    def on_any_event(self, event: FileSystemEvent) -> None:
        path = Path(str(event.dest_path or event.src_path))
        if path.exists():
            self._found(RecordName(file_name=path.name))
