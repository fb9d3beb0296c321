"""The file of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import TemplateError

if TYPE_CHECKING:
    from pathlib import Path


def read_source(template: Path) -> bytes:
    """Read the file of a template.

    Raises:
        TemplateError: there is no such file, it is a folder, or it is empty.
    """
    try:
        content = template.read_bytes()
    except IsADirectoryError:
        remedy = "name the template file, for example template.yaml"
        raise TemplateError("is a folder", file=template, remedy=remedy) from None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = getattr(error, "strerror", None) or error
        raise TemplateError(f"cannot be read: {reason}", file=template) from error
    if not content.strip():
        raise TemplateError("is empty", file=template, remedy="begin with Resources:")
    return content
