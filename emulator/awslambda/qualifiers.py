"""Qualifiers: which version of a function a name, an alias or a number stands for.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.application import Function

LATEST = "$LATEST"


def version_of(function: Function, qualifier: str | None) -> str | None:
    """Give the version that a qualifier leads to; ``None`` if the function has none such."""
    if qualifier is None or qualifier == LATEST:
        return LATEST
    versions = {version.number: version.number for version in function.versions}
    aliases = {alias.name: alias.version for alias in function.aliases}
    return (versions | aliases).get(qualifier)
