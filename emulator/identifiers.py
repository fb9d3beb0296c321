"""Identifiers that need to be unique, not secret: request ids, names of files.

The system's own randomness is a call into the kernel, for which the interpreter is let go of; a
generator that was seeded by it once is enough here.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from random import Random

_random = Random()  # noqa: S311 -- nothing here keeps a secret


def new_hex(size: int) -> str:
    """Make ``size`` bytes, written in hexadecimal."""
    return _random.randbytes(size).hex()


def new_token(size: int) -> str:
    """Make ``size`` bytes, written as a URL takes them, without padding."""
    return urlsafe_b64encode(_random.randbytes(size)).rstrip(b"=").decode()
