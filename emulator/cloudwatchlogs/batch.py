"""What PutLogEvents takes of a batch, and how it tells of the rest.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_RejectedLogEventsInfo.html
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from emulator.cloudwatchlogs.errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOUR = 3_600_000
_OLDEST = 14 * 24 * _HOUR
_NEWEST = 2 * _HOUR
_LONGEST_SPAN = 24 * _HOUR
_MOST_EVENTS = 10_000
_MOST_BYTES = 1 << 20
_EVENT_OVERHEAD = 26

Event = tuple[int, str]


def accepted(
    events: Sequence[Event], *, now: int, kept_since: int
) -> tuple[Sequence[Event], dict[str, int]]:
    """Choose the events that are neither too old nor too new, and tell the indices of the others.

    Args:
        events: timestamp and message of each; times are in milliseconds since 1970.
        now: by the emulator's clock.
        kept_since: what is older has expired by the group's retention.

    Raises:
        ServiceError: ``InvalidParameterException``: the whole batch is refused.
    """
    _check(events)
    times = [timestamp for timestamp, _ in events]
    too_old = bisect_left(times, now - _OLDEST)
    expired = bisect_left(times, kept_since)
    too_new = bisect_right(times, now + _NEWEST)
    rejected = {}
    if too_new < len(events):
        rejected["tooNewLogEventStartIndex"] = too_new
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if expired > too_old:
        rejected["expiredLogEventEndIndex"] = expired
    taken = events[max(too_old, expired) : too_new]
    if taken and taken[-1][0] - taken[0][0] > _LONGEST_SPAN:
        raise invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24"
            " hours."
        )
    return taken, rejected


def _check(events: Sequence[Event]) -> None:
    if len(events) > _MOST_EVENTS:
        raise invalid_parameter(
            "1 validation error detected: Value at 'logEvents' failed to satisfy constraint:"
            f" Member must have length less than or equal to {_MOST_EVENTS}"
        )
    size = sum(len(message.encode(errors="replace")) + _EVENT_OVERHEAD for _, message in events)
    if size > _MOST_BYTES:
        raise invalid_parameter(f"Upload too large: {size} bytes exceeds limit of {_MOST_BYTES}")
    if any(before[0] > after[0] for before, after in pairwise(events)):
        raise invalid_parameter(
            "Log events in a single PutLogEvents request must be in chronological order."
        )
