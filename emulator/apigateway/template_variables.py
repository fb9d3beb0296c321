"""What a mapping template can refer to: ``$input``, ``$context``, ``$stageVariables``, ``$util``.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, unquote_plus

from emulator.apigateway import jsonpath
from emulator.apigateway.context import render_context
from emulator.apigateway.errors import GatewayError
from emulator.apigateway.proxy_event import query_parameters
from emulator.apigateway.vtl.values import from_json, spell

if TYPE_CHECKING:
    from emulator.apigateway.context import RequestContext

_ESCAPES = {"\b": "\\b", "\n": "\\n", "\t": "\\t", "\f": "\\f", "\r": "\\r"}
_BACKSLASHED = "'\"\\/"
_PRINTABLE = range(0x20, 0x7F)


def template_variables(context: RequestContext) -> dict[str, Any]:
    """Collect the variables of one request; both templates of an integration share them."""
    overrides: dict[str, Any] = {
        "requestOverride": {"header": {}, "querystring": {}, "path": {}},
        "responseOverride": {"header": {}},
    }
    return {
        "input": Input(context),
        "context": {**render_context(context), **overrides},
        "stageVariables": dict(context.api.stage_variables),
        "util": Util(),
    }


class Input:
    """``$input``: the body and the parameters of the method request."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._body = context.request.body.decode("utf-8", "replace")
        self.offers = {
            # An empty body is an empty object (recorded).
            "body": self._body or "{}",
            "json": self._json,
            "path": self._path,
            "params": self._params,
        }

    def _find(self, path: str) -> Any:
        return jsonpath.find(_parse_body(self._body), jsonpath.parse_path(path))

    def _json(self, path: str) -> str:
        found = self._find(path)
        return json.dumps("" if found is None else found, separators=(",", ":"), ensure_ascii=False)

    def _path(self, path: str) -> Any:
        found = self._find(path)
        return "" if found is None else from_json(found)

    def _params(self, name: str | None = None) -> Any:
        """Give all parameters by position, or the one of a name: path, then query, then header."""
        request = self._context.request
        positions: dict[str, dict[str, str]] = {
            "path": dict(self._context.match.path_parameters) if self._context.match else {},
            "querystring": dict(query_parameters(request.query_string)),
            "header": dict(request.headers),
        }
        if name is None:
            return positions
        for position in ("path", "querystring"):
            if name in positions[position]:
                return positions[position][name]
        return request.header(name) or ""


class Util:
    """``$util``: functions on strings."""

    def __init__(self) -> None:
        self.offers = {
            "escapeJavaScript": _escape_java_script,
            "parseJson": lambda text: from_json(json.loads(text)),
            "urlEncode": lambda text: quote_plus(spell(text), safe="*-._"),
            "urlDecode": lambda text: unquote_plus(spell(text)),
            "base64Encode": lambda text: base64.b64encode(spell(text).encode()).decode(),
            "base64Decode": lambda text: base64.b64decode(spell(text)).decode("utf-8", "replace"),
        }


def _parse_body(body: str) -> Any:
    if not body:
        return {}
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = f"Could not parse request body into json: {error}"
        raise GatewayError("BAD_REQUEST_BODY", reason, message=reason) from error


def _escape_java_script(value: Any) -> str:
    """Escape as Apache's ``escapeEcmaScript`` does, slashes and non-ASCII included."""
    return "".join(_escape_character(character) for character in spell(value))


def _escape_character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character in _BACKSLASHED:
        return f"\\{character}"
    if ord(character) in _PRINTABLE:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex().upper()}" for i in range(0, len(units), 2))
