"""What an upload says about its object beside the bytes: headers, metadata, tags.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
Keys of one's own are refused by name.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.s3.access.grants import grants_of_headers, write_grants
from emulator.s3.encryption import KMS_HEADERS
from emulator.s3.errors import not_implemented, s3_error
from emulator.s3.locks import LOCKS, PREFIX, read_locks
from emulator.s3.tags import read_tag_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.application import Pairs

DEFAULT_TYPE = "binary/octet-stream"
METADATA = "x-amz-meta-"
# The access control list is kept with the headers, and not shown with them; so are
# the id of the multipart upload that has made an object, and its restoration from the archive.
ACL_GRANTS = "acl"
UPLOAD = "upload"
RESTORATION = "restoration"
_NOT_SHOWN = frozenset({ACL_GRANTS, UPLOAD, RESTORATION})
STORAGE_CLASS = "x-amz-storage-class"
REDIRECT = "x-amz-website-redirect-location"
CUSTOMER_KEY = "x-amz-server-side-encryption-customer-algorithm"
_MOST_METADATA_BYTES = 2048
_CONTENT_HEADERS = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_SHOWN_AS = {name: name.title() for name in _CONTENT_HEADERS}
_STORAGE_CLASSES = frozenset(
    [
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "DEEP_ARCHIVE",
        "GLACIER_IR",
    ]
)
# An append, which only directory buckets take, must not overwrite here what it should lengthen.
_SPECIAL_PREFIXES = (
    "x-amz-server-side-encryption-",
    PREFIX,
    "x-amz-write-offset-bytes",
)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What an object keeps of the request that made it.

    Args:
        locked: the headers ask for locks, which not every bucket has.
    """

    headers: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    locked: bool = False


def read_attributes(headers: Mapping[str, str]) -> Attributes:
    """Read what an upload says about its object.

    Raises:
        ServiceError: as S3 refuses it, or by name what is not emulated.
    """
    locks = _special(headers)
    kept = {name: headers[name] for name in _CONTENT_HEADERS if name in headers}
    kept.setdefault("content-type", DEFAULT_TYPE)
    if "content-encoding" in kept:
        _leave_out_transfer(kept)
    own = {n: v.strip() for n, v in headers.items() if n.startswith(METADATA)}
    size = sum(len(name) - len(METADATA) + len(value) for name, value in own.items())
    if size > _MOST_METADATA_BYTES:
        raise s3_error("MetadataTooLarge", Size=str(size), MaxSizeAllowed=str(_MOST_METADATA_BYTES))
    tags = read_tag_header(headers["x-amz-tagging"]) if "x-amz-tagging" in headers else {}
    grants = grants_of_headers(headers)
    acl = {ACL_GRANTS: write_grants(grants)} if grants else {}
    headers = kept | own | acl | locks | read_class_and_redirect(headers)
    return Attributes(headers, tags, bool(locks))


def read_class_and_redirect(headers: Mapping[str, str]) -> dict[str, str]:
    """Read storage class and website redirect, which no copy takes over from its source.

    Raises:
        ServiceError: S3 has no such class, or the redirect leads nowhere.
    """
    kept = {}
    storage_class = headers.get(STORAGE_CLASS, "STANDARD")
    if storage_class not in _STORAGE_CLASSES:
        raise s3_error("InvalidStorageClass", StorageClassRequested=storage_class)
    if storage_class != "STANDARD":
        kept[STORAGE_CLASS] = storage_class
    redirect = headers.get(REDIRECT)
    if redirect is not None:
        if not redirect.startswith(("/", "http://", "https://")):
            raise s3_error("InvalidRedirectLocation")
        kept[REDIRECT] = redirect
    return kept


def check_not_encrypted(headers: Mapping[str, str], name: str = CUSTOMER_KEY) -> None:
    """Refuse to decrypt what no customer's key has encrypted.

    Raises:
        ServiceError: ``InvalidRequest``.
    """
    if name in headers:
        message = "The encryption parameters are not applicable to this object."
        raise s3_error("InvalidRequest", message)


def shown(headers: Mapping[str, str]) -> Pairs:
    """Write an object's headers as a response bears them."""
    return tuple(
        (_SHOWN_AS.get(name, name), _ascii(name, value))
        for name, value in headers.items()
        if name not in _NOT_SHOWN
    )


def _ascii(name: str, value: str) -> str:
    """Write metadata that is not ASCII as S3 does: RFC 2047, of the bytes read as Latin-1."""
    if value.isascii() or not name.startswith(METADATA):
        return value
    return f"=?UTF-8?B?{b64encode(value.encode()).decode()}?="


def _special(headers: Mapping[str, str]) -> dict[str, str]:
    """Give the locks that are asked for, and refuse by name what is not emulated."""
    locked = False
    for name in headers:
        if name.startswith(_SPECIAL_PREFIXES):
            locked = locked or name in LOCKS
            if name not in LOCKS and name not in KMS_HEADERS:
                raise not_implemented(name)
    return read_locks(headers) if locked else {}


def _leave_out_transfer(kept: dict[str, str]) -> None:
    """``aws-chunked`` says how the body came, not what it is."""
    encodings = [encoding.strip() for encoding in kept.pop("content-encoding").split(",")]
    rest = ",".join(encoding for encoding in encodings if encoding != "aws-chunked")
    if rest:
        kept["content-encoding"] = rest
