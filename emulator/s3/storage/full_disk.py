"""A full disk, as a client hears of it: 503, so that it tries again; nothing was acknowledged.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import errno
import logging
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def full_disk_reported() -> Iterator[None]:
    """Turn a disk that is full into S3's error, and say so in the log.

    Raises:
        ServiceError: ``InternalError`` (503).
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _full() from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
        raise _full() from error


def _full() -> Exception:
    _log.warning("S3: the disk of the data folder is full; the write was refused (make room)")
    return s3_error(
        "InternalError",
        "We encountered an internal error. Please try again."
        " (The disk of the data folder is full.)",
        status=503,
    )
