"""The scenarios against a host that is not ours to start or reset, as AWS is."""

import os
import subprocess
import sys

import pytest
from running import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("name", ["store", "expire"])
def test_scenarios_against_another_host(emulator, name):
    """With TEST_HOST set nothing is started, waiting is trying again, and no clock is moved."""
    variables = {
        "PATH": os.environ["PATH"],
        # Loopback by a name that the plugin does not take for this machine.
        "TEST_HOST": emulator.api.replace("127.0.0.1", "127.1"),
        "TEST_API_KEY": emulator.ready["api_key"],
        "AWS_ENDPOINT_URL": emulator.ready["aws"],
        "AWS_DEFAULT_REGION": emulator.ready["region"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    scenario = f"scenarios/store_by_call/test_{name}.tavern.yaml"
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:randomly", scenario]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=100
    )

    assert done.returncode == 0, done.stdout
    assert ("deselected" in done.stdout) == (name == "expire")
