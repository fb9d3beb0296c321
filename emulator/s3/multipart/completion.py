"""How a list of parts becomes an object: what CompleteMultipartUpload checks, and its result.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from emulator.s3.attributes import UPLOAD
from emulator.s3.checksums import (
    COMPOSITE,
    FULL_OBJECT,
    HEADER,
    NOT_CHECKSUMS,
    Checksum,
    joined_checksum,
    mismatch,
)
from emulator.s3.errors import s3_error
from emulator.s3.numbers import read_whole
from emulator.s3.storage.stored import ObjectPart, StoredObject
from emulator.s3.xml import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from xml.etree import ElementTree as ET

    from emulator.s3.storage.stored import Part, Upload

SMALLEST_PART_BYTES = 5 * 1024 * 1024


class Completion:
    """The parts that a client has chosen, checked.

    Raises:
        ServiceError: as S3 refuses the list.
    """

    def __init__(
        self, upload: Upload, parts: Sequence[Part], headers: Mapping[str, str], body: bytes
    ) -> None:
        self._upload = upload
        self._parts = _chosen(upload, parts, body)
        self._checksum = self._checked_checksum(headers)
        self.left_out = [part.file for part in parts if part not in self._parts]
        size = headers.get("x-amz-mp-object-size")
        if size is not None and size != str(self._size):
            raise s3_error(
                "InvalidRequest",
                f"The provided 'x-amz-mp-object-size' header value {size} does not match what was"
                f" computed: {self._size}",
            )

    @property
    def _size(self) -> int:
        return sum(part.size for part in self._parts)

    def stored(self, now: datetime) -> StoredObject:
        """Give the object."""
        digest = hashlib.md5(
            b"".join(bytes.fromhex(part.etag) for part in self._parts), usedforsecurity=False
        )
        return StoredObject(
            bucket=self._upload.bucket,
            key=self._upload.key,
            size=self._size,
            etag=f"{digest.hexdigest()}-{len(self._parts)}",
            modified=now,
            headers={**self._upload.headers, UPLOAD: self._upload.upload_id},
            tags=self._upload.tags,
            checksum=self._checksum,
            parts=tuple(
                ObjectPart(part.number, part.file, part.size, part.checksum) for part in self._parts
            ),
        )

    def _checked_checksum(self, headers: Mapping[str, str]) -> Checksum:
        upload = self._upload
        kind, mode = (
            headers.get(f"{HEADER}type"),
            upload.checksum_type if upload.declared else "null",
        )
        if kind is not None and kind != mode:
            raise s3_error(
                "InvalidRequest",
                f"The upload was created using the {mode} checksum mode. The complete request must"
                " use the same checksum mode.",
            )
        parts = ((part.checksum, part.size) for part in self._parts)
        checksum = joined_checksum(upload.algorithm, upload.checksum_type, parts)
        named = [
            (name, value)
            for name, value in headers.items()
            if name.startswith(HEADER) and name not in NOT_CHECKSUMS
        ]
        # That of a whole object counts only beside its type.
        typed = kind is not None or mode != FULL_OBJECT
        if named and not (typed and named == [checksum.header]):
            raise mismatch(upload.algorithm.lower())
        return checksum


def _chosen(upload: Upload, parts: Sequence[Part], body: bytes) -> list[Part]:
    if not body:
        raise s3_error("InvalidRequest", "You must specify at least one part")
    root = parse(body)
    if root is None or not root.findall("Part"):
        raise s3_error("MalformedXML")
    there = {part.number: part for part in parts}
    chosen: list[Part] = []
    for node in root.findall("Part"):
        part = _find(upload, there, node)
        if chosen and part.number <= chosen[-1].number:
            raise s3_error("InvalidPartOrder", UploadId=upload.upload_id)
        chosen.append(part)
    for part in chosen[:-1]:
        if part.size < SMALLEST_PART_BYTES:
            raise s3_error(
                "EntityTooSmall",
                members={
                    "ProposedSize": str(part.size),
                    "MinSizeAllowed": str(SMALLEST_PART_BYTES),
                    "PartNumber": str(part.number),
                    "ETag": part.etag,
                },
            )
    return chosen


def _find(upload: Upload, there: Mapping[int, Part], node: ET.Element) -> Part:
    text, etag = node.findtext("PartNumber") or "", (node.findtext("ETag") or "").strip('"')
    number = read_whole(text)
    if number is None:
        raise s3_error("MalformedXML")
    part = there.get(number)
    if part is not None and etag == part.etag and upload.declared:
        _check_named(upload, part, node)
    if part is None or etag != part.etag or not _checksum_holds(upload, part, node):
        raise s3_error(
            "InvalidPart",
            members={"UploadId": upload.upload_id, "PartNumber": text, "ETag": etag},
        )
    return part


def _check_named(upload: Upload, part: Part, node: ET.Element) -> None:
    """Refuse a checksum of a part in another algorithm than the upload's."""
    for child in node:
        algorithm = child.tag.removeprefix("Checksum")
        if algorithm not in {child.tag, upload.algorithm}:
            raise s3_error(
                "BadDigest",
                f"The {algorithm.lower()} you specified for part {part.number} did not match what"
                " we received.",
            )


def _checksum_holds(upload: Upload, part: Part, node: ET.Element) -> bool:
    if not upload.declared:
        return not any(child.tag.startswith("Checksum") for child in node)
    named = node.findtext(f"Checksum{upload.algorithm}")
    if named is None and upload.checksum_type == COMPOSITE:
        raise s3_error(
            "InvalidRequest",
            f"The upload was created using a {upload.algorithm.lower()} checksum. The complete"
            " request must include the checksum for each part. It was missing for part"
            f" {part.number} in the request.",
        )
    return named is None or named == part.checksum
