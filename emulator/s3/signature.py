"""Signatures of requests, versions 4 and 2: what is signed, and with what result.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.s3.request import S3Request

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
    string_to_sign = f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}"
    key = signing_key(secret, scope)
    return Signed(
        string_to_sign=string_to_sign,
        signature=hmac.new(key, string_to_sign.encode(), hashlib.sha256).hexdigest(),
        canonical_request=canonical,
    )


def signing_key(secret: str, scope: str) -> bytes:
    """Derive the key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def sign_v2(request: S3Request, *, secret: str, expires: str) -> Signed:
    """Sign a request by version 2, as presigned URLs bear it."""
    amazon = {n: v for n, v in request.headers.items() if n.startswith("x-amz-")}
    amazon |= {n.lower(): v for n, v in request.query if n.lower().startswith("x-amz-")}
    lines = [
        request.method,
        request.headers.get("content-md5", ""),
        request.headers.get("content-type", ""),
        expires,
        *(f"{name}:{' '.join(amazon[name].split())}" for name in sorted(amazon)),
        _resource(request),
    ]
    string_to_sign = "\n".join(lines)
    digest = hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha1).digest()
    return Signed(string_to_sign=string_to_sign, signature=base64.b64encode(digest).decode())


def _header(request: S3Request, name: str) -> str:
    return " ".join(request.headers.get(name, "").split())


def _canonical_query(request: S3Request) -> str:
    encoded = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in request.query
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _resource(request: S3Request) -> str:
    path = f"/{request.bucket}{request.raw_path}" if request.virtual_host else request.raw_path
    parts = sorted(pair for pair in request.query if pair[0] in _SUBRESOURCES)
    query = "&".join(f"{name}={value}" if value else name for name, value in parts)
    return f"{path}?{query}" if query else path
