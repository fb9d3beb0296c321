"""Server-side encryption in name: what an upload asks for, what its bucket gives, what is shown.

Nothing is encrypted here, and no key of KMS is looked up; so that an application meets the headers
that it meets on AWS, method and key are kept with the object and shown with it.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import TYPE_CHECKING

from emulator.s3.errors import s3_error
from emulator.s3.xml import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.application import Pairs

ENCRYPTION = "encryption"
METHOD = "x-amz-server-side-encryption"
KEY = f"{METHOD}-aws-kms-key-id"
BUCKET_KEY = f"{METHOD}-bucket-key-enabled"
# The context is what KMS checks and logs; S3 never shows it.
KMS_HEADERS = frozenset({KEY, BUCKET_KEY, f"{METHOD}-context"})
KEPT = (METHOD, KEY, BUCKET_KEY)
KMS_METHODS = frozenset({"aws:kms", "aws:kms:dsse"})
_ENCRYPTED = ((METHOD, "AES256"),)


def asked_encryption(headers: Mapping[str, str]) -> dict[str, str] | None:
    """Read the encryption that an upload asks for; ``None`` leaves it to the bucket.

    Raises:
        ServiceError: ``InvalidArgument``.
    """
    method = headers.get(METHOD)
    if method in KMS_METHODS:
        kept = {METHOD: str(method), KEY: headers.get(KEY, "")}
        if headers.get(BUCKET_KEY, "").lower() == "true":
            kept[BUCKET_KEY] = "true"
        return kept
    if method not in {None, "AES256"}:
        raise _argument("The encryption method specified is not supported", str(method))
    if KEY in headers:
        raise _argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header"
            f" {METHOD} : aws:kms",
            method or "null",
        )
    return None if method is None else {}


@lru_cache(maxsize=64)
def default_encryption(configuration: str) -> Mapping[str, str]:
    """Read what a ``ServerSideEncryptionConfiguration`` gives new objects."""
    root = parse(configuration.encode())
    rule = root.find("Rule") if root is not None else None
    default = rule.find("ApplyServerSideEncryptionByDefault") if rule is not None else None
    method = default.findtext("SSEAlgorithm") if default is not None else None
    if rule is None or default is None or method not in KMS_METHODS:
        return {}
    bucket_key = {BUCKET_KEY: "true"} if rule.findtext("BucketKeyEnabled") == "true" else {}
    return {METHOD: method, KEY: default.findtext("KMSMasterKeyID") or "", **bucket_key}


def encryption_headers(headers: Mapping[str, str]) -> Pairs:
    """Give what the answer to a write says of the encryption of an object."""
    if METHOD not in headers:
        return _ENCRYPTED
    return tuple((name, headers[name]) for name in KEPT if name in headers)


def key_arn(name: str, region: str, account_id: str) -> str:
    """Write a key as S3 shows it; without a name it is the one that AWS manages for S3."""
    if name.startswith("arn:"):
        return name
    managed = uuid.uuid5(uuid.NAMESPACE_OID, f"{account_id}/{region}/alias/aws/s3")
    resource = name if name.startswith("alias/") else f"key/{name or managed}"
    return f"arn:aws:kms:{region}:{account_id}:{resource}"


def _argument(message: str, value: str) -> Exception:
    return s3_error("InvalidArgument", message, ArgumentName=METHOD, ArgumentValue=value)
