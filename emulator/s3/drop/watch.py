"""Watchdog on the drop folder: tells which files and folders have changed."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.events import (
    EVENT_TYPE_CLOSED_NO_WRITE,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_OPENED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_log = logging.getLogger(__name__)
_IGNORED = frozenset({EVENT_TYPE_CLOSED_NO_WRITE, EVENT_TYPE_DELETED, EVENT_TYPE_OPENED})


@contextmanager
def watch_drops(directory: Path, changed: Callable[[Path], None]) -> Iterator[None]:
    """Call ``changed``, in watchdog's thread, with each file or folder that may be new."""
    observer = Observer()
    try:
        observer.schedule(_Handler(changed), str(directory), recursive=True)
        observer.start()
    except OSError as error:
        _log.warning("The drop folder is looked at once a second: %s", error)
        observer = PollingObserver()
        observer.schedule(_Handler(changed), str(directory), recursive=True)
        observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, changed: Callable[[Path], None]) -> None:
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _IGNORED:
            self._changed(Path(str(event.dest_path or event.src_path)))
