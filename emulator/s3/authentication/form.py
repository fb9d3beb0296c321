"""Who sends a form: its policy is signed, by version 4 or 2.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/HTTPPOSTForms.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.s3.authentication.keyring import basic_iso_time, compare
from emulator.s3.authentication.signature import (
    ALGORITHM,
    Scope,
    Signed,
    signature_v2,
    signature_v4,
)
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.s3.authentication.keyring import Keyring

_V4 = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature")
_V2 = ("AWSAccessKeyId", "Signature")


def authenticate_form(fields: Mapping[str, str], keyring: Keyring) -> str | None:
    """Give the key that has signed a form's policy; ``None`` is anonymous.

    Raises:
        ServiceError: as S3 refuses it.
    """
    signed = [name for name in (*_V4, *_V2) if name.lower() in fields]
    if not signed:
        return None
    if any(name in signed for name in _V2):
        return _version_2(fields, keyring)
    return _version_4(fields, keyring)


def _version_4(fields: Mapping[str, str], keyring: Keyring) -> str:
    _require(fields, ("Policy", *_V4))
    if fields["x-amz-algorithm"] != ALGORITHM:
        raise _wrong("X-Amz-Algorithm", fields["x-amz-algorithm"])
    moment = basic_iso_time(fields["x-amz-date"])
    if moment is None:
        raise _wrong("X-Amz-Date", fields["x-amz-date"])
    scope = Scope.read(fields["x-amz-credential"])
    problem = scope.problem(fields["x-amz-date"])
    if problem:
        raise s3_error(
            "InvalidArgument",
            f"Error parsing the X-Amz-Credential parameter; {problem}",
            ArgumentName="X-Amz-Credential",
            ArgumentValue=fields["x-amz-credential"],
        )
    pair = keyring.find(scope.key, fields.get("x-amz-security-token"))
    right = signature_v4(pair.secret_access_key, scope.text, fields["policy"])
    signed = Signed(string_to_sign=fields["policy"], signature=right)
    compare(signed, fields["x-amz-signature"], scope.key)
    return scope.key


def _version_2(fields: Mapping[str, str], keyring: Keyring) -> str:
    _require(fields, ("Policy", *_V2))
    key = fields["awsaccesskeyid"]
    pair = keyring.find(key, fields.get("x-amz-security-token"))
    right = signature_v2(pair.secret_access_key, fields["policy"])
    compare(Signed(string_to_sign=fields["policy"], signature=right), fields["signature"], key)
    return key


def _require(fields: Mapping[str, str], names: Iterable[str]) -> None:
    for name in names:
        if name.lower() not in fields:
            raise missing_field(name)


def missing_field(name: str) -> Exception:
    """Make the error about a field that is not there."""
    return s3_error(
        "InvalidArgument",
        f"Bucket POST must contain a field named '{name}'."
        "  If it is specified, please check the order of the fields.",
        ArgumentName=name,
        ArgumentValue="",
    )


def _wrong(name: str, value: str) -> Exception:
    return s3_error(
        "InvalidArgument", f"{name} is not valid", ArgumentName=name, ArgumentValue=value
    )
