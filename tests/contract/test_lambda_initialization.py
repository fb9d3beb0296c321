"""What Lambda does when code cannot be imported, exits or takes too long meanwhile.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import re

import pytest
from local_lambda import LocalLambda

BROKEN = {
    "missing": "import no_such_module\n",
    "syntax": "def handler(:\n",
    "raises": "raise KeyError('at import')\n",
    "leaves": "import sys; sys.exit(2)\n",
    "quits": "import sys; sys.exit()\n",
    "segfaults": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n",
    "hangs": "import time; time.sleep(60)\n",
    # Works the second time: what the first attempt left in /tmp is still there.
    "recovers": """
import os, pathlib, time
seen = pathlib.Path(os.environ["TMPDIR"], "seen")
if not seen.exists():
    seen.touch()
    time.sleep(60)

def handler(event, context):
    return context.get_remaining_time_in_millis() <= 2000
""",
}
REPORT = (
    r"REPORT RequestId: {id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB"
    r"\tMax Memory Used: [1-9]\d* MB\t"
)


@pytest.fixture(scope="module")
def lambda_(tmp_path_factory):
    functions = {name: {"handler": f"{name}.handler", "timeout_seconds": 2} for name in BROKEN}
    made = LocalLambda(tmp_path_factory.mktemp("init"), "", functions, init_seconds=0.5)
    for name, source in BROKEN.items():
        (made.code / f"{name}.py").write_text(source)
    with made:
        yield made


@pytest.mark.parametrize(
    ("name", "error_type"),
    [
        ("missing", "Runtime.ImportModuleError"),
        ("syntax", "Runtime.UserCodeSyntaxError"),
        ("raises", "Runtime.Unknown"),
        ("leaves", "Runtime.ExitError"),
    ],
)
def test_failed_import_is_tried_again_in_the_invocation(lambda_, name, error_type):
    """The log tells of both attempts, and the report of the error in the platform's words."""
    lambda_.log.events.clear()
    result, _ = lambda_.run(name)
    messages = [m for m in lambda_.log.messages if re.match(r"[A-Z_]+[ \t]", m)]
    messages = [m for m in messages if not m.startswith("RequestId: ")]
    failed = rf"Status: error\tError Type: {error_type}\n"
    expected = [
        r"INIT_START Runtime Version: python:3.13\tRuntime Version ARN: \S+\n",
        rf"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\t{failed}",
        rf"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: invoke\t{failed}",
        rf"START RequestId: {result.request_id} Version: \$LATEST\n",
        rf"END RequestId: {result.request_id}\n",
        REPORT.format(id=result.request_id) + failed,
    ]

    assert len(messages) == len(expected), lambda_.log.messages
    for pattern, message in zip(expected, messages, strict=True):
        assert re.fullmatch(pattern, message), message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("leaves", "exited with error: exit status 2"),
        ("quits", "exited without providing a reason"),
        ("segfaults", "exited with error: signal: segmentation fault"),
    ],
)
def test_exit_at_import(lambda_, name, reason):
    """A process that ends while it imports is told as one that ends in the handler."""
    result, payload = lambda_.run(name)

    assert payload == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {result.request_id} Error: Runtime {reason}",
    }


def test_import_that_never_ends(lambda_):
    """After ten seconds (here half a second) it begins anew, with the function's own timeout."""
    lambda_.log.events.clear()
    result, payload = lambda_.run("hangs")

    assert payload == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {result.request_id} Error: Task timed out after 2.00 seconds",
    }
    reports = [m for m in lambda_.log.messages if m.startswith("INIT_REPORT")]
    assert reports == [
        "INIT_REPORT Init Duration: 500.00 ms\tPhase: init\tStatus: timeout\n",
        "INIT_REPORT Init Duration: 2000.00 ms\tPhase: invoke\tStatus: timeout\n",
    ]
    assert re.search(
        REPORT.format(id=result.request_id) + "Status: timeout\n$", result.log.decode()
    )


def test_import_that_works_the_second_time(lambda_):
    """It handles the event then, in what is left of its time, and finds its files again."""
    result, payload = lambda_.run("recovers")

    assert (result.function_error, payload) == (None, True)
    assert b"Init Duration" not in result.log
