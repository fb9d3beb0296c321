"""The bytes of objects: opaque files that appear whole, or not at all.

A file is written below ``incoming`` and renamed into ``objects``; its name has nothing to do with
the key, so that no key can lead out of the folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A file that was received whole and is not an object yet.

    Args:
        md5: hexadecimal.
    """

    path: Path
    size: int
    md5: str


class ObjectFiles:
    """The files of one data folder."""

    def __init__(self, directory: Path) -> None:
        self._objects = directory / "objects"
        self._incoming = directory / "incoming"
        for folder in (self._objects, self._incoming):
            folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def receive(self, pieces: Iterable[bytes]) -> Iterator[Received]:
        """Write a stream to a file; it is gone after the block unless ``keep`` was called."""
        path = self._incoming / uuid.uuid4().hex
        digest = hashlib.md5(usedforsecurity=False)
        size = 0
        try:
            with path.open("wb", buffering=0) as file:
                for piece in pieces:
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
            yield Received(path=path, size=size, md5=digest.hexdigest())
        finally:
            path.unlink(missing_ok=True)

    def keep(self, received: Received) -> str:
        """Make a received file one of the objects; give its name."""
        name = received.path.name
        folder = self._objects / name[:2]
        folder.mkdir(exist_ok=True)
        received.path.rename(folder / name)
        return name

    @contextmanager
    def joined(self, names: Iterable[str]) -> Iterator[Received]:
        """Join the files of parts to one; copied by the kernel, not through this process."""
        path = self._incoming / uuid.uuid4().hex
        try:
            with path.open("wb") as target:
                for name in names:
                    with self.open(name) as source:
                        shutil.copyfileobj(source, target, _PIECE)
            yield Received(path=path, size=path.stat().st_size, md5="")
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def linked(self, name: str) -> Iterator[Received]:
        """Take up the bytes of an object once more, for a copy; they are shared, not read."""
        path = self._incoming / uuid.uuid4().hex
        os.link(self._path(name), path)
        try:
            yield Received(path=path, size=path.stat().st_size, md5="")
        finally:
            path.unlink(missing_ok=True)

    def open(self, name: str) -> IO[bytes]:
        """Open an object's file.

        Raises:
            FileNotFoundError: it was overwritten or deleted meanwhile.
        """
        return self._path(name).open("rb")

    def remove(self, name: str) -> None:
        """Delete a file; who has it open reads on."""
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """List every file."""
        for folder in self._objects.iterdir():
            yield from (file.name for file in folder.iterdir())

    def clear_incoming(self) -> int:
        """Delete what was never received whole; give how many files that were."""
        unfinished = list(self._incoming.iterdir())
        for path in unfinished:
            path.unlink()
        return len(unfinished)

    def _path(self, name: str) -> Path:
        return self._objects / name[:2] / name
