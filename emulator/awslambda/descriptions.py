"""How the Lambda API describes a function.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.application import Function


def describe_configuration(function: Function, arn: str) -> dict[str, Any]:
    """Give the shape ``FunctionConfiguration``."""
    logging = function.logging
    return {
        "FunctionName": function.name,
        "FunctionArn": arn,
        "Runtime": function.runtime,
        "Role": function.role_arn,
        "Handler": function.handler,
        "Description": function.description,
        "Timeout": function.timeout_seconds,
        "MemorySize": function.memory_size_mb,
        "Version": "$LATEST",
        "Environment": {"Variables": dict(function.environment)},
        "TracingConfig": {"Mode": "Active" if function.tracing_active else "PassThrough"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": list(function.architectures),
        "EphemeralStorage": {"Size": function.ephemeral_storage_mb},
        "LoggingConfig": {
            "LogFormat": logging.log_format,
            "LogGroup": logging.log_group or f"/aws/lambda/{function.name}",
        },
    }


def describe_function(function: Function, arn: str) -> dict[str, Any]:
    """Give the answer of ``GetFunction``; there is no package to download."""
    description: dict[str, Any] = {
        "Configuration": describe_configuration(function, arn),
        "Code": {},
        "Tags": dict(function.tags),
    }
    if function.reserved_concurrency is not None:
        limit = function.reserved_concurrency
        description["Concurrency"] = {"ReservedConcurrentExecutions": limit}
    return description
