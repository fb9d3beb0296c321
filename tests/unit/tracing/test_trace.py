"""The trace: which steps belong together, and that it is bounded."""

import threading
from datetime import timedelta

import pytest
from fakes import FakeClock

from emulator.errors import ServiceError
from emulator.tracing.page import trace_page
from emulator.tracing.trace import Trace

ROOT = "1-5759e988-bd862e3fe1be46a994272793"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def trace(clock):
    return Trace(clock)


def subjects(records):
    return [record.subject for record in records]


def test_a_step_within_a_step_is_of_its_trace(trace):
    """What a thread does while a step runs belongs to the step's trace."""
    with trace.step("s3", "PUT /b/k"), trace.step("event", "ObjectCreated:Put b/k"):
        pass
    event, request = trace.latest()

    assert event.trace_id == request.trace_id


def test_steps_side_by_side_are_traces_of_their_own(trace):
    """A step that nothing has caused begins a trace."""
    with trace.step("s3", "PUT /b/k"):
        pass
    with trace.step("s3", "PUT /b/k"):
        pass
    first, second = trace.latest()

    assert first.trace_id != second.trace_id
    assert trace.current is None


def test_a_header_names_the_trace(trace):
    """``Root`` of ``X-Amzn-Trace-Id`` is the trace; the parent and the rest do not matter."""
    with trace.step("gateway", "GET /", f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0"):
        pass

    assert trace.latest()[0].trace_id == ROOT


@pytest.mark.parametrize("header", [None, "", "Sampled=1", "nonsense"])
def test_a_header_without_a_root_begins_a_trace(trace, header):
    """What names no trace does not become one."""
    with trace.step("gateway", "GET /", header):
        assert trace.header(header).startswith("Root=1-")


def test_another_thread_is_of_no_trace(trace):
    """A trace is followed into another thread by its id, and by nothing else."""
    found = []

    def work(trace_id):
        found.append(trace.current)
        with trace.following(trace_id):
            found.append(trace.current)
        found.append(trace.current)

    with trace.step("s3", "PUT /b/k") as step:
        thread = threading.Thread(target=work, args=(step.trace_id,))
        thread.start()
        thread.join()

    assert found == [None, step.trace_id, None]


def test_a_refusal_is_kept_with_its_reason(trace):
    """An error that passes through a step is its outcome, and is not held up."""
    with pytest.raises(ServiceError), trace.step("lambda", "F"):
        raise ServiceError("TooManyRequestsException", "Rate Exceeded.", status=429)
    with pytest.raises(KeyError), trace.step("lambda", "F"):
        raise KeyError("gone")
    throttled, broken = trace.latest()

    assert (throttled.outcome, throttled.reason) == ("TooManyRequestsException", "Rate Exceeded.")
    assert (broken.outcome, broken.reason) == ("KeyError", "'gone'")


def test_memory_is_bounded(clock):
    """The oldest steps make room, lines of functions beside them; texts are cut."""
    trace = Trace(clock, kept=3)
    for number in range(10):
        with trace.step("s3", f"{number}"):
            pass
        log(trace, clock, "r", "x" * 5000)

    assert subjects(trace.latest()) == ["7", "8", "9"]
    with trace.step("lambda", "y" * 5000) as step:
        step.request_id = "r"
    lines = [record for record in trace.of("r") if record.source == "log"]
    assert [len(line.reason) for line in lines] == [1000] * 3
    assert len(trace.latest()[-1].subject) == 1000


def log(trace, clock, request_id, line):
    trace.keep(
        at=clock.now(),
        trace_id=None,
        source="log",
        subject="F",
        outcome="INFO",
        duration_ms=0,
        reason=line,
        request_id=request_id,
    )


def test_one_trace_whole(trace, clock):
    """A trace is told in the order of its beginnings, with what its functions have logged."""
    with trace.step("gateway", "GET /files") as step:
        step.request_id = "gateway-request"
        clock.offset += timedelta(seconds=1)
        with trace.step("lambda", "F (api)") as invocation:
            invocation.request_id = "invocation"
            clock.offset += timedelta(seconds=1)
            log(trace, clock, "invocation", "hello")
            log(trace, clock, "another", "of somebody else")
    with trace.step("s3", "GET /b/k"):
        pass
    expected = ["GET /files", "F (api)", "F"]

    for id_ in (step.trace_id, f"Root={step.trace_id};Sampled=0", "gateway-request", "invocation"):
        assert subjects(trace.of(id_)) == expected
    assert trace.of("unknown") == []


def test_whoever_follows_hears_of_the_next_step(trace):
    """A page begins after the one before, and is waited for."""
    with trace.step("s3", "first"):
        pass
    page = trace_page(trace, None, 0, 100, 0)

    def happen():
        with trace.step("s3", "second"):
            pass

    thread = threading.Timer(0.01, happen)
    thread.start()
    following = trace_page(trace, None, page["next"], 100, 30)
    thread.join()

    assert [record["subject"] for record in following["records"]] == ["second"]
    assert trace_page(trace, None, following["next"], 100, 0)["records"] == []


def test_a_page_of_the_control_api(trace):
    """A record as JSON: AWS's names of ids, time with milliseconds, duration in milliseconds."""
    with trace.step("s3", "PUT /b/k", f"Root={ROOT}") as step:
        step.outcome, step.reason, step.request_id = "403", "AccessDenied: no", "ABC"
    page = trace_page(trace, ROOT, 0, 100, 0)
    (record,) = page["records"]
    assert 0 <= record.pop("durationMs") < 10_000

    assert page["next"] == 1
    assert record == {
        "number": 1,
        "time": "2024-05-15T10:00:00.000Z",
        "traceId": ROOT,
        "source": "s3",
        "subject": "PUT /b/k",
        "outcome": "403",
        "reason": "AccessDenied: no",
        "requestId": "ABC",
    }


def test_a_page_has_a_limit(trace):
    """The latest of the records are given."""
    for number in range(5):
        with trace.step("s3", f"{number}"):
            pass
    page = trace_page(trace, None, 0, 2, 0)

    assert [record["subject"] for record in page["records"]] == ["3", "4"]
    assert trace_page(trace, None, 0, 0, 0)["records"] == []


def test_a_reset_forgets(trace):
    """Nothing is left after a reset, and the numbers go on."""
    with trace.step("s3", "before"):
        pass
    trace.clear()
    assert trace.latest() == []
    with trace.step("s3", "after"):
        pass

    assert trace.latest()[0].number == 2
