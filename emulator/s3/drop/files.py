"""Which files of the drop folder are uploads, and how one is read whole or not at all.

Hidden files and those that editors and browsers work on are left alone; links are not followed; a
file that somebody still has open for writing, or that changes while it is read, is not complete.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Names of files that are somebody's work in progress: Emacs, vim, Office, browsers, rsync.
_IN_PROGRESS = re.compile(
    r"\..*|.*~|#.*#|~\$.*|4913|.*\.(part|partial|crdownload|download|tmp|sw[a-z])", re.DOTALL
)
_PIECE = 1 << 20


class IncompleteError(Exception):
    """The file is still being written."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looked like at one moment."""

    inode: int
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """An open file of the drop folder."""

    descriptor: int
    look: Look

    def __iter__(self) -> Iterator[bytes]:
        """Give its bytes.

        Raises:
            IncompleteError: at the end: it has changed meanwhile.
        """
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        while piece := os.read(self.descriptor, _PIECE):
            yield piece
        if _look(os.fstat(self.descriptor)) != self.look:
            raise IncompleteError


def key_of(root: Path, path: Path) -> tuple[str, str] | None:
    """Tell bucket and key of a file; ``None`` if it is not an upload."""
    bucket, *names = path.relative_to(root).parts
    if not names or any(_IN_PROGRESS.fullmatch(name) for name in names):
        return None
    try:
        "/".join(names).encode()
    except UnicodeEncodeError:  # no UTF-8 on the disk, no key of S3
        return None
    return bucket, "/".join(names)


def look_at(path: Path) -> Look | None:
    """Look at a file; ``None`` if it is gone or not a regular file."""
    try:
        state = path.lstat()
    except OSError:
        return None
    return _look(state) if stat.S_ISREG(state.st_mode) else None


@contextmanager
def opened(root: Path, path: Path) -> Iterator[Dropped]:
    """Open a complete file, following no link on the way to it.

    Raises:
        IncompleteError: somebody has it open for writing.
        OSError: it is gone, or behind a link.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        *folders, name = path.relative_to(root).parts
        for one in folders:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            inner = os.open(one, flags, dir_fd=folder)
            os.close(folder)
            folder = inner
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
        _refuse_writers(descriptor)
        yield Dropped(descriptor, _look(state))
    finally:
        os.close(descriptor)


def files_below(folder: Path) -> Iterator[Path]:
    """List the files below a folder, following no link."""
    for parent, _, names in os.walk(folder):
        yield from (type(folder)(parent, name) for name in names)


def _look(state: os.stat_result) -> Look:
    return Look(state.st_ino, state.st_size, state.st_mtime_ns)


def _refuse_writers(descriptor: int) -> None:
    """Ask Linux for a lease, which it gives only on a file that nobody writes."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError as error:
        raise IncompleteError from error
    except OSError:
        return  # not the owner, or a file system without leases: the look has to do
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
