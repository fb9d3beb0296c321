"""Signatures: a request must have one, as on AWS, but nobody verifies it or asks for permissions.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
Texts were recorded by https://github.com/architect/dynalite (``test/connection.js``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import ServiceError

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

_PARAMETERS = ("Credential", "Signature", "SignedHeaders")


def check_signed(environ: WSGIEnvironment) -> None:
    """Refuse a request that is not signed, or whose signature lacks a part.

    Raises:
        ServiceError: ``MissingAuthenticationTokenException`` or ``IncompleteSignatureException``.
    """
    header = environ.get("HTTP_AUTHORIZATION", "").strip()
    if header.startswith("AWS4-"):
        _check_complete(header, environ)
    elif "X-Amz-Algorithm=" not in environ.get("QUERY_STRING", ""):
        raise ServiceError(
            "MissingAuthenticationTokenException", "Request is missing Authentication Token"
        )


def _check_complete(header: str, environ: WSGIEnvironment) -> None:
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in _PARAMETERS
        if f"{name}=" not in header
    ]
    if not missing:
        return
    if "HTTP_X_AMZ_DATE" not in environ and "HTTP_DATE" not in environ:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    raise ServiceError(
        "IncompleteSignatureException", f"{' '.join(missing)} Authorization={header}"
    )
