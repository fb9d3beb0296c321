"""The header that gives a download its original name, whatever that name is.

RFC 6266 with RFC 5987: an ASCII stand-in for old clients, the real name in UTF-8 for all others.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

_NEITHER_QUOTED_NOR_PATH = str.maketrans(dict.fromkeys('"\\/%;', "_"))


def attachment(name: str) -> str:
    """Say that a response is a file to be saved under ``name``; the result is pure ASCII."""
    printable = "".join(c if c.isprintable() else "_" for c in name) or "file"
    stand_in = unicodedata.normalize("NFKD", printable).encode("ascii", "ignore").decode()
    stand_in = stand_in.translate(_NEITHER_QUOTED_NOR_PATH).strip(" .") or "file"
    real = quote(printable.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{stand_in}\"; filename*=UTF-8''{real}"
