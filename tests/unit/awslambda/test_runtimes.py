"""What a ``Runtime`` means."""

import pytest

from emulator.awslambda.runtimes import parse_runtime


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("python3.12", "python:3.12"),
        ("nodejs20.x", "nodejs:20"),
        ("provided.al2023", "provided:al2023"),
        ("provided", "provided:al1"),
    ],
)
def test_runtimes_that_run(name, label):
    """Family and version are told apart."""
    assert parse_runtime(name).label == label


@pytest.mark.parametrize(
    "name", ["ruby3.3", "java21", "dotnet8", "go1.x", "python2.7", "nodejs", ""]
)
def test_runtimes_that_do_not(name):
    """Others are none of ours."""
    assert parse_runtime(name) is None
