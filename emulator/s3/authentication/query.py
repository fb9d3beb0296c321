"""Presigned URLs: signatures in the query, versions 4 and 2.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from emulator.s3.authentication.header import refuse_unsigned
from emulator.s3.authentication.keyring import Keyring, basic_iso_time, compare
from emulator.s3.authentication.signature import ALGORITHM, Scope, sign_v2, sign_v4
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from emulator.s3.request import S3Request

_LONGEST_EXPIRY_SECONDS = 604_800
_V4_PARAMETERS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
_V2_PARAMETERS = ("Signature", "Expires", "AWSAccessKeyId")
_MISSING = (
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
    " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)


def query_v4(request: S3Request, keyring: Keyring) -> str:
    """Verify a presigned URL of version 4; give the key.

    Raises:
        ServiceError: as S3 refuses it.
    """
    values = {name: request.parameter(name) or "" for name in _V4_PARAMETERS}
    if not all(values.values()):
        raise _wrong(_MISSING)
    if values["X-Amz-Algorithm"] != ALGORITHM:
        raise _wrong('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"')
    moment = basic_iso_time(values["X-Amz-Date"])
    if moment is None:
        raise _wrong("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    scope = Scope.read(values["X-Amz-Credential"])
    problem = scope.problem(values["X-Amz-Date"])
    if problem:
        raise _wrong(f"Error parsing the X-Amz-Credential parameter; {problem}")
    end = moment + timedelta(seconds=_seconds(values["X-Amz-Expires"]))
    keyring.check_begun(moment)
    keyring.check_expiry(end, values["X-Amz-Expires"])
    pair = keyring.find(scope.key, request.parameter("X-Amz-Security-Token"))
    signed_headers = values["X-Amz-SignedHeaders"].split(";")
    refuse_unsigned(request, signed_headers)
    signed = sign_v4(
        request,
        secret=pair.secret_access_key,
        scope=scope.text,
        timestamp=values["X-Amz-Date"],
        signed_headers=signed_headers,
        payload_hash=_payload_hash(request, signed_headers),
    )
    compare(signed, values["X-Amz-Signature"], scope.key)
    return scope.key


def _payload_hash(request: S3Request, signed_headers: list[str]) -> str:
    if "x-amz-content-sha256" in signed_headers:
        return request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    return request.parameter("X-Amz-Content-Sha256") or "UNSIGNED-PAYLOAD"


def _seconds(expires: str) -> int:
    if not expires.isascii() or not expires.removeprefix("-").isdigit():
        raise _wrong("X-Amz-Expires should be a number")
    seconds = int(expires[:12])
    if seconds < 0:
        raise _wrong("X-Amz-Expires must be non-negative")
    if seconds > _LONGEST_EXPIRY_SECONDS:
        raise _wrong(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given"
            f" X-Amz-Expires must be less than {_LONGEST_EXPIRY_SECONDS} seconds"
        )
    return seconds


def _wrong(message: str) -> Exception:
    return s3_error("AuthorizationQueryParametersError", message)


def query_v2(request: S3Request, keyring: Keyring) -> str:
    """Verify a presigned URL of version 2; give the key.

    Raises:
        ServiceError: as S3 refuses it.
    """
    values = [request.parameter(name) or "" for name in _V2_PARAMETERS]
    if not all(values):
        raise s3_error(
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId"
            " parameters",
        )
    signature, expires, key = values
    if not expires.isascii() or not expires.isdigit():
        message = "Invalid date (should be seconds since epoch): " + expires
        raise s3_error("AccessDenied", message)
    keyring.check_expiry(datetime.fromtimestamp(int(expires[:11]), UTC))
    pair = keyring.find(key, request.parameter("x-amz-security-token"))
    secret = pair.secret_access_key
    compare(sign_v2(request, secret=secret, date=expires, given=signature), signature, key)
    return key
