"""How the Lambda API describes functions, versions, aliases and their configurations.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
There is no package: its size is 0, its hash and its URL are made up or left out.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import TYPE_CHECKING, Any

from emulator.arns import parse_arn
from emulator.awslambda.qualifiers import LATEST

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.application import (
        Alias,
        CorsConfiguration,
        EventInvokeConfig,
        Function,
        FunctionUrl,
    )

_LONGEST_AGE_SECONDS = 21_600


def describe_configuration(
    function: Function, arn: str, modified: datetime, version: str = LATEST
) -> dict[str, Any]:
    """Give the shape ``FunctionConfiguration``."""
    logging = function.logging
    digest = hashlib.sha256(str(function.code_root or function.inline_code).encode()).digest()
    descriptions = {published.number: published.description for published in function.versions}
    description: dict[str, Any] = {
        "FunctionName": function.name,
        "FunctionArn": arn,
        "Runtime": function.runtime,
        "Role": function.role_arn,
        "Handler": function.handler,
        "CodeSize": 0,
        "Description": descriptions.get(version) or function.description,
        "Timeout": function.timeout_seconds,
        "MemorySize": function.memory_size_mb,
        "LastModified": f"{modified:%Y-%m-%dT%H:%M:%S}.000+0000",
        "CodeSha256": base64.b64encode(digest).decode(),
        "Version": version,
        "TracingConfig": {"Mode": "Active" if function.tracing_active else "PassThrough"},
        "RevisionId": _revision(arn),
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": list(function.architectures),
        "EphemeralStorage": {"Size": function.ephemeral_storage_mb},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "RuntimeVersionConfig": {
            "RuntimeVersionArn": f"arn:aws:lambda:{parse_arn(arn).region}::runtime:emulated"
        },
        "LoggingConfig": {
            "LogFormat": logging.log_format,
            "LogGroup": logging.log_group or f"/aws/lambda/{function.name}",
        },
    }
    if function.environment:
        description["Environment"] = {"Variables": dict(function.environment)}
    if function.dead_letter_target_arn is not None:
        description["DeadLetterConfig"] = {"TargetArn": function.dead_letter_target_arn}
    if logging.log_format == "JSON":
        description["LoggingConfig"] |= {
            "ApplicationLogLevel": logging.application_log_level or "INFO",
            "SystemLogLevel": logging.system_log_level or "INFO",
        }
    return description


def describe_concurrency(function: Function) -> dict[str, Any]:
    """Give the answer of ``GetFunctionConcurrency``: empty without reserved concurrency."""
    reserved = function.reserved_concurrency
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


def describe_alias(alias: Alias, arn: str) -> dict[str, Any]:
    """Give the shape ``AliasConfiguration``."""
    return {
        "AliasArn": arn,
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": _revision(arn),
    }


def describe_event_invoke(
    config: EventInvokeConfig, arn: str, modified: datetime
) -> dict[str, Any]:
    """Give the shape ``FunctionEventInvokeConfig``."""
    age = config.maximum_event_age
    destinations = {"OnSuccess": config.on_success_arn, "OnFailure": config.on_failure_arn}
    return {
        "LastModified": modified.timestamp(),
        "FunctionArn": arn,
        "MaximumRetryAttempts": config.maximum_retry_attempts,
        "MaximumEventAgeInSeconds": int(age.total_seconds()) if age else _LONGEST_AGE_SECONDS,
        "DestinationConfig": {
            name: {"Destination": target} if target else {} for name, target in destinations.items()
        },
    }


def describe_url(config: FunctionUrl, url: str, arn: str, modified: datetime) -> dict[str, Any]:
    """Give the answer of ``GetFunctionUrlConfig``."""
    time = f"{modified:%Y-%m-%dT%H:%M:%S.%f}Z"
    description: dict[str, Any] = {
        "FunctionUrl": url,
        "FunctionArn": arn,
        "AuthType": config.auth_type,
        "CreationTime": time,
        "LastModifiedTime": time,
        "InvokeMode": config.invoke_mode,
    }
    if config.cors is not None:
        description["Cors"] = _cors(config.cors)
    return description


def _cors(cors: CorsConfiguration) -> dict[str, Any]:
    description: dict[str, Any] = {
        "AllowCredentials": cors.allow_credentials,
        "AllowHeaders": list(cors.allow_headers),
        "AllowMethods": list(cors.allow_methods),
        "AllowOrigins": list(cors.allow_origins),
        "ExposeHeaders": list(cors.expose_headers),
        "MaxAge": cors.max_age_seconds,
    }
    return {name: value for name, value in description.items() if value}


def _revision(arn: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, arn))
