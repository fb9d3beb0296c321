"""What PutLogEvents takes of a batch.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_RejectedLogEventsInfo.html
``tooOldLogEventEndIndex`` is exclusive, ``tooNewLogEventStartIndex`` inclusive.
"""

import pytest

from emulator.cloudwatchlogs.batch import accepted
from emulator.errors import ServiceError

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_700_000_000_000


def choose(*times, kept_since=0):
    """Give the times that were taken, and what is told of the others."""
    events = [(time, "m") for time in times]
    taken, rejected = accepted(events, now=NOW, kept_since=kept_since)
    return [time for time, _ in taken], rejected


@pytest.mark.parametrize(
    ("times", "taken", "rejected"),
    [
        ([NOW], [NOW], {}),
        ([NOW - 14 * DAY], [NOW - 14 * DAY], {}),
        ([NOW - 14 * DAY - 1, NOW], [NOW], {"tooOldLogEventEndIndex": 1}),
        ([NOW + 2 * HOUR], [NOW + 2 * HOUR], {}),
        ([NOW, NOW + 2 * HOUR + 1], [NOW], {"tooNewLogEventStartIndex": 1}),
        (
            [NOW - 400 * DAY, NOW - 15 * DAY, NOW, NOW + 3 * HOUR],
            [NOW],
            {"tooNewLogEventStartIndex": 3, "tooOldLogEventEndIndex": 2},
        ),
    ],
)
def test_what_is_taken(times, taken, rejected):
    """Events of the last 14 days and the next 2 hours are; the others are told by their place."""
    assert choose(*times) == (taken, rejected)


def test_what_has_expired():
    """Events before the retention of the group are not taken, and told as such."""
    expected = ([NOW], {"expiredLogEventEndIndex": 1})

    assert expected == choose(NOW - 2 * DAY, NOW, kept_since=NOW - DAY)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([(NOW, "m"), (NOW - 1, "m")], "chronological order"),
        ([(NOW - DAY - 1, "m"), (NOW, "m")], "span more than 24 hours"),
        ([(NOW, "m")] * 10_001, "less than or equal to 10000"),
        ([(NOW, "x" * (1 << 20))], "Upload too large"),
    ],
)
def test_batches_that_are_refused_whole(events, message):
    """The order, the span, the number and the size of a batch have limits."""
    with pytest.raises(ServiceError, match=message):
        accepted(events, now=NOW, kept_since=0)
