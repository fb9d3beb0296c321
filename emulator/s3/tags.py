"""Sets of tags: what S3 takes as one, in a header and in XML, and how it shows them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from emulator.errors import ServiceError
from emulator.s3.errors import s3_error
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from xml.etree import ElementTree as ET

TAGGING = "tagging"
OBJECT_TAGS = 10
BUCKET_TAGS = 50
_LONGEST_KEY = 128
_LONGEST_VALUE = 256
_RESERVED = (
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags.'
    ' Remove "aws:" from your tag keys and try again.'
)
_INVALID = (
    "This request contains a tag key or value that isn't valid. Valid characters include the"
    " following: [a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain"
    " up to 256 characters."
)
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
    allowed = all(_ALLOWED.fullmatch(text) for pair in pairs for text in pair)
    if not allowed or len({name for name, _ in pairs}) != len(pairs):
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
    if root is None or root.tag != "Tagging":
        raise s3_error("MalformedXML")
    return read_tags(root.findall("TagSet/Tag"), most)


def read_tags(nodes: Iterable[ET.Element], most: int) -> dict[str, str]:
    """Read ``Tag`` elements.

    Raises:
        ServiceError: as S3 refuses it.
    """
    pairs: list[tuple[str, str]] = []
    for tag in nodes:
        key, value = tag.findtext("Key"), tag.findtext("Value")
        if key is None or value is None:
            raise s3_error("MalformedXML")
        if key in dict(pairs):
            raise s3_error(
                "InvalidTag", "Cannot provide multiple Tags with the same key", TagKey=key
            )
        pairs.append((key, value))
    return check_tags(pairs, most)


def read_new_tags(nodes: Sequence[ET.Element]) -> dict[str, str]:
    """Read the tags of a bucket that is being made, of which S3 speaks in other words.

    Raises:
        ServiceError: as S3 refuses them.
    """
    try:
        return read_tags(nodes, BUCKET_TAGS)
    except ServiceError as error:
        if error.code != "InvalidTag":
            raise
        reserved = any((node.findtext("Key") or "").startswith("aws:") for node in nodes)
        raise s3_error("InvalidTag", _RESERVED if reserved else _INVALID) from error


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
            message = (
                "Your TagKey cannot be prefixed with aws:"
                if most == OBJECT_TAGS
                else "System tags cannot be added/updated by requester"
            )
            raise s3_error("InvalidTag", message, TagKey=key)
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
