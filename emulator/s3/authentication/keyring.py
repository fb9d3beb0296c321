"""Whose key has signed, and what a wrong signature is answered with.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from emulator.clock import Clock
    from emulator.credentials import Credentials, CredentialStore
    from emulator.s3.authentication.signature import Signed

SKEW = timedelta(minutes=15)
_BASIC_ISO_TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z")


class Keyring:
    """The keys of the emulated account, and the time by which signatures hold."""

    def __init__(self, credentials: CredentialStore, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock

    def find(self, key: str, token: str | None) -> Credentials:
        """Look a key up.

        Raises:
            ServiceError: there is none, or its session token is not the one that was sent.
        """
        pair = self._credentials.find(key)
        # Temporary keys are known together with their token only.
        if pair is None or (pair.session_token is not None and not token):
            raise s3_error("InvalidAccessKeyId", AWSAccessKeyId=key)
        # Tokens of long-term keys are ignored: many a setup has "test" in all three variables.
        if pair.session_token is not None and pair.session_token != token:
            raise s3_error("InvalidToken", members={"Token-0": token or ""})
        return pair

    def check_skew(self, moment: datetime, as_sent: str) -> None:
        """Compare the time of a request with the clock.

        Raises:
            ServiceError: ``RequestTimeTooSkewed``.
        """
        now = self._clock.now()
        if all(abs(moment - time) > SKEW for time in self._times(now)):
            raise s3_error(
                "RequestTimeTooSkewed",
                RequestTime=as_sent,
                ServerTime=iso(now),
                MaxAllowedSkewMilliseconds=str(int(SKEW.total_seconds() * 1000)),
            )

    def check_begun(self, moment: datetime) -> None:
        """Refuse a URL of the future.

        Raises:
            ServiceError: ``AccessDenied``.
        """
        now = self._clock.now()
        if all(moment - time > SKEW for time in self._times(now)):
            raise s3_error(
                "AccessDenied",
                "Request is not yet valid",
                members={"X-Amz-Date": iso(moment), "ServerTime": iso(now)},
            )

    def check_expiry(self, end: datetime, expires: str | None = None) -> None:
        """Refuse a URL that has expired, by the emulator's clock.

        Args:
            end: when it expires.
            expires: ``X-Amz-Expires``, which version 2 does not have.

        Raises:
            ServiceError: ``AccessDenied``.
        """
        now = self._clock.now()
        if now >= end:
            given = {"X-Amz-Expires": expires} if expires is not None else {}
            times = {"Expires": iso(end), "ServerTime": iso(now)}
            raise s3_error("AccessDenied", "Request has expired", members={**given, **times})

    def _times(self, now: datetime) -> tuple[datetime, datetime]:
        # A client outside keeps real time when the emulator's clock is moved: both are right.
        return now, now - self._clock.offset


def compare(signed: Signed, signature: str, key: str) -> None:
    """Compare the signature that was sent with the right one.

    Raises:
        ServiceError: ``SignatureDoesNotMatch``, with all that a developer needs to find out why.
    """
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


def basic_iso_time(text: str) -> datetime | None:
    """Read ``yyyyMMdd'T'HHmmss'Z'``; ``None`` if it is something else."""
    if not _BASIC_ISO_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def http_time(text: str) -> datetime | None:
    """Read the time of a ``Date`` header; ``None`` if it is something else."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return basic_iso_time(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso(moment: datetime) -> str:
    """Write a time as S3's errors do."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _hex(text: str) -> str:
    return text.encode().hex(" ")
