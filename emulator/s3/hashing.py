"""Hashes of a stream while it passes: MD5 for the ETag, and checksums.

MD5 is what an upload of any size waits for, so that it gets a core of its own: pieces are hashed in
order by another thread while they are written, and while the next ones arrive.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from emulator.s3.checksums import DEFAULT, Checksum, encoded, new_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_WORTH_A_THREAD_BYTES = 1 << 17
_WAITING_AT_MOST = 4


class HashedPieces:
    """A stream that knows its MD5 and checksums once it has passed.

    Args:
        algorithm: the checksum to keep.
        others: further ones that are wanted.
    """

    def __init__(self, pieces: Iterable[bytes], algorithm: str = DEFAULT, *others: str) -> None:
        self._pieces = pieces
        self._algorithm = algorithm
        self._digests = {name: new_digest(name) for name in (algorithm, *others)}
        self._md5 = hashlib.md5(usedforsecurity=False)

    def __iter__(self) -> Iterator[bytes]:
        beside: _Beside | None = None
        try:
            for piece in self._pieces:
                if beside is None and len(piece) >= _WORTH_A_THREAD_BYTES:
                    beside = _Beside(self._update)
                (beside.take if beside else self._update)(piece)
                yield piece
        finally:
            if beside is not None:
                beside.finish()

    def _update(self, piece: bytes) -> None:
        self._md5.update(piece)
        for digest in self._digests.values():
            digest.update(piece)

    @property
    def md5(self) -> str:
        """Hexadecimal."""
        return self._md5.hexdigest()

    @property
    def checksum(self) -> Checksum:
        """The checksum to keep."""
        return self.checksum_in(self._algorithm)

    def checksum_in(self, algorithm: str) -> Checksum:
        """Give the checksum in one of the wanted algorithms."""
        return Checksum(algorithm, encoded(self._digests[algorithm].digest()))


class _Beside:
    """Hashes the pieces of one stream in order, in one of the threads that all streams share."""

    def __init__(self, update: Callable[[bytes], None]) -> None:
        self._update = update
        self._waiting: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._running = False
        self._room = threading.Semaphore(_WAITING_AT_MOST)

    def take(self, piece: bytes) -> None:
        """Take a piece; waits while too many of them are in memory."""
        self._room.acquire()
        with self._lock:
            self._waiting.append(piece)
            if self._running:
                return
            self._running = True
        _workers().submit(self._run)

    def finish(self) -> None:
        """Wait for the last piece."""
        for _ in range(_WAITING_AT_MOST):
            self._room.acquire()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running = False
                    return
                piece = self._waiting.popleft()
            self._update(piece)
            self._room.release()


@cache
def _workers() -> ThreadPoolExecutor:
    """Give the threads that hash: one for each core."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="S3 hash")
