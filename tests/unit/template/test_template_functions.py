"""Functions whose code, runtime or variables are not simply a folder, Python and text."""

import zipfile

import pytest
from unit.template.template_folder import ENVIRONMENT, SAM

from emulator.errors import TemplateError


def load(folder, **properties):
    """Load a template with one function; give it and the notes."""
    lines = "".join(f"      {name}: {value}\n" for name, value in properties.items())
    resource = f"  F:\n    Type: AWS::Serverless::Function\n    Properties:\n{lines}"
    application = folder.load(f"{SAM}Resources:\n{resource}")
    (function,) = application.functions
    notes = [note for note in application.support_notes if note.level == "unsupported"]
    return function, [f"{note.place}: {note.reason}" for note in notes]


def test_reserved_variables_are_refused_as_lambda_does(folder):
    """Lambda's text names every reserved key; the line is that of the first."""
    variables = "          OWN: a\n          AWS_REGION: b\n          _HANDLER: c\n"

    with pytest.raises(TemplateError) as refused:
        folder.load(ENVIRONMENT + variables)
    line = (ENVIRONMENT + variables).split("\n").index("          AWS_REGION: b") + 1
    assert str(refused.value).startswith(f"{folder.template}:{line}: ")
    assert (
        "Lambda was unable to configure your environment variables because the environment"
        " variables you have provided contains reserved keys that are currently not supported for"
        " modification. Reserved keys used in this request: AWS_REGION, _HANDLER"
    ) in str(refused.value)


@pytest.mark.parametrize("name", ["TZ", "PATH", "LANG", "PYTHONPATH", "AWS_XRAY_CONTEXT_MISSING"])
def test_variables_that_are_not_reserved_are_taken(folder, name):
    """The template may set what Lambda does not reserve."""
    assert folder.variables(f"{name}: mine") == {name: "mine"}


def test_an_archive_is_code(folder):
    """``CodeUri`` may be a zip archive."""
    with zipfile.ZipFile(folder.path / "code.zip", "w") as archive:
        archive.writestr("app.py", "")
    function, notes = load(folder, Handler="a.b", Runtime="python3.12", CodeUri="code.zip")

    assert (function.code_root, function.cannot_run, notes) == (folder.path / "code.zip", "", [])
    assert function.build_folder == folder.path / ".aws-sam" / "build" / "F"


def test_a_file_that_is_no_archive_is_refused(folder):
    """What is neither folder nor archive is refused with the remedy."""
    folder.write("code.txt", "text")

    with pytest.raises(TemplateError, match="is no folder and no zip archive"):
        load(folder, Handler="a.b", Runtime="python3.12", CodeUri="code.txt")


@pytest.mark.parametrize(
    ("properties", "reason", "place"),
    [
        (
            {"PackageType": "Image", "ImageUri": "1.dkr.ecr.us-east-1.amazonaws.com/a:b"},
            "container images are not run: 1.dkr.ecr.us-east-1.amazonaws.com/a:b",
            "F.PackageType",
        ),
        (
            {"PackageType": "Image"},
            "container images are not run: built-from-a-dockerfile:latest",
            "F.PackageType",
        ),
        (
            {"Handler": "a.b", "Runtime": "python3.12", "CodeUri": "s3://bucket/key.zip"},
            "its code is in S3 (s3://bucket/key.zip), not on this machine",
            "F.Code",
        ),
        (
            {"Handler": "a.b", "Runtime": "ruby3.3", "CodeUri": "src"},
            "the emulator has no runtime ruby3.3",
            "F.Runtime",
        ),
    ],
)
def test_what_cannot_run_is_there_and_named(folder, properties, reason, place):
    """A function that no machine can run here is part of the application, and says why not."""
    function, notes = load(folder, **properties)

    assert function.cannot_run == reason
    assert [note.startswith(f"{place}: {reason}") for note in notes] == [True]


@pytest.mark.parametrize(
    "runtime", ["python3.9", "python3.14", "nodejs20.x", "nodejs24.x", "provided.al2023"]
)
def test_runtimes_that_run(folder, runtime):
    """Every Python, Node.js and custom runtime is run, as far as this machine has it."""
    function, notes = load(folder, Handler="a.b", Runtime=runtime, CodeUri="src")

    assert (function.runtime, function.cannot_run, notes) == (runtime, "", [])
