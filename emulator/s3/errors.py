"""S3's errors: code, status and message as S3 sends them, and the XML around them.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.errors import ServiceError
from emulator.s3.xml import document, element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.application import Pairs

_KNOWN = {
    "AccessDenied": (403, "Access Denied"),
    "BadDigest": (400, "The Content-MD5 you specified did not match what we received."),
    "BucketAlreadyOwnedByYou": (
        409,
        "Your previous request to create the named bucket succeeded and you already own it.",
    ),
    "BucketNotEmpty": (409, "The bucket you tried to delete is not empty"),
    "ConditionalRequestConflict": (
        409,
        (
            "The conditional request cannot succeed due to a conflicting operation against this"
            " resource."
        ),
    ),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed size"),
    "EntityTooSmall": (
        400,
        "Your proposed upload is smaller than the minimum allowed size",
    ),
    "IncompleteBody": (
        400,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    ),
    "InvalidAccessKeyId": (
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "InvalidDigest": (400, "The Content-MD5 you specified was invalid."),
    "InvalidObjectState": (403, "The operation is not valid for the object's storage class"),
    "InvalidPartNumber": (416, "The requested partnumber is not satisfiable"),
    "InvalidRedirectLocation": (
        400,
        ("The website redirect location must have a prefix of 'http://' or 'https://' or '/'."),
    ),
    "InvalidStorageClass": (400, "The storage class you specified is not valid"),
    "InvalidPart": (
        400,
        (
            "One or more of the specified parts could not be found.  The part may not have been"
            " uploaded, or the specified entity tag may not match the part's entity tag."
        ),
    ),
    "InvalidPartOrder": (
        400,
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
    ),
    "InvalidRange": (416, "The requested range is not satisfiable"),
    "InvalidToken": (400, "The provided token is malformed or otherwise invalid."),
    "KeyTooLongError": (400, "Your key is too long"),
    "MalformedXML": (
        400,
        "The XML you provided was not well-formed or did not validate against our published schema",
    ),
    "MetadataTooLarge": (400, "Your metadata headers exceed the maximum allowed metadata size"),
    "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
    "MissingContentLength": (411, "You must provide the Content-Length HTTP header."),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchTagSet": (404, "The TagSet does not exist"),
    "NoSuchVersion": (404, "The specified version does not exist."),
    "NoSuchUpload": (
        404,
        (
            "The specified upload does not exist. The upload ID may be invalid, or the upload may"
            " have been aborted or completed."
        ),
    ),
    "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold"),
    "RequestTimeTooSkewed": (
        403,
        "The difference between the request time and the current time is too large.",
    ),
    "SignatureDoesNotMatch": (
        403,
        (
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method."
        ),
    ),
    "XAmzContentSHA256Mismatch": (
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
}


class S3Error(ServiceError):
    """An error whose response has headers of its own."""

    def __init__(
        self, code: str, message: str, *, status: int, headers: Pairs, **rest: Any
    ) -> None:
        super().__init__(code, message, status=status, **rest)
        self.headers = headers


def s3_error(
    code: str,
    message: str | None = None,
    *,
    status: int | None = None,
    members: Mapping[str, str] | None = None,
    headers: Pairs = (),
    **further: str,
) -> S3Error:
    """Make an error; members are further elements, in S3's spelling and order."""
    known_status, known_message = _KNOWN.get(code, (400, code))
    return S3Error(
        code,
        known_message if message is None else message,
        status=status or known_status,
        headers=headers,
        members=(*(members or {}).items(), *further.items()),
    )


def not_implemented(what: str) -> S3Error:
    """Refuse by name what the emulator does not have."""
    return s3_error(
        "NotImplemented",
        f"A header or query you provided implies functionality that is not implemented: {what}",
        status=501,
    )


def header_not_implemented(header: str, why: str) -> S3Error:
    """Refuse a header, or a value of it, that S3 does not have either."""
    return s3_error(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        status=501,
        members={"Header": header, "additionalMessage": why},
    )


def render(error: ServiceError, request_id: str, host_id: str) -> bytes:
    """Write an error as S3 does."""
    fields = [("Code", error.code), ("Message", error.message), *error.members]
    fields += [("RequestId", request_id), ("HostId", host_id)]
    return document(element("Error", *(element(name, value) for name, value in fields)))
