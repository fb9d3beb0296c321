"""What functions of every runtime find and answer, beside Python's own outcomes.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
Variables: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, and as recorded
from AWS in January 2026.
"""

import os
import re
import signal
import sys
from datetime import datetime, timedelta

import pytest
from fakes import eventually
from lambda_functions import ENDPOINT, Functions, needs_curl, needs_node, other_python
from running import is_alive

from emulator.errors import ServiceError

NODE = """
    let count = 0;
    const fs = require("fs");
    const hang = () => new Promise((resolve) => setTimeout(resolve, 60000));
    exports.echo = async (event) => event;
    exports.callback = (event, context, callback) => setTimeout(() => callback(null, event), 1);
    exports.never = () => {};
    exports.throws = async () => { throw new TypeError("bad"); };
    exports.fails = (event, context, callback) => callback("text");
    const later = () => { throw new Error("later"); };
    exports.uncaught = async () => { setTimeout(later, 1); await hang(); };
    exports.rejected = async () => { Promise.reject(new Error("lost")); await hang(); };
    exports.exits = async (code) => process.exit(code);
    exports.sleeps = async () => {
      fs.writeFileSync(process.env.TMPDIR + "/kept", "");
      await hang();
    };
    exports.counts = async (event) => {
      count += 1;
      if (event === "sleep") await exports.sleeps();
      if (event === "throw") throw new Error("counted");
      return [count, fs.readdirSync(process.env.TMPDIR)];
    };
    exports.logs = async () => { console.log("one\\ntwo"); process.stdout.write("printed"); };
    exports.calls = async (host) => {
      try { await fetch(`http://${host}/`); } catch (error) { return error.cause.message; }
    };
    exports.environment = async () => [process.env, process.cwd()];
    exports.describe = async (event, context) => ({
      id: context.awsRequestId, arn: context.invokedFunctionArn, memory: context.memoryLimitInMB,
      custom: context.clientContext,
    });
    exports.now = async (event, context) => [
      new Date().toISOString(), Date.now(), new Date(Date()).getTime(),
      context.getRemainingTimeInMillis(),
    ];
    exports.streams = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('{"a":');
      stream.write("1}");
      stream.end();
    });
"""
BOOTSTRAP = """\
    #!/bin/sh
    api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
    post() { curl -sS -o "$TMPDIR/answer" -d "$2" "$api/invocation/$1"; }
    while true; do
      event=$(curl -sS -D "$TMPDIR/head" "$api/invocation/next") || exit 1
      id=$(grep -i '^lambda-runtime-aws-request-id:' "$TMPDIR/head" | tr -d '\\r' | cut -d' ' -f2)
      echo "handling $id"
      case "$event" in
        '"exit"') exit 7 ;;
        '"error"') post "$id/error" '{"errorType":"Own","errorMessage":"said"}' ;;
        '"wrong"') post other/response 1; post "$id/response" @"$TMPDIR/answer" ;;
        '"sleep"') sleep 60 ;;
        *) post "$id/response" "{\\"event\\": $event, \\"handler\\": \\"$_HANDLER\\"}" ;;
      esac
    done
"""
RECORDED = {
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"),
    *("AWS_DEFAULT_REGION", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME"),
    *("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_XRAY_CONTEXT_MISSING"),
    *("AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT"),
    *("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "LANG", "LD_LIBRARY_PATH", "PATH", "PWD", "SHLVL"),
    *("TZ", "_HANDLER", "_X_AMZN_TRACE_ID"),
}
# What leads to the emulated services, to the function's own /tmp, and away from the host's files.
EMULATOR = {
    *("AWS_ENDPOINT_URL", "TMPDIR", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"),
    "AWS_EC2_METADATA_DISABLED",
}


def trace_of(payload):
    """Take the trace out of an error, and give it."""
    return payload.pop("trace")


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    made = Functions(tmp_path_factory.mktemp("runtimes"))
    made.write("code/index.js", NODE)
    for name in re.findall(r"exports\.(\w+) =", NODE):
        made.add(f"node_{name}", "nodejs20.x", f"index.{name}", timeout_seconds=1)
    made.write("code/esm.mjs", "export const handler = async (event) => ({ esm: event });")
    made.add("node_esm", "nodejs20.x", "esm.handler")
    made.write("code/syntax.js", "exports.handler = async (")
    made.write("code/missing.js", "require('no-such-module');")
    made.write("code/raises.js", "throw new RangeError('at import');")
    made.write("code/inner/index.js", "exports.handler = async () => 'inner';")
    for module in ("syntax", "missing", "raises", "inner/index"):
        made.add(f"node_{module.partition('/')[0]}", "nodejs20.x", f"{module}.handler")
    made.add("node_nothing", "nodejs20.x", "index.nothing")
    made.add(
        "node_inline",
        "nodejs20.x",
        "index.handler",
        code=None,
        inline_code="exports.handler = async () => 'inline';",
    )
    made.write("own/bootstrap", BOOTSTRAP, 0o755)
    made.write("forbidden/bootstrap", BOOTSTRAP, 0o644)
    made.write("empty/nothing", "")
    # An executable for a processor that no machine of these tests has: e_machine 243 is RISC-V.
    made.write("foreign/bootstrap", "", 0o755).write_bytes(
        b"\x7fELF\2\1\1" + bytes(9) + b"\2\0\xf3\0" + bytes(44)
    )
    for name in ("own", "forbidden", "empty", "foreign"):
        made.add(name, "provided.al2023", "any.thing", code=name, timeout_seconds=1)
    made.write("code/app.py", "import os\ndef environment(event, context):\n"
               "    return [dict(os.environ), os.getcwd()]\n")  # fmt: skip
    own = (("OWN", "value"), ("TZ", "Europe/Berlin"), ("HOME_OF", "mine"))
    python = f"python3.{sys.version_info.minor}"
    made.add("python_environment", python, "app.environment", environment=own)
    made.add("python_inline", python, "index.handler", code=None,
             inline_code="def handler(event, context):\n    return 'inline'\n")  # fmt: skip
    made.add("ruby", "ruby3.3", "a.b", cannot_run="the emulator has no runtime ruby3.3")
    yield made.start()
    made.stop()


# --- Node.js --------------------------------------------------------------------------------------


@needs_node
@pytest.mark.parametrize("name", ["echo", "callback"])
@pytest.mark.parametrize("event", [None, 5, "ü", {"a": [1, None]}])
def test_node_answers(functions, name, event):
    """Async handlers and callbacks answer alike."""
    assert functions.answer(f"node_{name}", event) == event


@needs_node
def test_node_modules(functions):
    """ES modules, folders and inline code are handlers, too; one that never calls back is null."""
    assert functions.answer("node_esm", 1) == {"esm": 1}
    assert functions.answer("node_inner") == "inner"
    assert functions.answer("node_inline") == "inline"
    assert functions.answer("node_never") is None


@needs_node
def test_node_streamed_response(functions):
    """A streamed response is collected."""
    assert functions.answer("node_streams") == {"a": 1}


@needs_node
@pytest.mark.parametrize(
    ("name", "document", "first"),
    [
        (
            "throws",
            {"errorType": "TypeError", "errorMessage": "bad"},
            "TypeError: bad",
        ),
        (
            "fails",
            {"errorType": "string", "errorMessage": "text"},
            None,
        ),
        ("uncaught", {"errorType": "Error", "errorMessage": "later"}, "Error: later"),
        (
            "rejected",
            {"errorType": "Runtime.UnhandledPromiseRejection", "errorMessage": "Error: lost"},
            "Runtime.UnhandledPromiseRejection: Error: lost",
        ),
        (
            "nothing",
            {
                "errorType": "Runtime.HandlerNotFound",
                "errorMessage": "index.nothing is undefined or not exported",
            },
            "Runtime.HandlerNotFound: index.nothing is undefined or not exported",
        ),
        (
            "raises",
            {"errorType": "RangeError", "errorMessage": "at import"},
            "RangeError: at import",
        ),
        (
            "syntax",
            {
                "errorType": "Runtime.UserCodeSyntaxError",
                "errorMessage": "SyntaxError: Unexpected end of input",
            },
            "Runtime.UserCodeSyntaxError: SyntaxError: Unexpected end of input",
        ),
    ],
)
def test_node_errors(functions, name, document, first):
    """Errors are AWS's: type, message and trace, the same when the process must start anew."""
    for _ in range(2):
        result, payload = functions.run(f"node_{name}")
        trace = trace_of(payload)

        assert result.function_error == "Unhandled"
        assert payload == document
        assert (trace[0] if trace else None) == first
        assert not [line for line in trace if "node_hook" in line]


@needs_node
def test_node_import_error(functions):
    """A module that is missing is named with who requires it."""
    _, payload = functions.run("node_missing")

    assert payload["errorType"] == "Runtime.ImportModuleError"
    assert payload["errorMessage"].startswith(
        "Error: Cannot find module 'no-such-module'\nRequire stack:\n- "
    )


@needs_node
def test_node_exit_and_timeout(functions):
    """A process that ends, or takes too long, is told as for every runtime; /tmp stays."""
    result, payload = functions.run("node_exits", 4)
    assert payload == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {result.request_id} Error: Runtime exited with error:"
        " exit status 4",
    }
    assert functions.answer("node_counts") == [1, []]
    assert functions.run("node_counts", "throw")[0].function_error == "Unhandled"
    assert functions.answer("node_counts") == [3, []]
    result, payload = functions.run("node_counts", "sleep")
    assert payload == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {result.request_id} Error: Task timed out after 1.00 seconds",
    }
    assert functions.answer("node_counts") == [1, ["kept"]]


@needs_node
def test_node_log(functions):
    """Console records are AWS's, each one event, between START and REPORT."""
    functions.run("node_logs")
    functions.log.events.clear()
    result, _ = functions.run("node_logs")
    start, record, printed, end, report = functions.log.messages()

    assert start == f"START RequestId: {result.request_id} Version: $LATEST\n"
    assert re.fullmatch(rf"\S+Z\t{result.request_id}\tINFO\tone\ntwo\n", record)
    assert (printed, end) == ("printed", f"END RequestId: {result.request_id}\n")
    assert re.fullmatch(
        rf"REPORT RequestId: {result.request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms"
        r"\tMemory Size: 128 MB\tMax Memory Used: [1-9]\d* MB\t\n",
        report,
    )


@needs_node
def test_node_context(functions):
    """The context says what Lambda's says."""
    result, payload = functions.run("node_describe", client_context='{"custom": {"a": "b"}}')

    assert payload == {
        "id": result.request_id,
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:node_describe",
        "memory": "128",
        "custom": {"custom": {"a": "b"}},
    }


@needs_node
def test_node_clock(functions):
    """``Date`` is the emulator's clock, and the remaining time fits to it."""
    functions.run("node_now")
    functions.clock.offset += timedelta(days=30)
    try:
        text, number, spelled, _ = functions.answer("node_now")
    finally:
        functions.clock.offset = timedelta()
    _, back, *_ = functions.answer("node_now")

    assert 30 * 86_400_000 - 60_000 < number - back < 30 * 86_400_000 + 60_000
    moment = datetime.fromisoformat(text).timestamp() * 1000
    assert abs(moment - number) < 5000
    assert abs(spelled - number) < 5000


@needs_node
def test_node_calls_to_aws(functions):
    """A call to AWS itself is stopped, and says how it is done."""
    message = functions.answer("node_calls", "s3.us-east-1.amazonaws.com")

    assert message.startswith("the emulator stopped a call to s3.us-east-1.amazonaws.com, which")


@needs_node
def test_node_environment(functions):
    """Node.js functions see Lambda's variables and nothing of the host's."""
    variables, folder = functions.answer("node_environment")

    assert set(variables) == RECORDED | EMULATOR | {
        "AWS_EXECUTION_ENV",
        "NODE_PATH",
    }
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_nodejs20.x"
    assert re.fullmatch(r"127\.0\.0\.1:\d+", variables["AWS_LAMBDA_RUNTIME_API"])
    assert folder == variables["LAMBDA_TASK_ROOT"] == str(functions.folder / "code")


# --- custom runtimes ------------------------------------------------------------------------------


@needs_curl
def test_own_runtime(functions):
    """Any executable that speaks the Runtime API is a runtime; what it prints is the log."""
    result, payload = functions.run("own", {"a": 1})

    assert payload == {"event": {"a": 1}, "handler": "any.thing"}
    assert f"\nhandling {result.request_id}\n".encode() in result.log
    assert functions.run("own", "error")[1] == {"errorType": "Own", "errorMessage": "said"}
    assert functions.run("own", "error")[0].function_error == "Unhandled"


@needs_curl
def test_own_runtime_answers_another_request(functions):
    """A response to a request that is not in progress is refused, as by the Runtime API."""
    assert functions.answer("own", "wrong") == {
        "errorMessage": "Invalid request ID",
        "errorType": "InvalidRequestID",
    }


@needs_curl
def test_own_runtime_ends(functions):
    """Exit and timeout are told as for every runtime; nothing that it has started stays."""
    result, payload = functions.run("own", "exit")
    assert payload["errorMessage"] == (
        f"RequestId: {result.request_id} Error: Runtime exited with error: exit status 7"
    )
    assert functions.run("own", "sleep")[1]["errorType"] == "Sandbox.Timedout"
    assert functions.answer("own", 1)["event"] == 1


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("empty", "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        ("forbidden", "fork/exec /var/task/bootstrap: permission denied"),
        ("foreign", "fork/exec /var/task/bootstrap: exec format error"),
    ],
)
def test_no_bootstrap(functions, name, problem):
    """A package without a program is an invalid entry point."""
    result, payload = functions.run(name)

    assert payload == {
        "errorType": "Runtime.InvalidEntrypoint",
        "errorMessage": f"RequestId: {result.request_id} Error: {problem}",
    }


# --- Python ---------------------------------------------------------------------------------------


def test_python_environment(functions):
    """Python functions see Lambda's variables, the template's over those that are not reserved."""
    variables, folder = functions.answer("python_environment")

    assert set(variables) == RECORDED | EMULATOR | {
        *("AWS_EXECUTION_ENV", "LC_CTYPE", "PYTHONPATH"),
        *("OWN", "HOME_OF"),
    }
    assert folder == str(functions.folder / "code")
    fixed = {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{sys.version_info.minor}",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": ENDPOINT,
        "AWS_LAMBDA_FUNCTION_NAME": "python_environment",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/python_environment",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "LAMBDA_TASK_ROOT": folder,
        "LANG": "en_US.UTF-8",
        "LC_CTYPE": "C.UTF-8",
        "OWN": "value",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "PWD": folder,
        "SHLVL": "0",
        "TZ": "Europe/Berlin",
        "_HANDLER": "app.environment",
    }
    assert {name: variables[name] for name in fixed} == fixed
    assert re.fullmatch(
        r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", variables["AWS_LAMBDA_LOG_STREAM_NAME"]
    )


def test_python_inline(functions):
    """Inline code of Python is ``index.py``."""
    assert functions.answer("python_inline") == "inline"


SPAWNED = """
    import os, sys, time
    count = 0
    def handler(event, context):
        global count
        count += 1
        if event == "raise":
            raise ValueError("raised")
        if event == "exit":
            sys.exit(3)
        if event == "sleep":
            open(os.environ["TMPDIR"] + "/kept", "w").close()
            time.sleep(60)
        print("printed")
        open_files = sorted(int(name) for name in os.listdir("/dev/fd"))
        return [count, os.listdir(os.environ["TMPDIR"]), sys.stdin.read(), open_files]
"""


@pytest.mark.parametrize("engine", ["fork", "spawn"])
def test_engines(tmp_path, engine):
    """However its process starts, a function answers and ends alike, and inherits nothing."""
    functions = Functions(tmp_path)
    functions.write("code/app.py", SPAWNED)
    functions.add("f", "python3.11", "app.handler", timeout_seconds=1)
    functions.start(engine=engine)
    try:
        count, files, standard_input, descriptors = functions.answer("f")
        assert (count, files, standard_input) == (1, [], "")
        assert len(descriptors) <= 7
        assert max(descriptors) < 10
        assert functions.run("f", "raise")[1]["errorMessage"] == "raised"
        assert functions.answer("f")[0] == 3
        assert b"\nprinted\n" in functions.run("f")[0].log
        assert functions.run("f", "exit")[1]["errorMessage"].endswith("exit status 3")
        assert functions.run("f", "sleep")[1]["errorType"] == "Sandbox.Timedout"
        assert functions.answer("f")[:2] == [1, ["kept"]]
        functions.service.reset()
        assert functions.answer("f")[:2] == [1, []]
    finally:
        functions.stop()
    assert list((tmp_path / "lambda").glob("tmp/*")) == []


def test_other_python(tmp_path):
    """A function runs by the Python of its runtime, with boto3, its messages and its clock."""
    runtime = other_python()
    if runtime is None:
        pytest.skip("no other Python with what Lambda's runtime has")
    functions = Functions(tmp_path)
    functions.write(
        "code/app.py",
        """
        import boto3, os, sys, time
        def handler(event, context):
            boto3.client("s3")
            print("ü")
            version = "python%d.%d" % sys.version_info[:2]
            return [version, os.environ["AWS_EXECUTION_ENV"], time.time()]
        """,
    )
    functions.add("f", runtime, "app.handler")
    functions.start()
    try:
        version, execution, before = functions.answer("f")
        assert (version, execution) == (runtime, f"AWS_Lambda_{runtime}")
        assert functions.service.warnings() == ()
        functions.clock.offset += timedelta(days=1)
        assert functions.answer("f")[2] - before > 86_000
    finally:
        functions.stop()


def test_missing_python(tmp_path):
    """A Python that is not here is replaced by the emulator's own, which is told once."""
    functions = Functions(tmp_path)
    functions.write(
        "code/app.py",
        """
        import os, sys
        def handler(event, context):
            return [sys.version_info[1], os.environ["AWS_EXECUTION_ENV"]]
        """,
    )
    functions.add("f", "python3.99", "app.handler")
    functions.add("g", "python3.99", "app.handler")
    functions.start()
    try:
        own = f"3.{sys.version_info.minor}"
        assert functions.answer("f") == [sys.version_info.minor, "AWS_Lambda_python3.99"]
        assert functions.service.warnings() == (
            f"python3.99 is run by Python {own}: there is no Python 3.99 on this machine",
        )
    finally:
        functions.stop()


def test_missing_interpreter(tmp_path, monkeypatch):
    """A function without interpreter is named at start and answers 502; the others run."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    functions = Functions(tmp_path)
    functions.write("code/app.py", "def handler(event, context):\n    return 1\n")
    functions.add("python", f"python3.{sys.version_info.minor}", "app.handler")
    functions.add("node", "nodejs20.x", "index.handler")
    functions.add("ruby", "ruby3.3", "a.b")
    functions.start()
    try:
        problem = "node cannot run: nodejs20.x needs Node.js, which is not on this machine's PATH"
        assert functions.service.warnings() == (
            problem,
            "ruby cannot run: the emulator has no runtime ruby3.3",
        )
        with pytest.raises(ServiceError) as refused:
            functions.run("node")
        assert (refused.value.code, refused.value.status) == ("InvalidRuntimeException", 502)
        assert refused.value.message == problem
        assert functions.log.messages() == [f"{problem}\n"]
        assert functions.answer("python") == 1
    finally:
        functions.stop()


def test_zygote_that_has_died(tmp_path):
    """A function whose zygote has died starts without one."""
    functions = Functions(tmp_path)
    functions.write("code/app.py", "import os\ndef handler(event, context):\n"
                    "    return os.getppid()\n")  # fmt: skip
    for name in ("f", "g"):
        functions.add(name, f"python3.{sys.version_info.minor}", "app.handler")
    functions.start()
    try:
        zygote = functions.answer("f")
        os.kill(zygote, signal.SIGKILL)
        eventually(lambda: not is_alive(zygote))
        assert functions.answer("g") != zygote
    finally:
        functions.stop()
