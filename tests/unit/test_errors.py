"""The texts and members of the error tree."""

from pathlib import Path

import pytest

from emulator.errors import EmulatorError, ServiceError, StartupError, TemplateError

FILE = Path("template.yaml")


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({}, "no such thing"),
        ({"file": FILE}, "template.yaml: no such thing"),
        ({"file": FILE, "line": 7}, "template.yaml:7: no such thing"),
        ({"line": 7}, "no such thing"),
        ({"logical_id": "Files"}, "Files: no such thing"),
        (
            {"file": FILE, "line": 7, "logical_id": "Files", "remedy": "delete it"},
            "template.yaml:7: Files: no such thing (delete it)",
        ),
    ],
)
def test_a_template_error_names_what_is_known_of_the_place(place, expected):
    """File and line, logical ID, problem, remedy: one line."""
    assert str(TemplateError("no such thing", **place)) == expected


def test_a_template_error_keeps_its_parts():
    """Editors and tests need not parse the text."""
    error = TemplateError("no such thing", file=FILE, line=7, logical_id="Files", remedy="delete")

    assert (error.file, error.line, error.logical_id, error.remedy) == (FILE, 7, "Files", "delete")


def test_a_service_error_is_a_bad_request_unless_it_says_otherwise():
    """Code, message and members are AWS's; the status defaults to 400."""
    plain = ServiceError("ValidationException", "wrong")
    missing = ServiceError("NoSuchKey", "gone", status=404, members=(("Key", "a.pdf"),))

    assert (str(plain), plain.code, plain.message, plain.status, plain.members) == (
        "wrong",
        "ValidationException",
        "wrong",
        400,
        (),
    )
    assert (missing.status, missing.members) == (404, (("Key", "a.pdf"),))


@pytest.mark.parametrize("kind", [TemplateError, StartupError, ServiceError])
def test_each_is_a_mistake_that_the_user_can_mend(kind):
    """The command line prints them without a traceback."""
    assert issubclass(kind, EmulatorError)
