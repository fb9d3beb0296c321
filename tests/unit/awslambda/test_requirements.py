"""Which requirements are installed at all; the installation itself is an integration test."""

import sys
from pathlib import Path

import pytest

from emulator.awslambda.interpreters import OWN_PYTHON, Interpreter
from emulator.awslambda.requirements import Requirements

OWN = Interpreter(program=Path(sys.executable), version=OWN_PYTHON)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "# nothing\n\n",
        "boto3\n",
        "boto3>=1.20 # any\nbotocore\n",
        "Boto3\npython_dateutil\nsix",
    ],
)
def test_what_the_runtime_has_is_not_installed(tmp_path, content):
    """Nothing is installed for a file that Lambda's runtime meets."""
    file = tmp_path / "requirements.txt"
    file.write_text(content)
    requirements = Requirements(tmp_path / "cache", tell=lambda _, line: pytest.fail(line))

    assert requirements.folders(file, OWN, "F") == []
    assert not (tmp_path / "cache").exists()
