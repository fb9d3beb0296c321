"""The time limit of an integration is the client's, not the function's.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

import threading

from unit.apigateway.gateway_fakes import (
    RecordingInvoker,
    client,
    function,
    proxy_route,
    rest_api,
)

from emulator.application import LambdaProxyIntegration
from emulator.errors import ServiceError


class BlockingInvoker:
    """A function that answers when it is let go."""

    def __init__(self):
        self.let_go = threading.Event()
        self.done = threading.Event()

    def invoke(self, invocation):
        self.let_go.wait(10)
        self.done.set()
        return RecordingInvoker().invoke(invocation)


def test_integration_timeout():
    """A function that may outlast the integration is not waited for: 504, and it goes on."""
    invoker = BlockingInvoker()
    slow = LambdaProxyIntegration(function_name="Slow", timeout_milliseconds=50)
    api = rest_api(proxy_route("GET", "/x", integration=slow))

    response = client(api, invoker=invoker, functions=(function("Slow", 60),)).get("/dev/x")

    invoker.let_go.set()
    assert (response.status_code, response.json) == (504, {"message": "Endpoint request timed out"})
    assert invoker.done.wait(5)


def test_a_function_with_a_long_timeout_answers_in_time():
    """The limit changes nothing for a function that keeps it, refusals included."""
    invoker = RecordingInvoker({"body": "in time"})
    app = client(
        rest_api(proxy_route("GET", "/x")), invoker=invoker, functions=(function("Echo", 900),)
    )

    response = app.get("/dev/x")

    assert response.data == b"in time"


def test_a_refusal_reaches_the_client_that_waits():
    """What Lambda refuses in time is the gateway's error, not a timeout."""
    invoker = RecordingInvoker()
    invoker.refusal = ServiceError("TooManyRequestsException", "Rate Exceeded.", status=429)
    app = client(
        rest_api(proxy_route("GET", "/x")), invoker=invoker, functions=(function("Echo", 900),)
    )

    response = app.get("/dev/x")

    assert (response.status_code, response.json) == (500, {"message": "Internal server error"})
