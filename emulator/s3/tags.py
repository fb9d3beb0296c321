"""Sets of tags: what S3 takes as one, in a header and in XML, and how it shows them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from emulator.s3.errors import s3_error
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OBJECT_TAGS = 10
BUCKET_TAGS = 50
_LONGEST_KEY = 128
_LONGEST_VALUE = 256
_ALLOWED = re.compile(r"[\w\s.:/=+\-@]*")


def read_tag_header(header: str) -> dict[str, str]:
    """Read ``x-amz-tagging``: tags as URL query parameters.

    Raises:
        ServiceError: as S3 refuses it.
    """
    pairs = []
    for part in filter(None, header.split("&")):
        name, _, value = part.partition("=")
        pairs.append((unquote_plus(name), unquote_plus(value)))
    if len({name for name, _ in pairs}) != len(pairs):
        raise s3_error(
            "InvalidArgument",
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query"
            " parameters without tag name duplicates.",
            ArgumentName="x-amz-tagging",
            ArgumentValue=header,
        )
    return check_tags(pairs, OBJECT_TAGS)


def read_tagging(body: bytes, most: int) -> dict[str, str]:
    """Read a ``Tagging`` document.

    Raises:
        ServiceError: as S3 refuses it.
    """
    root = parse(body)
    tag_set = root.find("TagSet") if root is not None and root.tag == "Tagging" else None
    if tag_set is None:
        raise s3_error("MalformedXML")
    pairs: list[tuple[str, str]] = []
    for tag in tag_set.findall("Tag"):
        key, value = tag.findtext("Key"), tag.findtext("Value")
        if key is None or value is None:
            raise s3_error("MalformedXML")
        if key in dict(pairs):
            raise s3_error(
                "InvalidTag", "Cannot provide multiple Tags with the same key", TagKey=key
            )
        pairs.append((key, value))
    return check_tags(pairs, most)


def check_tags(pairs: Iterable[tuple[str, str]], most: int) -> dict[str, str]:
    """Check a set of tags.

    Raises:
        ServiceError: ``BadRequest``: too many; ``InvalidTag``: one is too long, or ``aws:``.
    """
    tags = dict(pairs)
    if len(tags) > most:
        raise s3_error(
            "BadRequest",
            f"Object tags cannot be greater than {most}"
            if most == OBJECT_TAGS
            else f"Bucket tag count cannot be greater than {most}",
        )
    for key, value in tags.items():
        if not 1 <= len(key) <= _LONGEST_KEY or not _ALLOWED.fullmatch(key):
            raise s3_error("InvalidTag", "The TagKey you have provided is invalid", TagKey=key)
        if key.startswith("aws:"):
            raise s3_error(
                "InvalidTag", "System tags cannot be added/updated by requester", TagKey=key
            )
        if len(value) > _LONGEST_VALUE or not _ALLOWED.fullmatch(value):
            raise s3_error(
                "InvalidTag",
                "The TagValue you have provided is invalid",
                members={"TagKey": key, "TagValue": value},
            )
    return tags


def tagging_document(tags: Mapping[str, str]) -> bytes:
    """Write a ``Tagging`` document."""
    listed = [
        element("Tag", element("Key", key), element("Value", value)) for key, value in tags.items()
    ]
    return result("Tagging", element("TagSet", *listed))
