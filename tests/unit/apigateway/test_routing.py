"""Which route a request means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.apigateway.gateway_fakes import proxy_route

from emulator.apigateway.routing import RouteTree


def tree(*routes):
    return RouteTree(proxy_route(*route.split(" ")) for route in routes)


def matched(found):
    return found and (found.route.http_method, found.route.resource_path)


@pytest.mark.parametrize(
    "routes",
    [
        ("GET /test", "GET /{id}", "GET /{proxy+}"),
        ("GET /{proxy+}", "GET /{id}", "GET /test"),
    ],
)
@pytest.mark.parametrize(
    ("path", "expected"),
    [("/test", "/test"), ("/other", "/{id}"), ("/test/more", "/{proxy+}")],
)
def test_static_beats_param_beats_greedy_in_any_order_of_declaration(routes, path, expected):
    """The most specific resource answers, wherever it stands in the definition."""
    found = tree(*routes).match("GET", path)

    assert matched(found) == ("GET", expected)


def test_a_resource_without_the_method_is_passed_over():
    """``/test`` has only POST: ``OPTIONS /test`` is answered by its greedy sibling."""
    found = tree("POST /test", "OPTIONS /{proxy+}").match("OPTIONS", "/test")

    assert matched(found) == ("OPTIONS", "/{proxy+}")


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /jobs/reboot", "/jobs/{operation_type}"),
        ("GET /jobs", "/{proxy+}"),
        ("POST /jobs/reboot", "/{proxy+}"),
        ("GET /cors_only", "/{proxy+}"),
    ],
)
def test_resolution_is_by_resource_and_method(request_line, expected):
    """As measured on AWS: https://github.com/ministackorg/ministack/pull/1423."""
    routes = tree("ANY /{proxy+}", "GET /jobs/{operation_type}", "OPTIONS /cors_only")

    found = routes.match(*request_line.split(" "))

    assert found.route.resource_path == expected


def test_the_named_method_beats_any():
    """``ANY`` is what is left over."""
    found = tree("ANY /x", "GET /x").match("GET", "/x")

    assert matched(found) == ("GET", "/x")


@pytest.mark.parametrize("definition", ["/files", "/files/"])
@pytest.mark.parametrize("path", ["/files", "/files/"])
def test_a_trailing_slash_means_nothing(definition, path):
    """Defined with or without the slash, a resource answers both and is named without it."""
    found = tree(f"PUT {definition}").match("PUT", path)

    assert found.resource_path == "/files"


def test_both_spellings_of_a_path_are_one_resource():
    """Methods defined on ``/files`` and on ``/files/`` are reached by either."""
    routes = tree("GET /files", "PUT /files/")

    assert matched(routes.match("GET", "/files/")) == ("GET", "/files")
    assert matched(routes.match("PUT", "/files")) == ("PUT", "/files/")


def test_the_root_is_not_a_greedy_match():
    """``{proxy+}`` needs at least one segment."""
    assert tree("GET /{proxy+}").match("GET", "/") is None


def test_the_root_has_its_own_route():
    """``/`` is a resource like any other."""
    assert matched(tree("GET /").match("GET", "/")) == ("GET", "/")


def test_parameters_stay_encoded():
    """Values come as they were sent; a trailing slash is not part of a greedy one."""
    found = tree("GET /{user}/{rest+}").match("GET", "/test%2Balias@gmail.com/plus//x/")

    assert found.path_parameters == (("user", "test%2Balias@gmail.com"), ("rest", "plus//x"))


def test_an_empty_segment_is_no_parameter():
    """``/a//b`` does not give ``{id}`` an empty value."""
    assert tree("GET /a/{id}/b").match("GET", "/a//b") is None


def test_an_escaped_letter_means_the_same_resource():
    """RFC 3986: ``%66iles`` is ``files``."""
    assert matched(tree("GET /files").match("GET", "/%66iles")) == ("GET", "/files")


@given(st.lists(st.text("ab/", max_size=6)), st.text("ab/", max_size=8))
def test_a_defined_static_path_is_always_found(paths, path):
    """Whatever else is defined, a path that is defined itself is matched."""
    routes = [proxy_route("GET", f"/{defined}") for defined in (*paths, path)]

    assert RouteTree(routes).match("GET", f"/{path}") is not None


def test_methods_are_told_apart_by_case():
    """HTTP methods are case-sensitive."""
    assert tree("GET /x").match("get", "/x") is None
