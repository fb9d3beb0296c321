"""Signatures in the ``Authorization`` header, versions 4 and 2.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.s3.authentication.chunks import ChunkSignatures
from emulator.s3.authentication.keyring import Keyring, basic_iso_time, compare, http_time
from emulator.s3.authentication.signature import Scope, sign_v2, sign_v4
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.s3.request import S3Request

_FIELD = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]*)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNSIGNED_PAYLOADS = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
_SIGNED_STREAMS = (
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
)


def header_v4(request: S3Request, keyring: Keyring) -> str:
    """Verify a header of version 4; give the key.

    A body in signed chunks gets what verifies them, ``emulator.chunk_signatures`` of the environ.

    Raises:
        ServiceError: as S3 refuses it.
    """
    fields = dict(_FIELD.findall(request.headers["authorization"]))
    scope = Scope.read(fields.get("Credential", ""))
    timestamp = _timestamp(request)
    problem = scope.problem(timestamp)
    if not problem and not (fields.get("SignedHeaders") and fields.get("Signature")):
        problem = "the authorization header requires three components: Credential,"
        problem += " SignedHeaders, and Signature."
    if problem:
        message = f"The authorization header is malformed; {problem}"
        raise s3_error("AuthorizationHeaderMalformed", message)
    payload_hash = _payload_hash(request)
    pair = keyring.find(scope.key, request.headers.get("x-amz-security-token"))
    signed_headers = fields["SignedHeaders"].split(";")
    refuse_unsigned(request, signed_headers)
    _check_skew(timestamp, keyring)
    signed = sign_v4(
        request,
        secret=pair.secret_access_key,
        scope=scope.text,
        timestamp=timestamp,
        signed_headers=signed_headers,
        payload_hash=payload_hash,
    )
    compare(signed, fields["Signature"], scope.key)
    if payload_hash in _SIGNED_STREAMS:
        request.environ["emulator.chunk_signatures"] = ChunkSignatures(
            secret=pair.secret_access_key,
            scope=scope,
            timestamp=timestamp,
            seed=signed.signature,
        )
    return scope.key


def header_v2(request: S3Request, keyring: Keyring) -> str:
    """Verify a header of version 2, ``AWS key:signature``; give the key.

    Raises:
        ServiceError: as S3 refuses it.
    """
    _, _, credential = request.headers["authorization"].partition(" ")
    key, colon, signature = credential.strip().partition(":")
    if not colon:
        message = "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"
        raise s3_error("InvalidArgument", message, ArgumentName="Authorization")
    sent = request.headers.get("x-amz-date") or request.headers.get("date", "")
    moment = http_time(sent)
    if moment is None:
        raise _no_date()
    keyring.check_skew(moment, sent)
    pair = keyring.find(key, request.headers.get("x-amz-security-token"))
    date = "" if "x-amz-date" in request.headers else sent
    secret = pair.secret_access_key
    compare(sign_v2(request, secret=secret, date=date, given=signature), signature, key)
    return key


def refuse_unsigned(request: S3Request, signed: Iterable[str]) -> None:
    """Refuse headers that change what a request does and that nobody has signed.

    Raises:
        ServiceError: ``AccessDenied``.
    """
    names = ("host", *(name for name in request.headers if name.startswith("x-amz-")))
    unsigned = [name for name in names if name not in signed]
    if unsigned:
        raise s3_error(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            HeadersNotSigned=", ".join(unsigned),
        )


def _timestamp(request: S3Request) -> str:
    sent = request.headers.get("x-amz-date") or request.headers.get("date", "")
    moment = basic_iso_time(sent) or http_time(sent)
    if moment is None:
        raise _no_date()
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _check_skew(timestamp: str, keyring: Keyring) -> None:
    moment = basic_iso_time(timestamp)
    if moment is not None:
        keyring.check_skew(moment, timestamp)


def _payload_hash(request: S3Request) -> str:
    value = request.headers.get("x-amz-content-sha256")
    if value is None:
        raise s3_error(
            "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"
        )
    if value not in (*_UNSIGNED_PAYLOADS, *_SIGNED_STREAMS) and not _SHA256.fullmatch(value):
        raise s3_error(
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER,"
            " STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER,"
            " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD,"
            " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
            ArgumentName="x-amz-content-sha256",
            ArgumentValue=value,
        )
    return value


def _no_date() -> Exception:
    message = "AWS authentication requires a valid Date or x-amz-date header"
    return s3_error("AccessDenied", message)
