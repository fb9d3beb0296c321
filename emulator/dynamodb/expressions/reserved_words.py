"""The words that cannot name an attribute in an expression.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
moto ships AWS's list as a text file; finding it does not import moto.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def reserved_words() -> frozenset[str]:
    """Read the list, in capitals."""
    spec = find_spec("moto")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("moto, which ships the reserved words, is not installed")
    file = Path(spec.origin).parent / "dynamodb" / "parsing" / "reserved_keywords.txt"
    return frozenset(file.read_text(encoding="utf-8").upper().split())
