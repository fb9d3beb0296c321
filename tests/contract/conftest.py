"""What the contract tests of several services share."""

import pytest
from s3_calls import S3Calls


@pytest.fixture
def s3(tmp_path):
    """An S3 with the empty bucket ``b-1``."""
    calls = S3Calls(tmp_path)
    assert calls("PUT", "/b-1").status == 200
    yield calls
    calls.stop()
