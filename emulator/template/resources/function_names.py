"""Names of functions in ARNs, and in the URIs by which API Gateway invokes them.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

import re

_ARN = re.compile(r"arn:[\w-]+:lambda:[\w-]*:\d*:function:([\w-]+)(?::([\w$-]+))?", re.ASCII)
_INVOCATION = re.compile(r".*:path/[\d-]+/functions/(?P<function>.+)/invocations")


def function_name(name_or_arn: str) -> str:
    """Take the name of a function out of its ARN; a plain name stays."""
    found = _ARN.fullmatch(name_or_arn)
    return found[1] if found else name_or_arn.partition(":")[0]


def arn_function_name(arn: str) -> str | None:
    """Take the name of a function out of its ARN; ``None`` if the ARN is of something else."""
    found = _ARN.fullmatch(arn)
    return found[1] if found else None


def arn_qualifier(arn: str) -> str | None:
    """Take the version or alias out of a function's ARN; ``None`` without one."""
    found = _ARN.fullmatch(arn)
    return found[2] if found else None


def invoked_function(uri: str) -> str | None:
    """Take the name of a function out of an invocation URI; ``None`` if the URI is another's."""
    found = _INVOCATION.fullmatch(uri)
    return arn_function_name(found["function"]) if found else None


def invoked_qualifier(uri: str) -> str | None:
    """Take the version or alias out of an invocation URI; ``None`` without one."""
    found = _INVOCATION.fullmatch(uri)
    return arn_qualifier(found["function"]) if found else None
