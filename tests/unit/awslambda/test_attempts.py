"""When an accepted event is tried again: throttles, errors of ours, clocks that jump.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import itertools
import json
from datetime import timedelta

import pytest
from fakes import FakeClock
from local_lambda import KeptLog, RecordingSender, arn

from emulator.application import EventInvokeConfig, Function
from emulator.awslambda.asynchronous import Attempts
from emulator.awslambda.queued_invocation import QueuedInvocation, decode
from emulator.errors import ServiceError
from emulator.invocation import Invocation, InvocationResult
from emulator.outbox import Later
from emulator.tracing.trace import Trace

QUEUE = "arn:aws:sqs:us-east-1:123456789012:bad"


class ScriptedFunctions:
    """One function whose next answers are given: an error to raise, or the function error."""

    def __init__(self, clock, *answers, takes=timedelta(), **config):
        self._clock = clock
        self._answers = list(answers)
        self._takes = takes
        self._function = Function(
            logical_id="F",
            name="F",
            handler="app.f",
            runtime="python3.13",
            code_root=None,
            event_invoke=(EventInvokeConfig(on_failure_arn=QUEUE, **config),),
        )

    def find(self, name, qualifier=None):
        if name != "F":
            raise ServiceError("ResourceNotFoundException", "Function not found: x", status=404)
        return self._function

    def arn(self, name, qualifier=None):
        return arn(name, qualifier)

    def invoke(self, invocation, *, awaited):
        assert not awaited
        self._clock.offset += self._takes
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, ServiceError):
            raise answer
        return InvocationResult(
            request_id=invocation.request_id, payload=b"null", function_error=answer, log=b""
        )


def course(*answers, name="F", **options):
    """Follow an event to its end; give the seconds of its attempts, and what was sent and told."""
    clock, sender, log = FakeClock(), RecordingSender(), KeptLog()
    attempts = Attempts(
        ScriptedFunctions(clock, *answers, **options),
        clock=clock,
        sender=sender,
        log=log,
        trace=Trace(clock),
    )
    begin = clock.now()
    invocation = Invocation(function_name=name, payload=b"{}", request_id="r", source="test")
    outcome = Later(
        at=begin,
        content=QueuedInvocation(invocation=invocation, accepted_at=begin, due_at=begin).encode(),
    )
    seconds = []
    while isinstance(outcome, Later):
        clock.offset = max(clock.offset, outcome.at - begin)
        seconds.append((outcome.at - begin).total_seconds())
        outcome = attempts.attempt(outcome.content)
    return seconds, [json.loads(message.body) for _, message in sender.sent], log.messages


def throttle():
    return ServiceError("TooManyRequestsException", "Rate Exceeded.", status=429)


def test_throttles_back_off_to_five_minutes_and_end_after_six_hours():
    """They do not count as attempts, and there is no response to tell of."""
    seconds, (record,), _ = course(throttle())
    pauses = [later - earlier for earlier, later in itertools.pairwise(seconds)]

    assert pauses[:11] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert seconds[-1] == 6 * 3600
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert "responsePayload" not in record


def test_throttles_do_not_use_up_retries():
    """After them the function still has its three attempts."""
    seconds, (record,), _ = course(throttle(), "Unhandled")

    assert seconds == [0, 1, 61, 181]
    assert record["requestContext"]["approximateInvokeCount"] == 3


def test_a_long_run_delays_the_retry():
    """The minute begins when the function has failed."""
    seconds, _, _ = course("Unhandled", takes=timedelta(seconds=30))

    assert seconds == [0, 90, 240]


@pytest.mark.parametrize(("retries", "attempts"), [(0, [0]), (1, [0, 60]), (2, [0, 60, 180])])
def test_retries(retries, attempts):
    """As many as are configured."""
    assert course("Unhandled", maximum_retry_attempts=retries)[0] == attempts


def test_errors_of_the_service_are_tried_again():
    """As throttles are: the event is not lost."""
    seconds, sent, _ = course(ServiceError("ServiceException", "broken", status=500), None)

    assert (seconds, sent) == ([0, 1], [])


def test_function_that_is_gone():
    """The event is dropped, with a line."""
    assert course(None, name="Gone") == ([0], [], ["event dropped: Function not found: x\n"])


def test_record():
    """What is written is read again."""
    now = FakeClock().now()
    queued = QueuedInvocation(
        invocation=Invocation(
            function_name="F",
            payload='{"ü": 1}'.encode(),
            request_id="r",
            source="s3",
            qualifier="live",
            trace_id="Root=1",
        ),
        accepted_at=now,
        due_at=now + timedelta(minutes=1),
        attempts=1,
        throttles=2,
        last_response="{}",
        last_version="3",
        expired=True,
    )

    assert queued == decode(queued.encode())
