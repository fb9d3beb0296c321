"""What a target of a rule gets, by the examples of EventBridge's guide.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import pytest

from emulator.events.target_input import target_input

EVENT = {
    "version": "0",
    "source": "aws.ec2",
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "tags": ["a", "b"], "n": 5},
}
PATHS = {"instance": "$.detail.instance-id", "state": "$.detail.state", "tags": "$.detail.tags"}


@pytest.mark.parametrize(
    ("target", "payload"),
    [
        ({}, '{"version":"0","source":"aws.ec2","detail":{"instance-id":"i-0123456789",'),
        ({"Input": '{"a": 1}'}, '{"a": 1}'),
        ({"InputPath": "$.detail.tags"}, '["a","b"]'),
        ({"InputPath": "$.detail.tags[1]"}, '"b"'),
        ({"InputPath": "$['detail'].n"}, "5"),
        ({"InputPath": "$.nothing.there"}, "null"),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": PATHS,
                    "InputTemplate": '"<instance> is <state>"',
                }
            },
            '"i-0123456789 is RUNNING"',
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": PATHS,
                    "InputTemplate": '{"instance": <instance>, "tags": <tags>, "in": "<tags>"}',
                }
            },
            '{"instance": "i-0123456789", "tags": ["a","b"], "in": "[\\"a\\",\\"b\\"]"}',
        ),
        ({"InputTransformer": {"InputTemplate": '{"x": <unknown>}'}}, '{"x": <unknown>}'),
        ({"InputTransformer": {"InputTemplate": "<aws.events.event>"}}, '{"version":"0"'),
    ],
)
def test_target_input(target, payload):
    """The event, a constant, a part, or the template filled in."""
    assert target_input(target, EVENT).decode().startswith(payload)
