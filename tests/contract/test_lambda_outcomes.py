"""What Lambda answers and logs, for each way that an invocation can go.

Recorded from AWS (November 2025); documentation:
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import base64
import json
import re
import textwrap
import uuid
from datetime import timedelta

import pytest
from fakes import FakeClock

from emulator.application import Alias, Function, FunctionVersion, LoggingConfig
from emulator.awslambda import LambdaService, create_api
from emulator.credentials import CredentialStore
from emulator.invocation import Invocation
from emulator.outbox import Outbox

APP = """
    import json, logging, os, signal, sys, time
    from pathlib import Path

    count = 0
    log = logging.getLogger()
    log.setLevel(logging.INFO)

    def echo(event, context):
        return event

    def none(event, context):
        return None

    def fails(event, context):
        raise Exception("Handler fails")

    def unserializable(event, context):
        return {1, 2}

    def exits(event, context):
        sys.exit(event)

    def exits_at_once(event, context):
        os._exit(event)

    def dies(event, context):
        os.kill(os.getpid(), signal.SIGSEGV)

    def sleeps(event, context):
        Path(os.environ["TMPDIR"], "kept").write_text("kept")
        time.sleep(60)

    def large(event, context):
        return "x" * event

    def takes(event, context):
        return len(b"x" * (event * 2**20))

    def counts(event, context):
        global count
        count += 1
        if event == "fail":
            raise ValueError("counted")
        if event == "sleep":
            sleeps(event, context)
        return [count, [p.name for p in Path(os.environ["TMPDIR"]).iterdir()]]

    def logs(event, context):
        print("printed")
        log.info("logged\\nin two lines")
        sys.stderr.write("unfinished")

    def environment(event, context):
        return dict(os.environ)

    def describe(event, context):
        return {
            "name": context.function_name,
            "version": context.function_version,
            "memory": context.memory_limit_in_mb,
            "arn": context.invoked_function_arn,
            "group": context.log_group_name,
            "custom": context.client_context and context.client_context.custom,
        }

    def now(event, context):
        return [time.time(), context.get_remaining_time_in_millis()]

    def imports(event, context):
        __import__(event)
"""
BROKEN = {
    "syntax": "def handler(:\n",
    "missing": "import no_such_module\n",
    "raises": "raise KeyError('at import')\n",
    "leaves": "import sys; sys.exit(2)\n",
}


class Kept:
    """A log sink that keeps the messages."""

    def __init__(self):
        self.events = []

    def write(self, event):
        self.events.append(event)


class Lambda:
    """A running service with one function for each handler."""

    def __init__(self, folder):
        code = folder / "code"
        code.mkdir()
        (code / "app.py").write_text(textwrap.dedent(APP))
        for name, source in BROKEN.items():
            (code / f"{name}.py").write_text(source)
        handlers = [f"app.{name}" for name in re.findall(r"def (\w+)", APP)]
        handlers += [f"{name}.handler" for name in BROKEN] + ["app.nothing", "nodot"]
        self.log = Kept()
        self.clock = FakeClock()
        functions = [self.function(code, handler) for handler in handlers]
        functions.append(self.function(code, "app.echo", name="reserved", reserved_concurrency=0))
        functions.append(
            self.function(code, "app.logs", name="json", logging=LoggingConfig(log_format="JSON"))
        )
        self.service = LambdaService(
            tuple(functions),
            clock=self.clock,
            credentials=CredentialStore(),
            outbox=Outbox(folder / "outbox"),
            endpoint_url="http://127.0.0.1:9",
            region="us-east-1",
            account_id="123456789012",
            directory=folder / "lambda",
            log=self.log,
        )

    @staticmethod
    def function(code, handler, name=None, **further):
        return Function(
            logical_id="F",
            name=name or handler.rpartition(".")[2 if handler.startswith("app.") else 0] or handler,
            handler=handler,
            runtime="python3.13",
            code_root=code,
            timeout_seconds=1,
            environment=(("OWN", "value"),),
            versions=(FunctionVersion(number="1"),),
            aliases=(Alias(name="live", version="1"),),
            **further,
        )

    def run(self, name, event=None, **further):
        """Invoke; give the result and the decoded payload."""
        result = self.service.invoke(
            Invocation(
                function_name=name,
                payload=json.dumps(event).encode(),
                request_id=str(uuid.uuid4()),
                source="test",
                **further,
            )
        )
        return result, json.loads(result.payload)

    def call(self, path, body=b"{}", method="POST", **headers):
        """Call the Lambda API; give status, headers and body."""
        answers = []
        environ = {
            "PATH_INFO": path.partition("?")[0],
            "RAW_URI": path,
            "QUERY_STRING": path.partition("?")[2],
            "REQUEST_METHOD": method,
            "wsgi.input": __import__("io").BytesIO(body),
            **{f"HTTP_{n.upper()}": v for n, v in headers.items()},
        }
        content = b"".join(
            create_api(self.service)(environ, lambda s, h: answers.append((s, dict(h))))
        )
        status, fields = answers[0]
        return int(status[:3]), fields, content


@pytest.fixture(scope="module")
def lambda_(tmp_path_factory):
    made = Lambda(tmp_path_factory.mktemp("lambda"))
    made.service.start()
    yield made
    made.service.stop()


@pytest.mark.parametrize("event", [None, 5, "ü", [1, {"a": [None]}], {"k": 1.5}])
def test_success(lambda_, event):
    """The result is the handler's, as JSON."""
    result, payload = lambda_.run("echo", event)

    assert (result.function_error, payload) == (None, event)


def test_none(lambda_):
    """``None`` is ``null``."""
    assert lambda_.run("none")[0].payload == b"null"


def test_handler_exception(lambda_):
    """An exception is told with its type and its frames, those of the runtime left out."""
    result, payload = lambda_.run("fails")
    trace = payload.pop("stackTrace")

    assert result.function_error == "Unhandled"
    assert payload == {
        "errorMessage": "Handler fails",
        "errorType": "Exception",
        "requestId": result.request_id,
    }
    assert len(trace) == 1
    assert trace[0].endswith('in fails\n    raise Exception("Handler fails")\n')


@pytest.mark.parametrize(
    ("name", "error_type", "message", "trace"),
    [
        (
            "missing",
            "Runtime.ImportModuleError",
            "Unable to import module 'missing': No module named 'no_such_module'",
            [],
        ),
        (
            "syntax",
            "Runtime.UserCodeSyntaxError",
            r"Syntax error in module 'syntax': .+ \(syntax.py, line 1\)",
            [r'  File ".*/syntax\.py" Line 1\n    def handler\(:\n'],
        ),
        (
            "nothing",
            "Runtime.HandlerNotFound",
            "Handler 'nothing' missing on module 'app'",
            [],
        ),
        (
            "nodot",
            "Runtime.MalformedHandlerName",
            r"Bad handler 'nodot': not enough values to unpack \(expected 2, got 1\)",
            [],
        ),
        (
            "unserializable",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
            [],
        ),
    ],
)
def test_runtime_errors(lambda_, name, error_type, message, trace):
    """What the runtime itself reports bears its error types; at import there is no request yet."""
    result, payload = lambda_.run(name)

    assert result.function_error == "Unhandled"
    assert payload["errorType"] == error_type
    assert re.fullmatch(message, payload["errorMessage"])
    assert payload["requestId"] == (result.request_id if name == "unserializable" else "")
    assert len(payload["stackTrace"]) == len(trace)
    for pattern, frame in zip(trace, payload["stackTrace"], strict=True):
        assert re.fullmatch(pattern, frame), frame
    assert set(payload) == {"errorType", "errorMessage", "requestId", "stackTrace"}


def test_exception_at_import(lambda_):
    """It keeps its own class; the frames are those of Python's import, then the module's."""
    _, payload = lambda_.run("raises")
    trace = payload.pop("stackTrace")

    assert payload == {"errorMessage": "'at import'", "errorType": "KeyError", "requestId": ""}
    assert "importlib" in trace[0]
    assert trace[-1].endswith("line 1, in <module>\n    raise KeyError('at import')\n")


@pytest.mark.parametrize(
    ("name", "event", "reason"),
    [
        ("exits", None, "exited without providing a reason"),
        ("exits", 0, "exited without providing a reason"),
        ("exits", 3, "exited with error: exit status 3"),
        ("exits_at_once", 127, "exited with error: exit status 127"),
        ("dies", None, "exited with error: signal: segmentation fault"),
        ("leaves", None, "exited with error: exit status 2"),
    ],
)
def test_exits(lambda_, name, event, reason):
    """A process that ends is told with its exit status or signal."""
    result, payload = lambda_.run(name, event)

    assert payload == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {result.request_id} Error: Runtime {reason}",
    }
    assert result.log.endswith(b"\tStatus: error\tError Type: Runtime.ExitError\n")


def test_timeout(lambda_):
    """A timeout kills; the next invocation starts anew, but finds its temporary files."""
    assert lambda_.run("counts")[1] == [1, []]
    result, payload = lambda_.run("counts", "sleep")

    assert payload == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {result.request_id} Error: Task timed out after 1.00 seconds",
    }
    assert result.log.endswith(b"\tStatus: timeout\n")
    assert lambda_.run("counts")[1] == [1, ["kept"]]
    assert lambda_.run("counts", "fail")[0].function_error == "Unhandled"
    assert lambda_.run("counts")[1] == [3, ["kept"]]


def test_too_much_memory_is_told(lambda_):
    """Where it is not enforced, a line says once what Lambda would have done."""
    lambda_.log.events.clear()
    lambda_.run("takes", 200)
    lambda_.run("takes", 1)
    told = [event.message for event in lambda_.log.events if event.level == "WARN"]

    assert len(told) == 1
    assert re.fullmatch(
        r"took \d+ MB of 128 MB: Lambda would have killed it, as emulator up --enforce-memory"
        r" does\n",
        told[0],
    )


def test_large_response(lambda_):
    """A response over the limit is an error of the function; the next one works."""
    assert lambda_.run("large", 6_291_554)[0].function_error is None
    _, payload = lambda_.run("large", 6_291_555)

    assert payload == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size"
        " (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert lambda_.run("large", 1)[1] == "x"


def test_log(lambda_):
    """One stream in order: START, a line a print, a record an event, END, REPORT."""
    lambda_.run("logs")
    lambda_.log.events.clear()
    result, _ = lambda_.run("logs")
    messages = [event.message for event in lambda_.log.events]

    assert messages[0] == f"START RequestId: {result.request_id} Version: $LATEST\n"
    assert messages[1] == "printed\n"
    assert re.fullmatch(r"\[INFO\]\t\S+Z\t\S+\tlogged\nin two lines\n?", messages[2])
    assert messages[3:5] == ["unfinished", f"END RequestId: {result.request_id}\n"]
    assert re.fullmatch(
        rf"REPORT RequestId: {result.request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms"
        r"\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t\n",
        messages[5],
    )


def test_json_log(lambda_):
    """The JSON format is AWS's: level, message, request."""
    lambda_.log.events.clear()
    result, _ = lambda_.run("json")
    event = next(event for event in lambda_.log.events if "two lines" in event.message)
    record = json.loads(event.message)

    assert (record["level"], record["requestId"]) == ("INFO", result.request_id)
    assert event.level == "INFO"


def test_environment(lambda_):
    """The template's variables, Lambda's own, and nothing of the host's."""
    _, variables = lambda_.run("environment")
    own = {name for name in variables if not name.startswith(("AWS_", "_AWS", "LAMBDA_", "_"))}

    assert own == {
        "OWN", "LANG", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "PWD", "PYTHONPATH", "SHLVL", "TZ",
        "TMPDIR",
    }  # fmt: skip
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert variables["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_only_the_runtime_can_be_imported(lambda_):
    """What AWS's runtime lacks is missing here, though the emulator has it."""
    assert lambda_.run("imports", "boto3")[0].function_error is None
    _, payload = lambda_.run("imports", "flask")

    assert payload["errorType"] == "ModuleNotFoundError"


def test_context(lambda_):
    """The context says what Lambda's says; the memory is text."""
    _, payload = lambda_.run("describe", client_context='{"custom": {"a": "b"}}')

    assert payload == {
        "name": "describe",
        "version": "$LATEST",
        "memory": "128",
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:describe",
        "group": "/aws/lambda/describe",
        "custom": {"a": "b"},
    }
    assert lambda_.run("describe", qualifier="live")[1]["arn"].endswith(":describe:live")


def test_moved_clock(lambda_):
    """The handler's clock is the emulator's, and the remaining time fits to it."""
    real, _ = lambda_.run("now")[1]
    lambda_.clock.offset += timedelta(days=30)
    try:
        moved, _ = lambda_.run("now")[1]
    finally:
        lambda_.clock.offset = timedelta()
    back, _ = lambda_.run("now")[1]

    assert 30 * 86_400 - 5 < moved - real < 30 * 86_400 + 60
    assert abs(back - real) < 60


def test_invoke_api(lambda_):
    """The three ways to invoke, and the log's tail."""
    path = "/2015-03-31/functions/echo/invocations"
    status, headers, body = lambda_.call(path, b'{"a": 1}', x_amz_log_type="Tail")

    assert (status, body) == (200, b'{"a": 1}')
    assert headers["X-Amz-Executed-Version"] == "$LATEST"
    assert base64.b64decode(headers["X-Amz-Log-Result"]).startswith(b"START RequestId: ")
    assert lambda_.call(path, x_amz_invocation_type="Event")[::2] == (202, b"")
    assert lambda_.call(path, x_amz_invocation_type="DryRun")[::2] == (204, b"")
    arn = "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aecho"
    assert lambda_.call(f"/2015-03-31/functions/{arn}/invocations")[0] == 200
    _, headers, _ = lambda_.call("/2015-03-31/functions/fails/invocations")
    assert headers["X-Amz-Function-Error"] == "Unhandled"


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "document"),
    [
        (
            "/functions/none_such/invocations",
            b"{}",
            404,
            "ResourceNotFoundException",
            {
                "Type": "User",
                "Message": "Function not found: "
                "arn:aws:lambda:us-east-1:123456789012:function:none_such:$LATEST",
            },
        ),
        (
            "/functions/reserved/invocations",
            b"{}",
            429,
            "TooManyRequestsException",
            {
                "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
                "Type": "User",
                "message": "Rate Exceeded.",
            },
        ),
        (
            "/functions/echo/invocations",
            b" " * 6_291_457,
            413,
            "RequestEntityTooLargeException",
            {
                "Message": "Request must be smaller than 6291456 bytes"
                " for the InvokeFunction operation"
            },
        ),
    ],
)
def test_refusals(lambda_, path, body, status, code, document):
    """Lambda's errors, whole."""
    answer = lambda_.call(f"/2015-03-31{path}", body)

    assert (answer[0], answer[1]["x-amzn-ErrorType"]) == (status, code)
    assert document == json.loads(answer[2])


@pytest.mark.parametrize("body", [b"{", b"\xff", b"nonsense"])
def test_payload_that_is_no_json(lambda_, body):
    """Bad JSON is the client's mistake."""
    status, headers, content = lambda_.call("/2015-03-31/functions/echo/invocations", body)

    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidRequestContentException")
    assert json.loads(content)["message"].startswith("Could not parse request body into json: ")


def test_descriptions(lambda_):
    """Functions can be listed and described; what changes them is refused by name."""
    _, _, listed = lambda_.call("/2015-03-31/functions/", method="GET")

    assert "echo" in {f["FunctionName"] for f in json.loads(listed)["Functions"]}
    _, _, one = lambda_.call("/2015-03-31/functions/echo", method="GET")
    assert json.loads(one)["Configuration"]["Handler"] == "app.echo"
    status, _, content = lambda_.call("/2021-11-15/functions/echo/response-streaming-invocations")
    assert status == 501
    assert b"InvokeWithResponseStream" in content
