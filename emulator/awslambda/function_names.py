"""Names of functions as callers write them: a name, or a partial or full ARN, perhaps qualified.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax
"""

from __future__ import annotations

import re

from emulator.errors import ServiceError

_NAME = re.compile(
    r"(?:(?:arn:aws[\w-]*:lambda:)?(?:(?P<region>[a-z]{2}-[a-z-]+-\d):)?"
    r"(?:(?P<account>\d{12}):)?(?:function:)?)?"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>\$LATEST|[\w-]+))?",
    re.ASCII,
)
_QUALIFIER = re.compile(r"\$LATEST|[\w-]+", re.ASCII)
_PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"
    r"(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)


def parse_function_name(
    text: str, qualifier: str | None, *, region: str, account_id: str
) -> tuple[str, str | None]:
    """Give name and qualifier.

    Raises:
        ServiceError: it is no name, names a function elsewhere, or has two qualifiers.
    """
    match = _NAME.fullmatch(text)
    if match is None:
        raise _invalid(text, "functionName", _PATTERN)
    if qualifier is not None and not _QUALIFIER.fullmatch(qualifier):
        raise _invalid(qualifier, "qualifier", "(|[a-zA-Z0-9$_-]+)")
    if match["region"] not in {None, region}:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Functions from '{match['region']}' are not reachable in this region ('{region}')",
            status=404,
            members=(("Type", "User"),),
        )
    if match["account"] not in {None, account_id}:
        raise ServiceError(
            "AccessDeniedException",
            f"User: arn:aws:iam::{account_id}:root is not authorized to access functions of the"
            f" account {match['account']}",
            status=403,
        )
    if qualifier and match["qualifier"] and qualifier != match["qualifier"]:
        raise ServiceError(
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
            members=(("Type", "User"),),
        )
    return match["name"], qualifier or match["qualifier"]


def _invalid(value: str, name: str, pattern: str) -> ServiceError:
    return ServiceError(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint:"
        f" Member must satisfy regular expression pattern: {pattern}",
    )
