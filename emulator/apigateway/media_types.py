"""Which payloads are binary, by the ``binaryMediaTypes`` of an API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.application import Pairs

JSON = "application/json"
EVERYTHING = "*/*"


def first_media_type(header: str | None) -> str:
    """Take the first media type of ``Accept`` or ``Content-Type``, without its parameters.

    Only the first one counts on API Gateway, whatever the ``q`` of the others.
    """
    return (header or "").split(",")[0].split(";")[0].strip().lower()


def is_binary(header: str | None, binary_media_types: tuple[str, ...]) -> bool:
    """Tell whether a payload of this ``Content-Type``, or asked for by this ``Accept``, is binary.

    ``image/*`` in the API's list covers ``image/png``; ``*/png`` covers nothing (recorded).
    """
    if not binary_media_types:
        return False
    media_type = first_media_type(header)
    return any(_covers(pattern.lower(), media_type) for pattern in binary_media_types)


def choose_template(templates: Pairs, header: str | None) -> tuple[str, str] | None:
    """Choose media type and template for an ``Accept``: the named one, else JSON's, else the first.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html
    """
    if not templates:
        return None
    by_type = {media_type.lower(): (media_type, text) for media_type, text in templates}
    return by_type.get(first_media_type(header)) or by_type.get(JSON) or templates[0]


def _covers(pattern: str, media_type: str) -> bool:
    if pattern in (EVERYTHING, media_type):
        return True
    main_type, _, subtype = pattern.partition("/")
    return subtype == "*" and media_type.startswith(f"{main_type}/")
