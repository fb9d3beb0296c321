"""The drop folder: a file that appears in ``drop/<bucket>/…`` is uploaded, and leaves the folder.

    change ─► looks the same a moment later? ─► nobody writes it? ─► upload as by PUT ─► delete

It is deleted after the object is there, so that a crash between the two uploads it once more.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import mimetypes
import threading
from contextlib import ExitStack
from time import monotonic
from typing import TYPE_CHECKING

from emulator.errors import ServiceError
from emulator.identifiers import new_hex, new_token
from emulator.s3.attributes import DEFAULT_TYPE, Attributes
from emulator.s3.drop.files import IncompleteError, Look, files_below, key_of, look_at, opened
from emulator.s3.drop.watch import watch_drops
from emulator.s3.hashing import HashedPieces
from emulator.s3.storage.store import Happening

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from emulator.s3.storage.store import ObjectStore

_log = logging.getLogger(__name__)
_SETTLE_SECONDS = 0.1
# Some programs make an empty file first, and write it later.
_EMPTY_SECONDS = 1.0
_RETRY_SECONDS = 5.0
_LONGEST_KEY_BYTES = 1024


class DropFolder:
    """Uploads what is saved into a folder.

    Args:
        directory: made if it is not there.
    """

    def __init__(self, directory: Path, store: ObjectStore) -> None:
        self._directory = directory
        self._store = store
        self._waiting: list[tuple[float, int, Path, Look | None]] = []
        self._queued: set[Path] = set()
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._watching = ExitStack()
        self._thread = threading.Thread(target=self._work, name="drop folder")

    def start(self, buckets: Iterable[str]) -> None:
        """Make a folder for each bucket; take up what lies there already, and whatever comes."""
        self.add(buckets)
        self._watching.enter_context(watch_drops(self._directory, self.notice))
        self._thread.start()
        self.notice(self._directory)

    def add(self, buckets: Iterable[str]) -> None:
        """Make a folder for each bucket."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for bucket in buckets:
            (self._directory / bucket).mkdir(exist_ok=True)

    def stop(self) -> None:
        """Finish the file that is being uploaded; twice does no harm."""
        self._watching.close()
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def notice(self, path: Path) -> None:
        """Hear that a file, or whatever is in a folder, may be new."""
        if path.is_dir() and not path.is_symlink():
            for file in files_below(path):
                self._wait(file, look_at(file), _SETTLE_SECONDS)
        else:
            self._wait(path, look_at(path), _SETTLE_SECONDS)

    def _wait(self, path: Path, look: Look | None, seconds: float) -> None:
        if look is None or key_of(self._directory, path) is None:
            return
        with self._changed:
            if path in self._queued:
                return  # it is looked at anyway, and will not look the same
            self._queued.add(path)
            due = monotonic() + (seconds if look.size_bytes else max(seconds, _EMPTY_SECONDS))
            heapq.heappush(self._waiting, (due, next(self._numbers), path, look))
            self._changed.notify()

    def _work(self) -> None:
        while (found := self._next()) is not None:
            path, look = found
            try:
                self._handle(path, look)
            except Exception:  # noqa: BLE001 -- the loop of a thread: one file, not the folder
                _log.exception("Drop folder: %s", path)

    def _next(self) -> tuple[Path, Look | None] | None:
        with self._changed:
            while not self._stopping:
                pause = self._waiting[0][0] - monotonic() if self._waiting else None
                if pause is not None and pause <= 0:
                    _, _, path, look = heapq.heappop(self._waiting)
                    self._queued.discard(path)
                    return path, look
                self._changed.wait(pause)
        return None

    def _handle(self, path: Path, look: Look | None) -> None:
        now = look_at(path)
        named = key_of(self._directory, path)
        if now is None or named is None:
            return
        if now != look:
            self._wait(path, now, _SETTLE_SECONDS)
            return
        bucket, key = named
        try:
            self._upload(path, bucket, key)
        except IncompleteError:
            self._wait(path, look_at(path), _EMPTY_SECONDS)
        except FileNotFoundError:
            return
        except (ServiceError, OSError) as error:
            _log.warning("Drop folder: %s stays where it is: %s", path, error)
            if not isinstance(error, ServiceError):
                self._wait(path, now, _RETRY_SECONDS)

    def _upload(self, path: Path, bucket: str, key: str) -> None:
        if len(key.encode()) > _LONGEST_KEY_BYTES:
            raise OSError("its path is longer than a key can be")
        media_type = mimetypes.guess_type(key)[0] or DEFAULT_TYPE
        ids = (new_hex(8).upper(), new_token(56))
        with opened(self._directory, path) as dropped:
            self._store.upload(
                bucket,
                key,
                HashedPieces(dropped),
                Attributes({"content-type": media_type}),
                happening=Happening("Put", ids),
                conditions={},
            )
            if look_at(path) == dropped.look:
                path.unlink()
