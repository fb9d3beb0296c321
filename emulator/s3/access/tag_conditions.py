"""What conditions of policies see of tags: those that an object has, and those that a request sets.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html
Left out: the tags in the body of ``PutObjectTagging``, and ``s3:RequestObjectTagKeys``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.s3.access.policy import Statement
    from emulator.s3.storage.stored import StoredObject

_EXISTING = "s3:existingobjecttag/"
_REQUESTED = "s3:requestobjecttag/"


def ask_for_tags(statements: Iterable[Statement]) -> bool:
    """Tell whether any condition is about the tags that an object has."""
    keys = (key for statement in statements for _, key, _ in statement.conditions)
    return any(key.startswith(_EXISTING) for key in keys)


def existing_tags(stored: StoredObject | None) -> dict[str, str]:
    """Give the condition keys of an object's tags."""
    tags = stored.tags if stored is not None else {}
    return {f"{_EXISTING}{name.lower()}": value for name, value in tags.items()}


def requested_tags(headers: Mapping[str, str]) -> dict[str, str]:
    """Give the condition keys of the tags that an upload sets."""
    tags = parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True)
    return {f"{_REQUESTED}{name.lower()}": value for name, value in tags}
