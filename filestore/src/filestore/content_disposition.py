"""The header that gives a download its original name, whatever that name is.

RFC 6266 with RFC 5987: an ASCII stand-in for old clients, the real name in UTF-8 for all others.
The header travels in the query of a presigned URL, and S3 takes no request head over 8 KB: a name
that no file system could bear is cut.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

_NEITHER_QUOTED_NOR_PATH = str.maketrans(dict.fromkeys('"\\/%;', "_"))
_LONGEST_BYTES = 255
_LONGEST_EXTENSION_BYTES = 32


def attachment(name: str) -> str:
    """Say that a response is a file to be saved under ``name``; the result is pure ASCII."""
    printable = "".join(c if c.isprintable() else "_" for c in name) or "file"
    fitting = _shorten(printable)
    real = quote(fitting.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{_stand_in(fitting)}\"; filename*=UTF-8''{real}"


def _stand_in(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    has_vanished = bool(stem) and not _ascii(stem)
    stand_in = f"file{dot}{_ascii(extension)}" if has_vanished else _ascii(name)
    return stand_in.strip(" .") or "file"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.translate(_NEITHER_QUOTED_NOR_PATH)


def _shorten(name: str) -> str:
    """Cut the stem of a name that is too long, so that its extension stays."""
    if len(_utf8(name)) <= _LONGEST_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = _utf8(dot + extension)
    if not stem or len(tail) > _LONGEST_EXTENSION_BYTES:
        return _utf8(name)[:_LONGEST_BYTES].decode("utf-8", "ignore")
    return _utf8(stem)[: _LONGEST_BYTES - len(tail)].decode("utf-8", "ignore") + dot + extension


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
