"""XML as S3 writes and reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from datetime import datetime

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_DEEPEST = 32  # deeper than any document of S3's
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_TYPE = f"{{{_INSTANCE}}}type"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def element(name: str, *content: str | bytes | int) -> bytes:
    """Write an element; text is escaped, elements (bytes) go in as they are."""
    inner = b"".join(
        part if isinstance(part, bytes) else escape(_printable(str(part))).encode("utf-8")
        for part in content
    )
    return b"<%b>%b</%b>" % (name.encode(), inner, name.encode())


def document(root: bytes) -> bytes:
    """Write a document."""
    return _HEAD + root


def result(name: str, *content: bytes) -> bytes:
    """Write a document in S3's namespace."""
    inner = b"".join(content)
    tag = name.encode()
    return document(b'<%b xmlns="%b">%b</%b>' % (tag, NAMESPACE.encode(), inner, tag))


def parse(body: bytes) -> ET.Element | None:
    """Read a document, without its namespaces; ``None`` if it is none."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return None  # entities can blow up a parser; S3 takes no document type
    try:
        root = ET.fromstring(body)  # noqa: S314 -- without a document type nothing expands
    except (ET.ParseError, LookupError, ValueError):  # the latter of what it says of its encoding
        return None
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            return None
        for node in level:
            node.tag = node.tag.rpartition("}")[2]
        level = [child for node in level for child in node]
    return root


def write_node(node: ET.Element) -> bytes:
    """Write an element that was read, without blanks between its children."""
    if len(node) == 0:
        return _typed(node, element(node.tag, node.text or ""))
    return _typed(node, element(node.tag, *map(write_node, node)))


def _typed(node: ET.Element, written: bytes) -> bytes:
    """A grantee says in an attribute what it is, which SDKs read."""
    kind = node.get(_TYPE)
    if kind is None:
        return written
    opening = f'<{node.tag} xmlns:xsi="{_INSTANCE}" xsi:type="{escape(kind)}">'
    return opening.encode() + written.partition(b">")[2]


def _printable(text: str) -> str:
    """Leave out what XML 1.0 cannot hold; clients ask for encoded keys to see those."""
    return _UNPRINTABLE.sub("\ufffd", text)


def timestamp(moment: datetime) -> str:
    """Write a time as S3's documents do: the milliseconds are there, and always 0."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
