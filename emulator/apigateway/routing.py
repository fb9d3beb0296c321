"""Which method of which resource a request means.

Resources form a tree, as on API Gateway: at each segment a static child wins over ``{param}``,
and that over ``{proxy+}``; a resource that lacks the method is passed over for the next one.
A trailing slash means nothing, in the definition as in the request: API Gateway deploys ``/files/``
as ``/files`` and answers both.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
https://github.com/ministackorg/ministack/pull/1423 (measured: resolution is by resource and method)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.application import Pairs, Route

ANY = "ANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMatch:
    """A route and the values of its path parameters, percent-encoded as sent."""

    route: Route
    path_parameters: Pairs = ()

    @property
    def resource_path(self) -> str:
        """Tell the path of the resource as API Gateway deploys it, without a trailing slash."""
        return "/" + "/".join(_segments(self.route.resource_path))


@dataclass(slots=True)
class _Resource:
    """One node of the tree: its methods and its children."""

    methods: dict[str, Route] = field(default_factory=dict)
    static: dict[str, _Resource] = field(default_factory=dict)
    variable: tuple[str, _Resource] | None = None
    greedy: tuple[str, _Resource] | None = None

    def child(self, segment: str) -> _Resource:
        """Find or make the child for a segment of a definition's path."""
        if not segment.startswith("{"):
            return self.static.setdefault(segment, _Resource())
        name = segment.strip("{}")
        if name.endswith("+"):
            self.greedy = self.greedy or (name.removesuffix("+"), _Resource())
            return self.greedy[1]
        self.variable = self.variable or (name, _Resource())
        return self.variable[1]

    def method(self, http_method: str) -> Route | None:
        """Find the route for a method, or the one for any."""
        return self.methods.get(http_method) or self.methods.get(ANY)


class RouteTree:
    """The resources of an API, ready to be matched."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Resource()
        for route in routes:
            resource = self._root
            for segment in _segments(route.resource_path):
                resource = resource.child(segment)
            # `/files` and `/files/` are one resource: the method that came first keeps its place.
            resource.methods.setdefault(route.http_method.upper(), route)

    def match(self, http_method: str, path: str) -> RouteMatch | None:
        """Find the route of a request; ``path`` is the one without the stage."""
        return _match(self._root, http_method, _segments(path), ())


def _segments(path: str) -> tuple[str, ...]:
    trimmed = path.strip("/")
    return tuple(trimmed.split("/")) if trimmed else ()


def _match(
    resource: _Resource, http_method: str, segments: tuple[str, ...], parameters: Pairs
) -> RouteMatch | None:
    if not segments:
        route = resource.method(http_method)
        return RouteMatch(route=route, path_parameters=parameters) if route else None
    segment, rest = segments[0], segments[1:]
    found = None
    if static := resource.static.get(unquote(segment)):
        found = _match(static, http_method, rest, parameters)
    if found is None and segment and resource.variable:
        name, child = resource.variable
        found = _match(child, http_method, rest, (*parameters, (name, segment)))
    if found is None and resource.greedy:
        name, child = resource.greedy
        found = _match(child, http_method, (), (*parameters, (name, "/".join(segments))))
    return found
