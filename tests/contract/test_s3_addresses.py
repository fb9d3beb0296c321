"""Which bucket and key a request names: by path, or by virtual host.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

import pytest

from emulator.s3.request import read_request


@pytest.mark.parametrize(
    ("host", "target", "expected"),
    [
        ("127.0.0.1:4566", "/bucket/a/b", ("bucket", "a/b", False)),
        ("[::1]:4566", "/bucket/a", ("bucket", "a", False)),
        ("localhost:4566", "/bucket", ("bucket", "", False)),
        ("localhost", "/", ("", "", False)),
        ("bucket.localhost:4566", "/a/b", ("bucket", "a/b", True)),
        ("my.bucket.localhost:4566", "/", ("my.bucket", "", True)),
        ("s3.localhost:4566", "/bucket/a", ("bucket", "a", False)),
        ("bucket.s3.localhost:4566", "/a", ("bucket", "a", True)),
        ("bucket.s3.us-east-1.localhost:4566", "/a", ("bucket", "a", True)),
        ("s3.amazonaws.com", "/bucket/a", ("bucket", "a", False)),
        ("bucket.s3.amazonaws.com", "/a//b", ("bucket", "a//b", True)),
        ("bucket.s3.eu-west-1.amazonaws.com", "/a", ("bucket", "a", True)),
        ("bucket.s3-us-west-2.amazonaws.com", "/a", ("bucket", "a", True)),
        ("bucket.s3.dualstack.us-east-1.amazonaws.com", "/a", ("bucket", "a", True)),
        ("s3.cn-north-1.amazonaws.com.cn", "/bucket/a", ("bucket", "a", False)),
        ("bucket.s3.localhost.localstack.cloud:4566", "/a", ("bucket", "a", True)),
        ("127.0.0.1:4566", "/bucket/%E2%9C%93%2F%20+", ("bucket", "✓/ +", False)),
    ],
)
def test_read_request(host, target, expected):
    """The host names the bucket where it is a virtual one; all else is in the path."""
    request = read_request(
        {
            "REQUEST_METHOD": "GET",
            "RAW_URI": target,
            "PATH_INFO": "/",
            "emulator.raw_headers": (("Host", host),),
        }
    )

    assert expected == (request.bucket, request.key, request.virtual_host)
