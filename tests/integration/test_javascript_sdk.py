"""The AWS SDK for JavaScript, version 3, as a client of S3; ``make install`` brings it."""

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from running import ROOT

NODE = shutil.which("node")
MODULES = ROOT / "web" / "node_modules"
SCRIPT = Path(__file__).parent / "javascript" / "s3_client.mjs"

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="there is no Node.js on this machine"),
    pytest.mark.skipif(
        not (MODULES / "@aws-sdk" / "client-s3").exists(),
        reason="the SDK is not installed: run make install",
    ),
]


def test_javascript_sdk(emulator):
    """It puts, presigns, uploads in parts and streams with checksums, as on AWS."""
    client = emulator.client("s3")
    client.create_bucket(Bucket="javascript")
    ran = subprocess.run(
        [NODE, str(SCRIPT), str(MODULES.parent), emulator.ready["aws"], "javascript"],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr
    checksum = base64.b64encode(hashlib.sha256(b"in pieces").digest()).decode()

    assert json.loads(ran.stdout) == {
        "put": ["text", "text/plain"],
        "presigned": [200, 403, "<p>"],
        "multipart": [True, 11 * 1024 * 1024 + 3, True],
        "stream": [9, checksum],
        "listed": ["dir/é +.txt", "large", "signed", "stream"],
        "error": ["NoSuchKey", 404],
    }
