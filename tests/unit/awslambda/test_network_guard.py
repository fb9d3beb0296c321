"""Which hosts a handler cannot look up."""

import socket

import pytest

from emulator.awslambda.process import network_guard
from emulator.awslambda.process.network_guard import ALLOWED_HOSTS_FILE, RealAwsCallError


@pytest.fixture
def look_up(tmp_path, monkeypatch):
    """Give the guarded function; what it lets through is answered with the host itself."""
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        monkeypatch.setattr(socket, name, lambda host, *_: host)
    network_guard.install(tmp_path)
    (tmp_path / ALLOWED_HOSTS_FILE).write_text("sts.amazonaws.com\n*.eu-west-1.amazonaws.com")
    return socket.getaddrinfo


@pytest.mark.parametrize(
    "host",
    [
        "s3.us-east-1.amazonaws.com",
        "bucket.s3.amazonaws.com.",
        "DynamoDB.us-east-1.amazonaws.com",
        "sqs.cn-north-1.amazonaws.com.cn",
        "s3.dualstack.eu-central-1.amazonaws.com",
        "lambda.us-east-1.api.aws",
        "169.254.169.254",
        "169.254.170.2",
        b"s3.amazonaws.com",
    ],
)
def test_hosts_of_aws_are_stopped(look_up, host, capsys):
    """AWS itself is refused, with the host, both remedies, and one line in the log."""
    with pytest.raises(RealAwsCallError, match="--allow-host") as stopped:
        look_up(host, 443)

    assert "AWS_ENDPOINT_URL" in str(stopped.value)
    assert capsys.readouterr().err == f"[WARN] {stopped.value}\n"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "example.com",
        "amazonaws.com.example.com",
        "notamazonaws.com",
        "sts.amazonaws.com",
        "s3.eu-west-1.amazonaws.com",
        None,
    ],
)
def test_other_hosts_are_looked_up(look_up, host):
    """Loopback, the developer's own hosts and what the user allows are nobody's business."""
    assert look_up(host, 443) == host
