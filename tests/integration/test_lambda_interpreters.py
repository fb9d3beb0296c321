"""Where interpreters are looked for, and what becomes of a version that is not there."""

import sys
from pathlib import Path

import pytest

from emulator.awslambda.interpreters import OWN_PYTHON, Interpreter, Interpreters, Places
from emulator.awslambda.runtimes import parse_runtime


class Machine:
    """A machine whose interpreters are scripts that tell a version."""

    def __init__(self, folder):
        self.folder = folder
        self.places = Places(
            path=str(folder / "bin"),
            home=folder,
            pyenv=folder / "pyenv",
            uv=folder / "uv",
            packs=folder / "packs",
        )

    def add(self, place, says, *, status=0):
        """Put a program somewhere; give its path."""
        program = self.folder / place
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {says}\nexit {status}\n")
        program.chmod(0o755)
        return program

    def pack(self, version):
        """Install what Lambda's runtime has for a Python."""
        (self.folder / "packs" / f"python{version}").mkdir(parents=True)

    def find(self, runtime):
        return Interpreters(self.places).find(parse_runtime(runtime))


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_own_python(machine):
    """The emulator's own Python is taken without a search."""
    assert machine.find(f"python{OWN_PYTHON}") == Interpreter(
        program=Path(sys.executable), version=OWN_PYTHON
    )


@pytest.mark.parametrize(
    "place",
    [
        "bin/python3.98",
        "pyenv/versions/3.98.1/bin/python3.98",
        "uv/cpython-3.98.2-linux-x86_64-gnu/bin/python3.98",
    ],
)
def test_places_of_python(machine, place):
    """PATH, pyenv and uv are searched."""
    program = machine.add(place, "3.98")
    machine.pack("3.98")

    assert machine.find("python3.98") == Interpreter(program=program, version="3.98")


def test_newest_patch_release(machine):
    """Of several releases of a version, the newest is taken."""
    machine.add("pyenv/versions/3.98.9/bin/python3.98", "3.98")
    newest = machine.add("pyenv/versions/3.98.10/bin/python3.98", "3.98")
    machine.pack("3.98")

    assert machine.find("python3.98").program == newest


@pytest.mark.parametrize(("says", "status"), [("3.98", 1), ("3.97", 0), ("nonsense", 0)])
def test_program_that_is_no_such_python(machine, says, status):
    """What does not run, or is another version, is passed over: a shim of pyenv, for example."""
    machine.add("bin/python3.98", says, status=status)
    machine.pack("3.98")

    assert machine.find("python3.98").warning == (
        f"python3.98 is run by Python {OWN_PYTHON}: there is no Python 3.98 on this machine"
    )


def test_python_without_what_lambda_has(machine):
    """A Python that the emulator is not installed for is not used, and told."""
    program = machine.add("bin/python3.98", "3.98")

    assert machine.find("python3.98") == Interpreter(
        program=Path(sys.executable),
        version=OWN_PYTHON,
        warning=f"python3.98 is run by Python {OWN_PYTHON}: what Lambda's runtime has is not"
        f" installed for {program}",
    )


def test_node(machine):
    """The exact Node.js is found by PATH and nvm."""
    on_path = machine.add("bin/node", "v20.1.0")
    by_nvm = machine.add(".nvm/versions/node/v22.3.0/bin/node", "v22.3.0")

    assert machine.find("nodejs20.x") == Interpreter(program=on_path, version="20")
    assert machine.find("nodejs22.x") == Interpreter(program=by_nvm, version="22")


@pytest.mark.parametrize(("wanted", "nearest"), [("18", "20"), ("21", "22"), ("24", "22")])
def test_nearest_node(machine, wanted, nearest):
    """Without the exact one, the nearest Node.js runs the function, and a warning says so."""
    machine.add("bin/node", "v20.1.0")
    machine.add(".nvm/versions/node/v22.3.0/bin/node", "v22.3.0")
    found = machine.find(f"nodejs{wanted}.x")

    assert found.version == nearest
    assert found.warning == (
        f"nodejs{wanted}.x is run by Node.js {nearest}: there is no Node.js {wanted} on this"
        " machine"
    )


@pytest.mark.parametrize("says", ["v16.20.0", "nonsense"])
def test_no_node(machine, says):
    """A Node.js that AWS's client does not run under is none."""
    machine.add("bin/node", says)

    assert machine.find("nodejs20.x") is None
