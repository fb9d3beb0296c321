"""What an S3 request names: bucket, key and subresources, path style or virtual host.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, unquote_to_bytes

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Mapping

_IPV4 = re.compile(r"\d+\.\d+\.\d+\.\d+")
_ENDPOINTS = re.compile(
    r"(?:(?P<bucket>(?!s3[.]).+?)\.)?"
    r"(?:s3(?:[.-][a-z0-9-]+){0,4}\.amazonaws\.com(?:\.cn)?|"
    r"(?:s3\.)?(?:[a-z]+-[a-z-]+-\d\.)?localhost(?:\.localstack\.cloud)?)",
    re.IGNORECASE,
)
_LONGEST_KEY_BYTES = 1024
_SIGNATURES = ("X-Amz-Signature", "Signature")
# What signs, and what S3 does not take from the query.
_NOT_MOVED = (
    *("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signature"),
    *("x-amz-signedheaders", "x-amz-security-token", "x-amz-content-sha256", "x-amz-user-agent"),
    *("x-amz-checksum-", "x-amz-sdk-checksum-algorithm", "x-amz-server-side-encryption"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Request:
    """One request, taken apart.

    Args:
        raw_path: as sent, before decoding.
        query: names and values in order, decoded.
        headers: by lower-case name; repeated ones joined by commas.
    """

    method: str
    raw_path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    bucket: str
    key: str
    virtual_host: bool
    parameters: Mapping[str, str] = field(repr=False)
    environ: dict[str, Any] = field(repr=False, compare=False)

    def parameter(self, name: str) -> str | None:
        """Give a query parameter; its first value."""
        return self.parameters.get(name)

    def has(self, name: str) -> bool:
        """Tell whether the query has a parameter, with or without a value."""
        return name in self.parameters

    def with_signed_parameters(self) -> S3Request:
        """Give the request with those headers that its presigned URL bears in the query.

        SDKs move there what may not be left to the sender: metadata, tags, an access control list,
        the source of a copy. Checksums and encryption count in headers only.
        """
        if not any(name in self.parameters for name in _SIGNATURES):
            return self
        moved = {
            name.lower(): value
            for name, value in self.query
            if name.lower().startswith("x-amz-") and not name.lower().startswith(_NOT_MOVED)
        }
        return replace(self, headers=moved | dict(self.headers)) if moved else self

    @property
    def conditions(self) -> Mapping[str, str]:
        """The conditions of a write; those of a presigned URL stand in its query."""
        if not self.query:
            return self.headers
        named = {name.lower(): value for name, value in self.query}
        signed = {name: named[name] for name in ("if-match", "if-none-match") if name in named}
        return dict(self.headers) | signed if signed else self.headers


def read_request(environ: dict[str, Any]) -> S3Request:
    """Take a WSGI request apart.

    Raises:
        ServiceError: the key is no UTF-8, or too long.
    """
    target = environ.get("RAW_URI") or quote(environ["PATH_INFO"].encode("latin-1"))
    raw_path = target.partition("?")[0]
    if "://" in raw_path:
        raw_path = "/" + raw_path.split("://", 1)[1].partition("/")[2]
    headers = _headers(environ)
    named = _bucket_of_host(headers.get("host", ""))
    bucket, key = (named, raw_path[1:]) if named else _split(raw_path)
    query = tuple(_pairs(environ.get("QUERY_STRING", "")))
    return S3Request(
        method=environ["REQUEST_METHOD"],
        raw_path=raw_path,
        query=query,
        parameters=dict(reversed(query)),  # the first of a name counts
        headers=headers,
        bucket=_decode(bucket),
        key=_decode(key),
        virtual_host=bool(named),
        environ=environ,
    )


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    raw = environ.get("emulator.raw_headers")
    if raw is None:
        named = ((n[5:].replace("_", "-"), v) for n, v in environ.items() if n.startswith("HTTP_"))
        plain = ((n.replace("_", "-"), environ.get(n)) for n in ("CONTENT_TYPE", "CONTENT_LENGTH"))
        raw = [*named, *((name, value) for name, value in plain if value)]
    headers: dict[str, str] = {}
    for name, value in raw:
        lower = name.lower()
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    return headers


def _bucket_of_host(host: str) -> str | None:
    name = host.rpartition(":")[0] or host
    if _IPV4.fullmatch(name):
        return None
    match = _ENDPOINTS.fullmatch(name)
    return match["bucket"] if match else None


def _split(raw_path: str) -> tuple[str, str]:
    bucket, _, key = raw_path[1:].partition("/")
    return bucket, key


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value.replace("+", " "))) for name, _, value in pairs]


def _decode(text: str) -> str:
    raw = unquote_to_bytes(text.encode("latin-1"))
    if len(raw) > _LONGEST_KEY_BYTES:
        raise s3_error("KeyTooLongError", Size=str(len(raw)), MaxSizeAllowed="1024")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise s3_error("InvalidURI", "Couldn't parse the specified URI.") from error
