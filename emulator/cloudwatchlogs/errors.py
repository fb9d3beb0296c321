"""The errors of CloudWatch Logs, in AWS's words.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from emulator.errors import ServiceError


def invalid_parameter(message: str) -> ServiceError:
    """Refuse an argument."""
    return ServiceError("InvalidParameterException", message)


def not_found(kind: str) -> ServiceError:
    """Tell that a ``log group`` or ``log stream`` is not there."""
    return ServiceError("ResourceNotFoundException", f"The specified {kind} does not exist.")


def already_exists(kind: str) -> ServiceError:
    """Tell that a ``log group`` or ``log stream`` is there."""
    return ServiceError("ResourceAlreadyExistsException", f"The specified {kind} already exists")
