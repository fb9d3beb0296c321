"""Whether a saved file can be loaded, told before anybody calls the function."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def syntax_error(file: Path) -> str | None:
    """Describe why Python cannot compile a file, with the place in it; ``None`` if it can."""
    try:
        source = file.read_bytes()
    except OSError:
        return None  # gone again: editors write beside and rename
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, str(file), "exec", dont_inherit=True)
    except SyntaxError as error:
        return _block(file, error)
    except ValueError as error:
        return f"{file}: {error}"
    return None


def _block(file: Path, error: SyntaxError) -> str:
    head = f"{file}:{error.lineno or 1}: {type(error).__name__}: {error.msg}"
    if not error.text:
        return head
    text = error.text.rstrip("\n")
    lines = [head, f"    {text.lstrip()}"]
    if error.offset:
        column = max(error.offset - 1 - (len(text) - len(text.lstrip())), 0)
        lines.append(f"    {' ' * column}^")
    return "\n".join(lines)
