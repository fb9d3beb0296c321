"""Which service a request is for."""

import pytest

from emulator.listener import AwsListener, service_of

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/{}/aws4_request, SignedHeaders=host"


@pytest.mark.parametrize(
    ("environ", "service"),
    [
        ({"HTTP_AUTHORIZATION": SIGNED.format("sqs")}, "sqs"),
        ({"HTTP_AUTHORIZATION": SIGNED.format("s3")}, "s3"),
        ({"HTTP_X_AMZ_TARGET": "DynamoDB_20120810.GetItem"}, "dynamodb"),
        ({"PATH_INFO": "/2015-03-31/functions/F/invocations"}, "lambda"),
        ({"PATH_INFO": "/bucket/key"}, "s3"),
        ({"HTTP_AUTHORIZATION": "AWS test:signature"}, "s3"),
        ({"HTTP_AUTHORIZATION": "Credential=nonsense"}, "s3"),
    ],
)
def test_service_of(environ, service):
    """The signature names it; without one it is S3, whose URLs are presigned."""
    assert service == service_of({"PATH_INFO": "/", **environ})


def call(listener, path, **environ):
    """Give the status and the body of one call."""
    answers = []
    body = listener({"PATH_INFO": path, **environ}, lambda *answer: answers.append(answer))
    return answers[0][0], b"".join(body)


def answer(text):
    """Make an application that always says the same."""

    def app(environ, start_response):
        start_response("200 OK", [])
        return [text]

    return app


@pytest.fixture
def listener():
    return AwsListener(control=answer(b"control"), services={"s3": answer(b"s3")})


def test_control_has_its_own_path(listener):
    """Only ``/_emulator`` and what is below it is the control API's."""
    assert call(listener, "/_emulator/health") == ("200 OK", b"control")
    assert call(listener, "/_emulators/key") == ("200 OK", b"s3")


def test_unknown_service_is_named(listener, caplog):
    """A service that nobody emulates is refused by name, and the log has a line."""
    status, body = call(listener, "/", HTTP_AUTHORIZATION=SIGNED.format("quantum"))

    assert status == "400 Bad Request"
    assert b"'quantum'" in body
    assert "quantum" in caplog.text
