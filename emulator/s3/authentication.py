"""Who sends a request, decided before a byte of its body is taken.

Signature version 4 in the header or the query, version 2 in the query; whoever signs nothing is
anonymous, and refused, since new buckets block all public access.
Signatures of single chunks are not verified: the request's own signature is.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from emulator.s3.errors import s3_error
from emulator.s3.signature import Signed, sign_v2, sign_v4

if TYPE_CHECKING:
    from emulator.clock import Clock
    from emulator.credentials import Credentials, CredentialStore
    from emulator.s3.request import S3Request

_LONGEST_EXPIRY_SECONDS = 604_800
_SKEW = timedelta(minutes=15)
_V4_PARAMETERS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
_V2_PARAMETERS = ("Signature", "Expires", "AWSAccessKeyId")
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+),\s*"
    r"SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)
_QUERY_MESSAGE = (
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
    " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)
# Unsigned, these change nothing that the signature protects.
_HARMLESS_UNSIGNED = frozenset({"x-amz-content-sha256", "x-amz-user-agent"})


class Authentication:
    """Verifies signatures against the keys of the emulated account."""

    def __init__(self, credentials: CredentialStore, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock

    def authenticate(self, request: S3Request) -> str:
        """Give the access key that has signed the request.

        Raises:
            ServiceError: as S3 refuses it.
        """
        if any(request.has(name) for name in ("X-Amz-Signature", "X-Amz-Algorithm")):
            return self._query_v4(request)
        if request.has("Signature") or request.has("AWSAccessKeyId"):
            return self._query_v2(request)
        if "authorization" in request.headers:
            return self._header_v4(request)
        raise s3_error("AccessDenied")

    def _header_v4(self, request: S3Request) -> str:
        match = _AUTHORIZATION.fullmatch(request.headers["authorization"].strip())
        if match is None:
            raise s3_error("AccessDenied")
        key, _, scope = match["credential"].partition("/")
        timestamp = request.headers.get("x-amz-date", "")
        moment = _moment(timestamp)
        if moment is None:
            raise s3_error(
                "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header"
            )
        self._check_skew(moment)
        pair = self._find(key, request.headers.get("x-amz-security-token"))
        signed = sign_v4(
            request,
            secret=pair.secret_access_key,
            scope=scope,
            timestamp=timestamp,
            signed_headers=match["headers"].split(";"),
            payload_hash=request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        )
        _compare(signed, match["signature"], key)
        return key

    def _check_skew(self, moment: datetime) -> None:
        # A client outside keeps real time when the emulator's clock is moved: both are right.
        now = self._clock.now()
        if all(abs(moment - time) > _SKEW for time in (now, now - self._clock.offset)):
            raise s3_error("RequestTimeTooSkewed")

    def _query_v4(self, request: S3Request) -> str:
        values = {name: request.parameter(name) for name in _V4_PARAMETERS}
        moment = _moment(values["X-Amz-Date"] or "")
        if moment is None or not all(values.values()):
            raise s3_error("AuthorizationQueryParametersError", _QUERY_MESSAGE)
        key, _, scope = str(values["X-Amz-Credential"]).partition("/")
        if scope.count("/") != 3:  # noqa: PLR2004 -- date, region, service, aws4_request
            raise s3_error(
                "AuthorizationQueryParametersError",
                "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed;"
                ' expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
            )
        self._check_expiry(moment, str(values["X-Amz-Expires"]))
        pair = self._find(key, request.parameter("X-Amz-Security-Token"))
        signed_headers = str(values["X-Amz-SignedHeaders"]).split(";")
        _refuse_unsigned(request, signed_headers)
        signed = sign_v4(
            request,
            secret=pair.secret_access_key,
            scope=scope,
            timestamp=str(values["X-Amz-Date"]),
            signed_headers=signed_headers,
            payload_hash=request.parameter("X-Amz-Content-Sha256") or "UNSIGNED-PAYLOAD",
        )
        _compare(signed, str(values["X-Amz-Signature"]), key)
        return key

    def _check_expiry(self, moment: datetime, expires: str) -> None:
        if not expires.isascii() or not expires.lstrip("-").isdigit():
            raise s3_error("AuthorizationQueryParametersError", "X-Amz-Expires should be a number")
        seconds = int(expires[:12])
        if seconds < 0:
            raise s3_error(
                "AuthorizationQueryParametersError", "X-Amz-Expires must be non-negative"
            )
        if seconds > _LONGEST_EXPIRY_SECONDS:
            raise s3_error(
                "AuthorizationQueryParametersError",
                "X-Amz-Expires must be less than a week (in seconds); that is, the given"
                f" X-Amz-Expires must be less than {_LONGEST_EXPIRY_SECONDS} seconds",
            )
        end = moment + timedelta(seconds=seconds)
        now = self._clock.now()
        if now > end:
            raise s3_error(
                "AccessDenied",
                "Request has expired",
                members={"X-Amz-Expires": expires, "Expires": _iso(end), "ServerTime": _iso(now)},
            )

    def _query_v2(self, request: S3Request) -> str:
        values = [request.parameter(name) for name in _V2_PARAMETERS]
        if not all(values):
            raise s3_error(
                "AccessDenied",
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId"
                " parameters",
            )
        signature, expires, key = (str(value) for value in values)
        if not expires.isascii() or not expires.isdigit():
            raise s3_error("AccessDenied", "Invalid date (should be seconds since epoch)")
        now = self._clock.now()
        if now.timestamp() > int(expires[:15]):
            end = datetime.fromtimestamp(int(expires[:11]), UTC)
            raise s3_error(
                "AccessDenied", "Request has expired", Expires=_iso(end), ServerTime=_iso(now)
            )
        pair = self._find(key, request.parameter("x-amz-security-token"))
        _compare(sign_v2(request, secret=pair.secret_access_key, expires=expires), signature, key)
        return key

    def _find(self, key: str, token: str | None) -> Credentials:
        pair = self._credentials.find(key)
        if pair is None:
            raise s3_error("InvalidAccessKeyId", AWSAccessKeyId=key)
        if pair.session_token is not None and pair.session_token != token:
            raise s3_error("InvalidToken")
        return pair


def _refuse_unsigned(request: S3Request, signed: list[str]) -> None:
    unsigned = [
        name
        for name in request.headers
        if name.startswith("x-amz-") and name not in signed and name not in _HARMLESS_UNSIGNED
    ]
    if unsigned:
        raise s3_error(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            HeadersNotSigned=", ".join(unsigned),
        )


def _compare(signed: Signed, signature: str, key: str) -> None:
    if hmac.compare_digest(signed.signature.encode(), signature.encode()):
        return
    members = {
        "AWSAccessKeyId": key,
        "StringToSign": signed.string_to_sign,
        "SignatureProvided": signature,
        "StringToSignBytes": _hex(signed.string_to_sign),
    }
    if signed.canonical_request is not None:
        members["CanonicalRequest"] = signed.canonical_request
        members["CanonicalRequestBytes"] = _hex(signed.canonical_request)
    raise s3_error("SignatureDoesNotMatch", members=members)


def _moment(timestamp: str) -> datetime | None:
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _hex(text: str) -> str:
    return text.encode().hex(" ")
