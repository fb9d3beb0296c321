"""Which service a request is for."""

import io
import sys

import pytest
from fakes import FakeClock

from emulator.aws_listener import AwsListener, service_of
from emulator.moto_services import MotoServices
from emulator.tracing.trace import Trace

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


def form(content, **environ):
    """Describe a request with a form."""
    return {
        "PATH_INFO": "/",
        "CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
        **environ,
    }


@pytest.mark.parametrize(
    ("environ", "service"),
    [
        ({"HTTP_X_AMZ_TARGET": "AmazonSSM.GetParameter"}, "ssm"),
        (form(b"Action=GetCallerIdentity&Version=2011-06-15"), "sts"),
        (form(b"Action=SendMessage&Version=2012-11-05", PATH_INFO="/123456789012/q"), "sqs"),
        ({"QUERY_STRING": "Action=ListTopics&Version=2010-03-31"}, "sns"),
        (form(b"Version=2010-03-31"), "s3"),
        (form(b"Action=Publish&Version=2010-03-31", PATH_INFO="/bucket/key"), "s3"),
        (form(b"Action=Publish&Version=2010-03-31", CONTENT_LENGTH="9999999"), "s3"),
    ],
)
def test_unsigned_requests(environ, service):
    """A target header or the version of a query protocol says whose an unsigned request is."""
    assert service == service_of({"PATH_INFO": "/", **environ})


def test_a_form_can_be_read_again():
    """Looking for the version takes nothing away from the service."""
    environ = form(b"Action=GetCallerIdentity&Version=2011-06-15")
    service_of(environ)

    assert environ["wsgi.input"].read() == b"Action=GetCallerIdentity&Version=2011-06-15"


def call(listener, path, **environ):
    """Give the status and the body of one call."""
    answers = []
    body = listener({"PATH_INFO": path, **environ}, lambda *answer: answers.append(answer))
    return answers[0][0], b"".join(body)


def form_call(service):
    """The arguments of a call in a query protocol."""
    environ = form(b"", HTTP_AUTHORIZATION=SIGNED.format(service))
    return {"path": environ.pop("PATH_INFO"), **environ}


def answer(text):
    """Make an application that always says the same."""

    def app(environ, start_response):
        start_response("200 OK", [])
        return [text]

    return app


@pytest.fixture
def listener():
    others = MotoServices(region="us-east-1", account_id="123456789012")
    return AwsListener(
        control=answer(b"control"),
        services={"s3": answer(b"s3")},
        others=others,
        trace=Trace(FakeClock()),
    )


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


def test_query_protocols_are_refused_in_xml(listener):
    """What speaks a query protocol reads nothing but XML, refusals included."""
    status, body = call(listener, **form_call("quantum"))

    assert status == "400 Bad Request"
    assert body == (
        b"<ErrorResponse><Error><Type>Sender</Type><Code>UnrecognizedClientException</Code>"
        b"<Message>The emulator has no service 'quantum'.</Message></Error></ErrorResponse>"
    )


def test_service_that_lacks_a_package(listener, caplog, monkeypatch):
    """A service of moto that needs a package which is not there is refused, not a crash."""
    monkeypatch.setitem(sys.modules, "moto.glue", None)
    status, _ = call(listener, "/", HTTP_AUTHORIZATION=SIGNED.format("glue"))

    assert status == "400 Bad Request"
    assert "moto's glue needs the package" in caplog.text


@pytest.mark.parametrize("name", ["cognito-identity", "elasticfilesystem", "tagging"])
def test_names_that_moto_writes_otherwise(name):
    """A service is found by the name with which its requests are signed."""
    assert MotoServices(region="us-east-1", account_id="123456789012").find(name) is not None


class Answered:
    """A service that says that it was reached."""

    def __call__(self, environ, start_response):
        start_response("200 OK", [])
        return [b"reached"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, "200 OK"),
        ({"HTTP_HOST": "emulator.internal:4566"}, "200 OK"),
        ({"HTTP_ORIGIN": "http://localhost:8080"}, "200 OK"),
        ({"HTTP_ORIGIN": "http://evil.example"}, "403 Forbidden"),
        ({"HTTP_ORIGIN": "null"}, "403 Forbidden"),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, "403 Forbidden"),
        ({"HTTP_HOST": "evil.example", "HTTP_SEC_FETCH_MODE": "cors"}, "403 Forbidden"),
    ],
)
def test_pages_of_other_sites(headers, status):
    """A web page cannot invoke functions or read tables, by a form or a rebound name either."""
    listener = AwsListener(
        control=None, services={"lambda": Answered()}, others=None, trace=Trace(FakeClock())
    )
    environ = {"PATH_INFO": "/2015-03-31/functions/F/invocations", "HTTP_HOST": "127.0.0.1:4566"}
    answered = []
    listener({**environ, **headers}, lambda status, _: answered.append(status))

    assert answered == [status]
