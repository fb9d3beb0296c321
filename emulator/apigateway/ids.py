"""The identifiers that API Gateway gives to requests, and those of what it serves.

Random ones are made per request; those of resources, deployments and keys are derived from names,
so that they stay the same from run to run.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestIds:
    """What one request is called.

    Args:
        request_id: ``x-amzn-RequestId`` and ``requestContext.requestId``.
        extended_request_id: ``x-amz-apigw-id`` and ``requestContext.extendedRequestId``.
        invocation_id: what Lambda calls the invocation; on AWS, too, it is another one.
        trace_root: ``Root`` of ``X-Amzn-Trace-Id``.
        trace_parent: ``Parent`` of the same, 16 hexadecimal digits.
    """

    request_id: str
    extended_request_id: str
    invocation_id: str
    trace_root: str
    trace_parent: str


def random_ids(moment: datetime) -> RequestIds:
    """Name a request that arrives at ``moment``."""
    noise = os.urandom(63)
    return RequestIds(
        request_id=str(uuid.UUID(bytes=noise[:16], version=4)),
        extended_request_id=base64.urlsafe_b64encode(noise[16:27]).decode(),
        invocation_id=str(uuid.UUID(bytes=noise[27:43], version=4)),
        # https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
        trace_root=f"1-{int(moment.timestamp()):08x}-{noise[43:55].hex()}",
        trace_parent=noise[55:].hex(),
    )


def stable_id(*names: str, length: int = 10) -> str:
    """Derive an identifier of AWS's form, for example of a resource (length 6) or an API key."""
    number = int.from_bytes(hashlib.sha256("\n".join(names).encode()).digest())
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)
