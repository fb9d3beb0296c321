"""Signatures of requests, versions 4 and 2: what is signed, and with what result.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.s3.request import S3Request

ALGORITHM = "AWS4-HMAC-SHA256"
_SCOPE_PARTS = 4
# Query parameters that are part of the resource in version 2.
_SUBRESOURCES = frozenset(
    """
    accelerate acl analytics cors delete inventory lifecycle location logging metrics
    notification object-lock partNumber policy publicAccessBlock replication requestPayment
    restore response-cache-control response-content-disposition response-content-encoding
    response-content-language response-content-type response-expires select tagging torrent
    uploadId uploads versionId versioning versions website
    """.split()  # noqa: SIM905 -- a list of words reads best as one
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What was to be signed, and the signature that it must bear."""

    string_to_sign: str
    signature: str
    canonical_request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A credential of version 4: the key, and ``date/region/service/aws4_request``."""

    key: str
    text: str

    @classmethod
    def read(cls, credential: str) -> Scope:
        """Take a credential apart; the key itself may have slashes."""
        parts = credential.rsplit("/", _SCOPE_PARTS)
        return cls(key=parts[0], text="/".join(parts[1:]))

    def problem(self, timestamp: str) -> str | None:
        """Tell in S3's words what is wrong with it; ``None`` if it is right."""
        parts = self.text.split("/")
        if len(parts) != _SCOPE_PARTS:
            return (
                "the Credential is mal-formed; expecting"
                ' "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
            )
        date, _, service, terminal = parts
        if service != "s3":
            return f'incorrect service "{service}". This endpoint belongs to "s3".'
        if terminal != "aws4_request":
            return f'incorrect terminal "{terminal}". This endpoint uses "aws4_request".'
        if date != timestamp[:8]:
            return (
                f'Invalid credential date "{date}". This date is not the same as X-Amz-Date:'
                f' "{timestamp[:8]}".'
            )
        return None


def sign_v4(
    request: S3Request,
    *,
    secret: str,
    scope: str,
    timestamp: str,
    signed_headers: Iterable[str],
    payload_hash: str,
) -> Signed:
    """Sign a request by version 4; ``scope`` is ``date/region/service/aws4_request``."""
    names = list(signed_headers)
    headers = "".join(f"{name}:{_header(request, name)}\n" for name in names)
    canonical = "\n".join(
        (
            request.method,
            quote(unquote_to_bytes(request.raw_path.encode("latin-1")), safe="/-_.~"),
            _canonical_query(request),
            headers,
            ";".join(names),
            payload_hash,
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    string_to_sign = f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
    return Signed(
        string_to_sign=string_to_sign,
        signature=signature_v4(secret, scope, string_to_sign),
        canonical_request=canonical,
    )


def signature_v4(secret: str, scope: str, text: str) -> str:
    """Sign a text by version 4."""
    return hmac.digest(signing_key(secret, scope), text.encode(), "sha256").hex()


@lru_cache(maxsize=256)
def signing_key(secret: str, scope: str) -> bytes:
    """Derive the key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign_v2(request: S3Request, *, secret: str, date: str, given: str = "") -> Signed:
    """Sign a request by version 2.

    Args:
        request: what is signed.
        given: the signature that it bears; where two are right, it is looked for in both.
        secret: the secret of the key.
        date: ``Expires`` of a presigned URL, the ``Date`` header, or nothing where
            ``x-amz-date`` is signed with the others.
    """
    for resource in _resources(request):
        signed = _sign_v2(request, resource, secret, date)
        if signed.signature == given:
            break
    return signed


def _sign_v2(request: S3Request, resource: str, secret: str, date: str) -> Signed:
    amazon = {n: v for n, v in request.headers.items() if n.startswith("x-amz-")}
    amazon |= {n.lower(): v for n, v in request.query if n.lower().startswith("x-amz-")}
    lines = [
        request.method,
        request.headers.get("content-md5", ""),
        request.headers.get("content-type", ""),
        date,
        *(f"{name}:{' '.join(amazon[name].split())}" for name in sorted(amazon)),
        resource,
    ]
    string_to_sign = "\n".join(lines)
    return Signed(string_to_sign=string_to_sign, signature=signature_v2(secret, string_to_sign))


def signature_v2(secret: str, text: str) -> str:
    """Sign a text by version 2."""
    digest = hmac.digest(secret.encode(), text.encode(), "sha1")
    return base64.b64encode(digest).decode()


def _header(request: S3Request, name: str) -> str:
    return " ".join(request.headers.get(name, "").split())


def _canonical_query(request: S3Request) -> str:
    encoded = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in request.query
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _resources(request: S3Request) -> list[str]:
    """Give what is signed as the resource: a bucket's path ends in a slash for SDKs."""
    path = f"/{request.bucket}{request.raw_path}" if request.virtual_host else request.raw_path
    parts = sorted(pair for pair in request.query if pair[0] in _SUBRESOURCES)
    query = "&".join(f"{name}={value}" if value else name for name, value in parts)
    ended = [path] if request.key or path.endswith("/") else [path, f"{path}/"]
    return [f"{path}?{query}" if query else path for path in ended]
