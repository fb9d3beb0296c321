"""The API Gateway side of the handlers: bodies in, responses out.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Event = dict[str, Any]
LARGEST_LIST = 1000
LONGEST_ID = 128
LONGEST_NAME = 1024


class RefusedError(Exception):
    """A request that cannot be served; its text is for the client."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def http_handler(answer: Callable[[Event], Any]) -> Callable[[Event, object], Event]:
    """Make a Lambda handler of a function that gives what the client gets, as JSON."""

    @functools.wraps(answer)
    def handler(event: Event, _context: object) -> Event:
        try:
            return _response(200, answer(event))
        except RefusedError as refused:
            return _response(refused.status, {"message": str(refused)})

    return handler


def _response(status: int, document: Any) -> Event:
    headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
    # Escaped, a list of long names would outgrow the 6 MB that Lambda answers with.
    body = json.dumps(document, ensure_ascii=False)
    return {"statusCode": status, "headers": headers, "body": body}


def read_name(event: Event) -> str:
    """Read the announcement of a file.

    Raises:
        RefusedError: the body is not ``{"name": "…"}``.
    """
    document = _read_json(event)
    name = document.get("name") if isinstance(document, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise RefusedError(400, 'The body must be a JSON object with the "name" of the file.')
    if len(name) > LONGEST_NAME or not _is_text(name):
        raise RefusedError(400, f"A name has at most {LONGEST_NAME} characters, all of them text.")
    return name


def read_ids(event: Event) -> list[str]:
    """Read a list of ids, each once, in order.

    Raises:
        RefusedError: the body is no list of ids, or a longer one than can be served at once.
    """
    ids = _read_json(event)
    if not isinstance(ids, list) or not all(isinstance(file_id, str) for file_id in ids):
        raise RefusedError(400, "The body must be a JSON list of the ids of files.")
    if len(ids) > LARGEST_LIST:
        raise RefusedError(400, f"At most {LARGEST_LIST} ids can be given at once.")
    # What is too long, empty or no text cannot be the id of a file: it is unknown like any other.
    return list(dict.fromkeys(file_id for file_id in ids if _can_be_id(file_id)))


def is_asked(event: Event, name: str) -> bool:
    """Tell whether the query string says ``name=yes``."""
    query = event.get("queryStringParameters") or {}
    return bool(query.get(name) == "yes")


def path_id(event: Event) -> str:
    """Give the id in the path.

    Raises:
        RefusedError: it cannot be the id of a file.
    """
    file_id = (event.get("pathParameters") or {}).get("id") or ""
    if not _can_be_id(file_id):
        raise RefusedError(404, "There is no such upload.")
    return str(file_id)


def _can_be_id(file_id: str) -> bool:
    return 0 < len(file_id) <= LONGEST_ID and _is_text(file_id)


def _is_text(text: str) -> bool:
    """Refuse lone surrogates: JSON can write them, but UTF-8, and so AWS, cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _read_json(event: Event) -> Any:
    body = event.get("body") or ""
    try:
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True)
        return json.loads(body)
    except (ValueError, RecursionError, binascii.Error) as error:
        raise RefusedError(400, "The body must be JSON.") from error
