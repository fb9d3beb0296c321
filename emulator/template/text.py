"""Text of numbers and booleans, as CloudFormation passes them to services that take strings."""

from __future__ import annotations

from typing import Any


def to_text(value: Any) -> str | None:
    """Make text of a scalar: ``3600`` of 3600, ``true`` of true; ``None`` of anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None
