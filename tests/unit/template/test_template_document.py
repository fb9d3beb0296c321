"""Template files: YAML with short forms and line numbers."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import TemplateError
from emulator.template.document import read_document

FILE = Path("template.yaml")
TABS = "template.yaml:2: not YAML: found character that cannot start any token"


def read(text):
    return read_document(FILE, text.encode()).value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.Arn", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!GetAtt A.Outputs.B", {"Fn::GetAtt": ["A", "Outputs.B"]}),
        ("!GetAtt [A, Arn]", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!Sub '${A}'", {"Fn::Sub": "${A}"}),
        ("!Sub ['${B}', {B: 1}]", {"Fn::Sub": ["${B}", {"B": 1}]}),
        ("!If [A, !Ref B, 1]", {"Fn::If": ["A", {"Ref": "B"}, 1]}),
        ("!Base64 {Ref: A}", {"Fn::Base64": {"Ref": "A"}}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!Transform {Name: A}", {"Fn::Transform": {"Name": "A"}}),
    ],
)
def test_short_forms_become_the_full_functions(written, expected):
    assert read(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2012-10-17", "2012-10-17"),
        ("'3600'", "3600"),
        ("3600", 3600),
        ("1.5", 1.5),
        ("yes", True),
        ("012345678901", "012345678901"),
        ("=", "="),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("0b_", "0b_"),
        ("", None),
    ],
)
def test_scalars_are_read_as_cloudformation_reads_them(written, expected):
    """Dates stay text, as do numbers that JSON cannot say."""
    assert read(written) == expected


def test_keys_are_text_as_written():
    """Status codes and ``on`` are keys like any other."""
    assert read("{200: a, on: b, 1.0: c}") == {"200": "a", "on": "b", "1.0": "c"}


def test_anchors_and_merge_keys():
    """The AWS CLI resolves them before it uploads a template."""
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2}\nc: {<<: [*b, *a], z: 3}\nd: {<<: *a, x: 4}"

    document = read(text)

    assert document["c"] == {"x": 1, "y": 2, "z": 3}
    assert document["d"] == {"x": 4, "y": 1}


def test_every_part_has_the_line_of_its_key():
    document = read_document(FILE, b"a:\n  - b\n  - c: 1\n    d: 2\ne: !Sub\n  x\n")

    lines = {
        ".".join(path): document.places.find(path).line
        for path in [("a",), ("a", "0"), ("a", "1"), ("a", "1", "d"), ("e",), ("e", "nowhere")]
    }

    assert lines == {"a": 1, "a.0": 2, "a.1": 3, "a.1.d": 4, "e": 5, "e.nowhere": 5}


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("a: 1\nb: 2\na: 3", "template.yaml:3: key 'a' twice; it is also in line 1"),
        ("a: !Nope x", "template.yaml:1: the tag !Nope is no intrinsic function"),
        ("a: !!binary x", "template.yaml:1: the YAML tag !!binary is not supported"),
        ("a: !!set {x}", "template.yaml:1: the YAML tag !!set is not supported"),
        ("[a]: 1", "template.yaml:1: a key must be a string"),
        ("!Ref a: 1", "template.yaml:1: a key must be a string"),
        ("a: {<<: 1}", "template.yaml:1: only mappings can be merged"),
        (
            "a:\n\tb: 1",
            f"{TABS} (column 1) (indent with spaces, not tabs)",
        ),
        ("a: [1, 2", "template.yaml:2: not YAML: did not find expected ',' or ']' (column 1)"),
        (
            "a: &a [*a]",
            "template.yaml:1: an alias that contains itself, or far too many of them",
        ),
    ],
)
def test_what_is_no_template_is_refused_with_its_line(written, problem):
    with pytest.raises(TemplateError) as error:
        read(written)

    assert str(error.value) == problem


def test_aliases_that_multiply_are_refused():
    """A few lines cannot fill the memory."""
    levels = "".join(
        f"{name}: &{name} [{f'*{below},' * 9}]\n"
        for below, name in zip("abcdefg", "bcdefgh", strict=True)
    )

    with pytest.raises(TemplateError, match="far too many"):
        read(f"a: &a 1\n{levels}")


def test_a_file_that_is_no_text_is_refused():
    with pytest.raises(TemplateError, match=r"template.yaml: not a text file in UTF-8"):
        read_document(FILE, b"a: f\xe9")


def test_a_file_that_is_nested_too_deeply_is_refused():
    with pytest.raises(TemplateError):
        read("[" * 100_000)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="ascii", exclude_characters="\x7f", min_codepoint=32)),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.from_regex(r"[A-Za-z]+", fullmatch=True), inner)
    ),
)


@given(JSON)
def test_json_is_read_as_json(value):
    assert read(json.dumps(value)) == value
    assert read(json.dumps(value, indent="\t")) == value
