"""What Lambda writes into the log, in the text and the JSON format, and of memory.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

import json
import re

import pytest
from local_lambda import LocalLambda

from emulator.application import LoggingConfig

SOURCE = """
    import os, time
    kept = None

    def echo(event, context):
        print("printed")
        return event

    def fails(event, context):
        raise ValueError("on purpose")

    def sleeps(event, context):
        time.sleep(60)

    def exits(event, context):
        os._exit(3)

    def takes(event, context):
        global kept
        kept = b"x" * (event * 2**20)
        time.sleep(1)
        return len(kept)
"""


def logging(level=None):
    return {"logging": LoggingConfig(log_format="JSON", system_log_level=level)}


FUNCTIONS = {
    "traced": {"handler": "app.echo", "tracing_active": True},
    "traced_json": {"handler": "app.echo", "tracing_active": True, **logging()},
    "echo": "app.echo",
    "fails": "app.fails",
    "sleeps": {"timeout_seconds": 1},
    "exits": "app.exits",
    "takes": "app.takes",
    "info": {"handler": "app.echo", **logging()},
    "debug": {"handler": "app.echo", **logging("DEBUG")},
    "warn": {"handler": "app.exits", **logging("WARN")},
    "late": {"handler": "app.sleeps", "timeout_seconds": 1, **logging()},
}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    with LocalLambda(folder, SOURCE, FUNCTIONS, enforce_memory=True) as made:
        yield made


@pytest.fixture
def lambda_(service):
    service.service.reset()
    service.log.events.clear()
    return service


def platform_records(lambda_):
    records = [json.loads(m) for m in lambda_.log.messages if m.startswith('{"time"')]
    return [(record["type"], record["record"]) for record in records]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("echo", ""),
        ("fails", ""),
        ("sleeps", r"Status: timeout"),
        ("exits", r"Status: error\tError Type: Runtime.ExitError"),
    ],
)
def test_report(lambda_, name, status):
    """One line, billed to the next millisecond of start and run, memory always told."""
    result, _ = lambda_.run(name)
    report = re.fullmatch(
        rf"REPORT RequestId: {result.request_id}\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms"
        r"\tMemory Size: 128 MB\tMax Memory Used: [1-9]\d* MB"
        rf"\tInit Duration: ([\d.]+) ms\t{status}\n",
        lambda_.log.messages[-1],
    )

    assert report, lambda_.log.messages[-1]
    duration, billed, init = map(float, report.groups())
    assert -0.02 < billed - (duration + init) < 1.02


def test_trace(lambda_):
    """A sampled invocation names its trace, in the same event of the log."""
    trace_id = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    lambda_.run("traced", trace_id=trace_id)

    assert lambda_.log.messages[-1].endswith(
        "\t\nXRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793\tSegmentId: 53995c3f42cd8ad8"
        "\tSampled: true\t\n"
    )
    lambda_.run("traced_json", trace_id=trace_id)
    assert platform_records(lambda_)[-1][1]["tracing"] == {
        "spanId": "53995c3f42cd8ad8",
        "type": "X-Amzn-Trace-Id",
        "value": trace_id,
    }


def test_timeout_line(lambda_):
    """The line that tools look for, before END."""
    result, _ = lambda_.run("sleeps")
    time = "2024-05-15T10:00:00.000Z"

    assert lambda_.log.messages[-3:-1] == [
        f"{time} {result.request_id} Task timed out after 1.00 seconds\n",
        f"END RequestId: {result.request_id}\n",
    ]


def test_records_of_a_cold_start(lambda_):
    """At level INFO: initStart, start, report."""
    result, _ = lambda_.run("info")
    start, begin, (report_type, report) = platform_records(lambda_)
    metrics = report["metrics"]

    assert start == (
        "platform.initStart",
        {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": "python:3.13",
            "runtimeVersionArn": "arn:aws:lambda:us-east-1::runtime:emulated",
        },
    )
    assert begin == ("platform.start", {"requestId": result.request_id, "version": "$LATEST"})
    assert report_type == "platform.report"
    assert report == {"requestId": result.request_id, "metrics": metrics, "status": "success"}
    assert set(metrics) == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }
    assert metrics["memorySizeMB"] == 128


def test_levels_of_records(lambda_):
    """DEBUG has everything; WARN only what went wrong."""
    lambda_.run("debug")
    assert [kind for kind, _ in platform_records(lambda_)] == [
        "platform.initStart",
        "platform.initRuntimeDone",
        "platform.initReport",
        "platform.start",
        "platform.runtimeDone",
        "platform.report",
    ]
    lambda_.log.events.clear()
    lambda_.run("warn")
    assert [(kind, r["status"], r["errorType"]) for kind, r in platform_records(lambda_)] == [
        ("platform.runtimeDone", "error", "Runtime.ExitError"),
        ("platform.report", "error", "Runtime.ExitError"),
    ]


def test_record_of_a_timeout(lambda_):
    """The status says so."""
    lambda_.run("late")

    assert platform_records(lambda_)[-1][1]["status"] == "timeout"


def test_too_much_memory(lambda_):
    """The process is killed; the report says why; the next invocation starts anew."""
    assert lambda_.run("takes", 10)[1] == 10 * 2**20
    result, payload = lambda_.run("takes", 200)

    assert payload == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {result.request_id} Error: Runtime exited with error:"
        " signal: killed",
    }
    assert result.log.endswith(
        b"\tMemory Size: 128 MB\tMax Memory Used: 128 MB\tStatus: error"
        b"\tError Type: Runtime.OutOfMemory\n"
    )
    assert lambda_.run("takes", 10)[0].function_error is None
