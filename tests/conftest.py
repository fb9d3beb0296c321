"""One emulator for the tests that only need some Filestore; those that kill one start their own."""

import os

import pytest
from running import Emulator

# What the scenarios of the same run export, and what the machine's own AWS profile would add.
FOREIGN = ("AWS_", "TEST_", "EMULATOR_")


@pytest.fixture(autouse=True)
def environment_of_its_own(monkeypatch):
    """A test finds no endpoint and no keys but those that it sets."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_emulator(tmp_path_factory):
    emulator = Emulator(tmp_path_factory.mktemp("emulator"), "--web", "web")
    try:
        yield emulator.start()
    finally:
        emulator.stop()


@pytest.fixture
def emulator(shared_emulator):
    """An empty Filestore."""
    status, answer = shared_emulator.control("reset", {})
    assert status == 200, answer
    return shared_emulator


@pytest.fixture
def own_emulator(tmp_path):
    """A Filestore that the test may kill; not started yet."""
    emulator = Emulator(tmp_path)
    yield emulator
    emulator.stop()
