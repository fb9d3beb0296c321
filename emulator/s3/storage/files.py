"""The bytes of objects: opaque files that belong to nobody until the metadata names them.

A file is written under a name that has nothing to do with the key, so that no key can lead out of
the folder; what a crash leaves unnamed is removed at the next start.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from emulator.identifiers import new_hex
from emulator.outbox import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a file."""

    file: str
    start: int
    length: int


class ObjectFiles:
    """The files of one data folder.

    Args:
        durable: what is written has reached the disk before it is named.
    """

    def __init__(self, directory: Path, *, durable: bool) -> None:
        self._directory = str(directory)
        self._durable = durable
        self._lock = threading.Lock()
        self._readers: Counter[str] = Counter()
        self._doomed: set[str] = set()
        for number in range(256):
            (directory / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        if durable:
            sync_folder(directory)

    @contextmanager
    def receive(self, pieces: Iterable[bytes]) -> Iterator[tuple[str, int]]:
        """Write a stream to a file; give name and size; it is gone if the block fails."""
        name = new_hex(16)
        path = self._path(name)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            try:
                size = sum(_write(descriptor, piece) for piece in pieces)
                if self._durable:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._sync_folder(path)
            yield name, size
        except BaseException:
            _unlink(path)
            raise

    @contextmanager
    def linked(self, names: Iterable[str]) -> Iterator[list[str]]:
        """Take up files once more under new names, sharing their bytes; gone if the block fails.

        Raises:
            FileNotFoundError: one was removed meanwhile.
        """
        taken: list[str] = []
        try:
            for name in names:
                new = new_hex(16)
                os.link(self._path(name), self._path(new))
                taken.append(new)
                self._sync_folder(self._path(new))
            yield taken
        except BaseException:
            for new in taken:
                _unlink(self._path(new))
            raise

    def open(self, name: str) -> IO[bytes]:
        """Open a file.

        Raises:
            FileNotFoundError: it was removed.
        """
        return open(self._path(name), "rb", buffering=0)  # noqa: PTH123 -- a str is faster; the reader closes it

    @contextmanager
    def held(self, names: list[str]) -> Iterator[None]:
        """Keep files, though they may be removed, until the block ends."""
        with self._lock:
            self._readers.update(names)
        try:
            yield
        finally:
            with self._lock:
                self._readers.subtract(names)
                free = [name for name in names if self._readers[name] <= 0]
                for name in free:
                    del self._readers[name]
                doomed = self._doomed.intersection(free)
                self._doomed -= doomed
            for name in doomed:
                _unlink(self._path(name))

    def read(self, slices: Iterable[Slice]) -> Iterator[bytes]:
        """Read parts of files one after the other."""
        for part in slices:
            with self.open(part.file) as file:
                file.seek(part.start)
                left = part.length
                while left and (piece := file.read(min(left, _PIECE))):
                    left -= len(piece)
                    yield piece

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; who reads them reads on."""
        for name in names:
            with self._lock:
                if self._readers.get(name):
                    self._doomed.add(name)
                    continue
            _unlink(self._path(name))

    def names(self) -> Iterator[str]:
        """List every file."""
        for number in range(256):
            with os.scandir(f"{self._directory}/{number:02x}") as entries:
                yield from (entry.name for entry in entries)

    def _path(self, name: str) -> str:
        return f"{self._directory}/{name[:2]}/{name}"

    def _sync_folder(self, path: str) -> None:
        if self._durable:
            sync_folder(os.path.dirname(path))  # noqa: PTH120 -- a str is faster


def _write(descriptor: int, piece: bytes) -> int:
    """Write a whole piece; the system may take less at once."""
    written = os.write(descriptor, piece)
    while written < len(piece):
        written += os.write(descriptor, memoryview(piece)[written:])
    return len(piece)


def _unlink(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 -- a str is faster
