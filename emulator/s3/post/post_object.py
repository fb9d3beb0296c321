"""``PostObject``: an upload by a browser's form.

    fields ─► signature ─► policy ─► access ─► the file streams to disk ─► redirect or document

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from emulator.s3.answer import Answer, xml
from emulator.s3.authentication.form import authenticate_form, missing_field
from emulator.s3.checksums import DEFAULT, mismatch, named_checksum
from emulator.s3.encryption import encryption_headers
from emulator.s3.errors import s3_error
from emulator.s3.hashing import HashedPieces
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.post.form import read_form
from emulator.s3.post.policy import read_post_policy
from emulator.s3.storage.store import Happening
from emulator.s3.tags import OBJECT_TAGS, read_tags
from emulator.s3.xml import document, element, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emulator.application import Pairs
    from emulator.clock import Clock
    from emulator.s3.authentication.keyring import Keyring
    from emulator.s3.checksums import Checksum
    from emulator.s3.post.form import Form
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.stored import StoredObject
    from emulator.s3.upload_headers import UploadHeaders

POST_OBJECT = "PostObject"
_FILENAME = "${filename}"
_STATUSES = ("200", "201", "204")
_HEADERS = frozenset(
    {
        *("acl", "cache-control", "content-disposition", "content-encoding", "content-language"),
        *("content-type", "expires"),
    }
)
_HEADER_PREFIXES = (
    *("x-amz-checksum-", "x-amz-grant-", "x-amz-meta-", "x-amz-object-lock-"),
    *("x-amz-server-side-encryption", "x-amz-storage-", "x-amz-website-"),
)
_LONGEST_KEY_BYTES = 1024


class PostObject:
    """The operation on forms.

    Args:
        keyring: verifies signatures; ``None`` takes every form.
        check: decides about the upload, once it is known who sends it.
    """

    def __init__(
        self,
        store: ObjectStore,
        keyring: Keyring | None,
        check: Callable[[Call, str], None],
        clock: Clock,
        headers: UploadHeaders,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._check = check
        self._clock = clock
        self._headers = headers

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        return {(Resource.BUCKET, "POST", ""): Operation(POST_OBJECT, self.post)}

    def post(self, call: Call) -> Answer:
        """``PostObject``."""
        form = read_form(call.request)
        fields = _filled_in(form, call.request.bucket)
        key = self._key(fields)
        access_key = self._authenticate(call, fields)
        # A policy that nobody has signed comes behind what anybody may do.
        size_range = self._check_policy(fields) if access_key else None
        headers = _headers(fields)
        request = replace(call.request, key=key, headers={**call.request.headers, **headers})
        upload = replace(call, request=request, access_key=access_key)
        self._check(upload, POST_OBJECT)
        size_range = size_range if access_key else self._check_policy(fields)
        attributes = self._headers.read(request.bucket, headers)
        if "tagging" in fields:
            attributes = replace(attributes, tags=_tags(fields["tagging"]))
        body = _File(form.pieces, size_range, headers)
        stored = self._store.upload(
            request.bucket,
            key,
            body,
            attributes,
            happening=Happening("Post", call.ids),
            conditions={},
        )
        return self._answer(upload, stored, fields)

    def _key(self, fields: Mapping[str, str]) -> str:
        key = fields.get("key")
        if not key:
            raise missing_field("key")
        size = len(key.encode())
        if size > _LONGEST_KEY_BYTES:
            raise s3_error("KeyTooLongError", Size=str(size), MaxSizeAllowed="1024")
        return key

    def _authenticate(self, call: Call, fields: Mapping[str, str]) -> str | None:
        if self._keyring is None:
            return call.access_key
        return authenticate_form(fields, self._keyring) or call.access_key

    def _check_policy(self, fields: Mapping[str, str]) -> tuple[int, int] | None:
        if self._keyring is None or "policy" not in fields:
            return None
        policy = read_post_policy(fields["policy"])
        policy.check(fields, self._clock.now())
        return policy.size_range

    def _answer(self, call: Call, stored: StoredObject, fields: Mapping[str, str]) -> Answer:
        etag = f'"{stored.etag}"'
        location = _location(call)
        headers: Pairs = (
            ("ETag", etag),
            ("Location", location),
            *encryption_headers(stored.headers),
            *self._store.new_version(stored),
        )
        redirect = fields.get("success_action_redirect") or fields.get("redirect") or ""
        target = _redirect(redirect, {"bucket": stored.bucket, "key": stored.key, "etag": etag})
        if target is not None:
            moved = tuple(pair for pair in headers if pair[0] != "Location")
            return Answer(status=303, headers=(*moved, ("Location", target)))
        status = fields.get("success_action_status", "204")
        if status != "201":
            return Answer(status=int(status) if status in _STATUSES else 204, headers=headers)
        body = document(
            element(
                "PostResponse",
                element("Location", location),
                element("Bucket", stored.bucket),
                element("Key", stored.key),
                element("ETag", etag),
            )
        )
        return replace(xml(body, *headers), status=201)


class _File:
    """The file of a form, as the store takes it."""

    def __init__(
        self,
        pieces: Iterator[bytes],
        size_range: tuple[int, int] | None,
        headers: Mapping[str, str],
    ) -> None:
        self._named = named_checksum(headers)
        self._kept = self._named[0] if self._named else DEFAULT
        self._hashed = HashedPieces(_within(pieces, size_range), self._kept)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._hashed
        if self._named and self._named[1] != self.checksum.value:
            raise mismatch(self._kept)

    @property
    def md5(self) -> str:
        """Hexadecimal."""
        return self._hashed.md5

    @property
    def checksum(self) -> Checksum:
        """The checksum to keep."""
        return self._hashed.checksum


def _within(pieces: Iterator[bytes], size_range: tuple[int, int] | None) -> Iterator[bytes]:
    least, most = size_range or (0, 5 * 1024**3)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size <= most:
            yield piece  # the rest is counted only
    sizes = {"ProposedSize": str(size)}
    if size > most:
        raise s3_error("EntityTooLarge", members={**sizes, "MaxSizeAllowed": str(most)})
    if size < least:
        raise s3_error("EntityTooSmall", members={**sizes, "MinSizeAllowed": str(least)})


def _filled_in(form: Form, bucket: str) -> dict[str, str]:
    """Replace ``${filename}`` where the client has named its file, before anything is compared."""
    fields = {**form.fields, "bucket": bucket}
    if not form.filename:
        return fields
    name = form.filename.rpartition("/")[2].rpartition("\\")[2]
    return {
        field: value if field == "policy" else value.replace(_FILENAME, name)
        for field, value in fields.items()
    }


def _is_header(name: str) -> bool:
    return name in _HEADERS or name.startswith(_HEADER_PREFIXES)


def _headers(fields: Mapping[str, str]) -> dict[str, str]:
    """Write fields as the headers that a PUT would have."""
    headers = {
        "x-amz-acl" if name == "acl" else name: value
        for name, value in fields.items()
        if _is_header(name)
    }
    # The request's own type is that of the form, not of the file.
    headers.setdefault("content-type", "binary/octet-stream")
    return headers


def _location(call: Call) -> str:
    request = call.request
    key = quote(request.key, safe="/~")
    path = key if request.virtual_host else f"{request.bucket}/{key}"
    return f"http://{request.headers.get('host', '')}/{path}"


def _redirect(url: str, parameters: Mapping[str, str]) -> str | None:
    """Add what was stored to an absolute URL; ``None`` for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    query = f"{parts.query}&{urlencode(parameters)}" if parts.query else urlencode(parameters)
    return parts._replace(query=query).geturl()


def _tags(document: str) -> dict[str, str]:
    """Read the tags of a form, of which S3 takes any document, and tags from the right one."""
    root = parse(document.encode())
    if root is None:
        raise s3_error("MalformedXML")
    return read_tags(root.findall("TagSet/Tag") if root.tag == "Tagging" else [], OBJECT_TAGS)
