"""Tags of tables: whose they are, and how they are listed.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
Texts were recorded by https://github.com/architect/dynalite (``test/listTagsOfResource.js``); that
of another account's table by https://github.com/paritysuite/dynamodb-conformance.
"""

from __future__ import annotations

import re
from typing import Any

from emulator.dynamodb.errors import validation_error
from emulator.errors import ServiceError

_TABLE_ARN = re.compile(r"arn:aws[^:]*:dynamodb:[^:]*:(?P<account_id>[0-9]*):table/[^/]+")
_TAGS_ON_A_PAGE = 10


def check_tagged_arn(operation: str, arn: str, account_id: str) -> None:
    """Refuse what is no ARN of a table, or of a table of another account."""
    found = _TABLE_ARN.fullmatch(arn)
    if found is None:
        raise validation_error(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")
    if found["account_id"] != account_id:
        raise ServiceError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{account_id}:root is not authorized to perform: "
            f"dynamodb:{operation} on resource: {arn}",
        )


def tags_page(tags: list[dict[str, str]], token: str | None) -> dict[str, Any]:
    """Write one page of tags; the token says how many were listed before."""
    if token is not None and not (token.isascii() and token.isdigit()):
        raise validation_error("Invalid NextToken")
    end = int(token or 0) + _TAGS_ON_A_PAGE
    page: dict[str, Any] = {"Tags": tags[end - _TAGS_ON_A_PAGE : end]}
    return page if end >= len(tags) else page | {"NextToken": str(end)}
