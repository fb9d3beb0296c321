"""The payload of a scheduled rule, as EventBridge sends it."""

import json
from datetime import UTC, datetime

from emulator.application import Schedule
from emulator.events.scheduled_event import to_event

DUE = datetime(2015, 10, 8, 16, 53, 6, tzinfo=UTC)


def event(input_text=None):
    schedule = Schedule(
        name="MyScheduledRule",
        function_name="Expire",
        expression="rate(30 minutes)",
        input=input_text,
    )
    return to_event(
        schedule,
        due=DUE,
        event_id="89d1a02d-5ec7-412e-82f5-13505f849b41",
        region="us-east-1",
        account_id="123456789012",
    )


def test_the_event_of_a_rule():
    """https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html"""  # noqa: D415 -- the source
    assert json.loads(event()) == {
        "version": "0",
        "id": "89d1a02d-5ec7-412e-82f5-13505f849b41",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2015-10-08T16:53:06Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/MyScheduledRule"],
        "detail": {},
    }


def test_an_input_replaces_the_event_verbatim():
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html"""  # noqa: D415 -- the source
    assert event('{ "käse": 1.0 }') == '{ "käse": 1.0 }'.encode()
