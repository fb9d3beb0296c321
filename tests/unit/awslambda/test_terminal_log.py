"""What the terminal shows of the log."""

import io
from datetime import UTC, datetime

import pytest

from emulator.awslambda import LogEvent, TerminalLog


def event(message):
    return LogEvent(
        function_name="Store",
        request_id="0123456789",
        timestamp=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        level=None,
        message=message,
    )


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("printed\n", True),
        ("REPORT RequestId: x\tDuration: 1 ms\n", True),
        ('{"time":"t","type":"platform.report","record":{}}\n', True),
        ('{"level": "INFO", "type": "platform"}\n', True),
        ("INIT_START Runtime Version: python:3.11\n", False),
        ("START RequestId: x Version: $LATEST\n", False),
        ("END RequestId: x\n", False),
        ('{"time":"t","type":"platform.start","record":{}}\n', False),
        ('{"time":"t","type":"platform.initReport","record":{}}\n', False),
    ],
)
def test_lambdas_own_lines(message, shown):
    """Of what Lambda itself logs only the report is shown, in either format."""
    stream = io.StringIO()
    TerminalLog(stream, coloured=False).print([event(message)])

    assert stream.getvalue() == (f"03:04:05 Store 01234567 {message}" if shown else "")
