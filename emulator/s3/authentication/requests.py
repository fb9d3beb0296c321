"""Who sends a request, decided before a byte of its body is taken.

    Authorization: AWS4-HMAC-SHA256 …, AWS …      header_authentication
    ?X-Amz-Algorithm=…, ?Signature=…              query_authentication
    nothing of these                              anonymous; policies decide what that may do

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
Regions and permissions of keys are not compared: every key is the account's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.s3.authentication.header import header_v2, header_v4
from emulator.s3.authentication.query import query_v2, query_v4
from emulator.s3.authentication.signature import ALGORITHM
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from emulator.s3.authentication.keyring import Keyring
    from emulator.s3.request import S3Request

_V4_QUERY = ("X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential")
_V2_QUERY = ("Signature", "AWSAccessKeyId")


class Authentication:
    """Verifies signatures against the keys of the emulated account."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def authenticate(self, request: S3Request) -> str | None:
        """Give the access key that has signed the request; ``None`` is anonymous.

        Raises:
            ServiceError: as S3 refuses it.
        """
        header = request.headers.get("authorization") or None  # an empty one is none
        v4 = any(map(request.has, _V4_QUERY))
        v2 = any(map(request.has, _V2_QUERY))
        if header is not None and (v4 or v2):
            raise s3_error(
                "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter,"
                " Signature query string parameter or the Authorization header should be specified",
                ArgumentName="Authorization",
                ArgumentValue=header,
            )
        if v4:
            return query_v4(request, self._keyring)
        if v2:
            return query_v2(request, self._keyring)
        return None if header is None else self._by_header(request, header)

    def _by_header(self, request: S3Request, header: str) -> str:
        kind = header.partition(" ")[0]
        if kind == ALGORITHM:
            return header_v4(request, self._keyring)
        if kind == "AWS":
            return header_v2(request, self._keyring)
        raise s3_error(
            "InvalidArgument",
            "Unsupported Authorization Type",
            ArgumentName="Authorization",
            ArgumentValue=header,
        )
