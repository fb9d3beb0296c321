"""JSONPath as templates use it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.apigateway.jsonpath import JsonPathError, find, parse_path

DOCUMENT = {"a": {"b-c": [{"d": 1}, {"d": 2}, {}], "": 3}, "e f": 4, "n": None}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", DOCUMENT),
        ("$.a.b-c[1].d", 2),
        ("$.a.b-c[-2].d", 2),
        ("$['a'][\"b-c\"][0]['d']", 1),
        ("$['e f']", 4),
        ("$['a']['']", 3),
        ("a", DOCUMENT["a"]),
        ("$.a.b-c[*].d", [1, 2]),
        ("$.*.b-c[0].d", [1]),
        ("$.missing.more", None),
        ("$.a.b-c[9]", None),
        ("$.a[0]", None),
        ("$.n[*]", []),
        ("$.n", None),
    ],
)
def test_paths(path, expected):
    """Names in each spelling, indexes from both ends, all children; nowhere is null."""
    assert find(DOCUMENT, parse_path(path)) == expected


@pytest.mark.parametrize("path", ["$..a", "$[?(@.x)]", "$[0:2]", "$.a.length()", "$.", "$[", "$a"])
def test_other_paths_are_refused(path):
    """What is not supported is named."""
    with pytest.raises(JsonPathError, match="is not supported at"):
        parse_path(path)


@given(st.text())
def test_any_path_is_read_or_refused(path):
    """No path breaks the reader."""
    try:
        steps = parse_path(path)
    except JsonPathError:
        return
    find(DOCUMENT, steps)
