"""What becomes of an asynchronous invocation: retries, destinations, dead-letter queues.

Recorded from AWS (LocalStack, ``test_lambda_destinations``); documentation:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from local_lambda import LocalLambda, RecordingSender, arn

from emulator.application import Alias, EventInvokeConfig, FunctionVersion
from emulator.message import MessageAttribute

SOURCE = """
    from pathlib import Path

    def fails(event, context):
        with Path(event["file"]).open("a") as file:
            file.write(context.aws_request_id + "\\n")
        raise ValueError("on purpose")

    def answers(event, context):
        return {"got": event, "client": bool(context.client_context)}
"""
GOOD, BAD = "arn:aws:sqs:us-east-1:123456789012:good", "arn:aws:sqs:us-east-1:123456789012:bad"
GONE = "arn:aws:sqs:us-east-1:123456789012:gone"
BOTH = {"on_success_arn": GOOD, "on_failure_arn": BAD}


def function(handler, *configs, **members):
    return {
        "handler": f"app.{handler}",
        "event_invoke": tuple(EventInvokeConfig(**config) for config in configs),
        "versions": (FunctionVersion(number="1"),),
        "aliases": (Alias(name="live", version="1"),),
        **members,
    }


FUNCTIONS = {
    "fails": function("fails", BOTH),
    "fails_once": function("fails", {**BOTH, "maximum_retry_attempts": 0}),
    "answers": function("answers", BOTH, {"qualifier": "live", "on_success_arn": BAD}),
    "aged": function("fails", {**BOTH, "maximum_event_age": timedelta(seconds=100)}),
    "stopped": function("answers", BOTH, reserved_concurrency=0, dead_letter_target_arn=GOOD),
    "dead": function("fails", {"maximum_retry_attempts": 1}, dead_letter_target_arn=BAD),
    "lost": function("fails", {"maximum_retry_attempts": 0, "on_failure_arn": GONE}),
    "silent": function("fails", {"maximum_retry_attempts": 0}),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("async")
    with LocalLambda(folder, SOURCE, FUNCTIONS, sender=RecordingSender(GONE)) as made:
        yield made


@pytest.fixture
def lambda_(service):
    service.sender.sent.clear()
    service.log.events.clear()
    service.clock.offset = timedelta()
    return service


@pytest.fixture
def event(tmp_path):
    return {"file": str(tmp_path / "attempts")}


def attempts(event):
    """List the request ids of the attempts."""
    return Path(event["file"]).read_text().split()


def after(lambda_, **delta):
    """Move the clock and deliver; give the seconds, from the beginning, when records are due."""
    begin = lambda_.clock.now() - lambda_.clock.offset
    lambda_.clock.offset = timedelta(**delta)
    return [(due - begin).total_seconds() for due in lambda_.deliver_due()]


def failure(lambda_, name, request_id, event, condition, count):
    """Write the record of a failed invocation as AWS does."""
    ((target, message),) = lambda_.sender.sent
    document = json.loads(message.body)
    trace = document["responsePayload"]["stackTrace"]

    assert target == BAD
    assert len(trace) == 1
    return document, {
        "version": "1.0",
        "timestamp": document["timestamp"],
        "requestContext": {
            "requestId": request_id,
            "functionArn": arn(name, "$LATEST"),
            "condition": condition,
            "approximateInvokeCount": count,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": {
            "errorMessage": "on purpose",
            "errorType": "ValueError",
            "requestId": request_id,
            "stackTrace": trace,
        },
    }


def test_two_retries_then_the_failure_destination(lambda_, event):
    """After one minute and two more; every attempt bears the same request id."""
    request_id = lambda_.run_async("fails", event)

    assert after(lambda_) == [60]
    assert after(lambda_, seconds=59) == [60]
    assert after(lambda_, seconds=60) == [180]
    assert after(lambda_, seconds=179) == [180]
    assert len(attempts(event)) == 2
    assert after(lambda_, seconds=180) == []
    assert attempts(event) == [request_id] * 3
    document, expected = failure(lambda_, "fails", request_id, event, "RetriesExhausted", 3)
    assert expected == document
    assert document["timestamp"] == "2024-05-15T10:03:00.000Z"


def test_a_jump_of_the_clock_makes_both_retries(lambda_, event):
    """Due times follow from due times."""
    lambda_.run_async("fails", event)
    after(lambda_)

    assert after(lambda_, hours=1) == []
    assert len(attempts(event)) == 3


def test_no_retries(lambda_, event):
    """``MaximumRetryAttempts: 0``: one attempt."""
    request_id = lambda_.run_async("fails_once", event)

    assert after(lambda_) == []
    document, expected = failure(lambda_, "fails_once", request_id, event, "RetriesExhausted", 1)
    assert expected == document


def test_maximum_age(lambda_, event):
    """An event whose next attempt would come too late goes when its age is reached."""
    request_id = lambda_.run_async("aged", event)

    assert after(lambda_) == [60]
    assert after(lambda_, seconds=60) == [100]
    assert after(lambda_, seconds=99) == [100]
    assert lambda_.sender.sent == []
    assert after(lambda_, seconds=100) == []
    document, expected = failure(lambda_, "aged", request_id, event, "EventAgeExceeded", 2)
    assert expected == document


def test_success(lambda_):
    """The result goes to the on-success destination; a client context is not passed on."""
    request_id = lambda_.run_async("answers", {"a": 1}, client_context='{"custom": {}}')
    lambda_.deliver_due()
    ((target, message),) = lambda_.sender.sent

    assert target == GOOD
    assert json.loads(message.body) == {
        "version": "1.0",
        "timestamp": "2024-05-15T10:00:00.000Z",
        "requestContext": {
            "requestId": request_id,
            "functionArn": arn("answers", "$LATEST"),
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"a": 1},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"got": {"a": 1}, "client": False},
    }
    assert message.event == (
        "lambda",
        "Lambda Function Invocation Result - Success",
        (GOOD, arn("answers", "$LATEST")),
    )


def test_configuration_of_an_alias(lambda_):
    """An alias has its own configuration, and is named in the record."""
    lambda_.run_async("answers", {}, qualifier="live")
    lambda_.deliver_due()
    ((target, message),) = lambda_.sender.sent
    document = json.loads(message.body)

    assert target == BAD
    assert document["requestContext"]["functionArn"] == arn("answers", "live")
    assert document["responseContext"]["executedVersion"] == "1"


def test_zero_reserved_concurrency(lambda_):
    """A function that is switched off: at once, without a response."""
    request_id = lambda_.run_async("stopped", {"a": 1})

    assert after(lambda_) == []
    dead, (target, message) = lambda_.sender.sent
    assert target == BAD
    assert json.loads(message.body) == {
        "version": "1.0",
        "timestamp": "2024-05-15T10:00:00.000Z",
        "requestContext": {
            "requestId": request_id,
            "functionArn": arn("stopped", "$LATEST"),
            "condition": "ZeroReservedConcurrency",
            "approximateInvokeCount": 0,
        },
        "requestPayload": {"a": 1},
    }
    assert dead[0] == GOOD
    assert dead[1].body == b'{"a": 1}'


def test_dead_letter_queue(lambda_, event):
    """The event as it was, with attributes that tell what happened."""
    request_id = lambda_.run_async("dead", event)
    after(lambda_)

    assert after(lambda_, minutes=1) == []
    ((target, message),) = lambda_.sender.sent
    assert target == BAD
    assert json.loads(message.body) == event
    assert message.attributes == (
        MessageAttribute(name="RequestID", data_type="String", value=request_id),
        MessageAttribute(name="ErrorCode", data_type="Number", value="200"),
        MessageAttribute(name="ErrorMessage", data_type="String", value="on purpose"),
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("lost", f"{GONE} did not take the event: The specified queue does not exist.\n"),
        ("silent", "event dropped after 1 attempts: RetriesExhausted\n"),
    ],
)
def test_what_is_lost_is_told(lambda_, event, name, told):
    """AWS drops it; here a line of the log says so."""
    lambda_.run_async(name, event)
    lambda_.deliver_due()

    assert [e.message for e in lambda_.log.events if e.level == "WARN"][-1] == told
