"""The errors that API Gateway makes itself, as a table of gateway response types.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator.errors import EmulatorError

INTERNAL = "Internal server error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorKind:
    """What the gateway sends for a response type that nobody customised."""

    status_code: int
    message: str | None
    error_type: str


ERROR_KINDS = {
    "ACCESS_DENIED": ErrorKind(
        status_code=403,
        message="User is not authorized to access this resource",
        error_type="AccessDeniedException",
    ),
    "API_CONFIGURATION_ERROR": ErrorKind(
        status_code=500, message=INTERNAL, error_type="InternalServerErrorException"
    ),
    "BAD_REQUEST_BODY": ErrorKind(
        status_code=400, message="Invalid request body", error_type="BadRequestException"
    ),
    "DEFAULT_5XX": ErrorKind(
        status_code=500, message=INTERNAL, error_type="InternalServerErrorException"
    ),
    "INTEGRATION_FAILURE": ErrorKind(
        status_code=504, message=INTERNAL, error_type="InternalServerErrorException"
    ),
    "INTEGRATION_TIMEOUT": ErrorKind(
        status_code=504,
        message="Endpoint request timed out",
        error_type="InternalServerErrorException",
    ),
    "INVALID_API_KEY": ErrorKind(
        status_code=403, message="Forbidden", error_type="ForbiddenException"
    ),
    "MISSING_AUTHENTICATION_TOKEN": ErrorKind(
        status_code=403,
        message="Missing Authentication Token",
        error_type="MissingAuthenticationTokenException",
    ),
    "REQUEST_TOO_LARGE": ErrorKind(
        status_code=413, message="Request Too Long", error_type="RequestTooLargeException"
    ),
    "UNSUPPORTED_MEDIA_TYPE": ErrorKind(
        status_code=415, message="Unsupported Media Type", error_type="BadRequestException"
    ),
}


class GatewayError(EmulatorError):
    """A request that ends in the gateway.

    Args:
        response_type: one of ``ERROR_KINDS``.
        reason: why, for the log; the client sees the message of the type.
        status_code: instead of the type's own.
        message: instead of the type's own.
    """

    def __init__(
        self,
        response_type: str,
        reason: str,
        *,
        status_code: int | None = None,
        message: str | None = None,
    ) -> None:
        super().__init__(reason)
        kind = ERROR_KINDS[response_type]
        self.response_type = response_type
        self.status_code = status_code or kind.status_code
        self.message = message or kind.message
        self.error_type = kind.error_type


def malformed_response(reason: str) -> GatewayError:
    """Refuse what a function returned; 502, as recorded."""
    return GatewayError("DEFAULT_5XX", reason, status_code=502)
