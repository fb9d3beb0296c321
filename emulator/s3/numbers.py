"""Whole numbers as clients write them, with as many digits as they like.

Python refuses to read more than 4300 digits; S3 compares them with what there is.
"""

from __future__ import annotations

_DIGITS = 19  # more than any size, number or age that S3 knows


def read_whole(text: str) -> int | None:
    """Read decimal digits; ``None`` if it is anything else.

    What has too many digits is cut to a number that is still greater than any that counts.
    """
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text.lstrip("0")[:_DIGITS] or "0")
