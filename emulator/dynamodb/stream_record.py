"""What a stream says about one change of one item.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
The record is kept without its sequence number, which it gets by the order of commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.item_size import item_size_bytes

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.dynamodb.attribute_value import Item
    from emulator.dynamodb.tables import StoredTable

_OLD_IMAGE_VIEWS = ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")
_NEW_IMAGE_VIEWS = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")


def stream_record(
    table: StoredTable, old: Item | None, new: Item | None, now: datetime, *, expired: bool
) -> dict[str, Any]:
    """Write the record of a change; ``None`` for the item that was not there before or after."""
    keys = table.keys.extract(new or old or {})
    change: dict[str, Any] = {
        "ApproximateCreationDateTime": int(now.timestamp()),
        "Keys": keys,
        "SizeBytes": item_size_bytes(keys),
        "StreamViewType": table.stream_view_type,
    }
    if old is not None and table.stream_view_type in _OLD_IMAGE_VIEWS:
        change["OldImage"] = old
        change["SizeBytes"] += item_size_bytes(old)
    if new is not None and table.stream_view_type in _NEW_IMAGE_VIEWS:
        change["NewImage"] = new
        change["SizeBytes"] += item_size_bytes(new)
    record = {"eventName": _event_name(old, new), "dynamodb": change}
    if expired:
        # The API has capitals here; the event of a Lambda trigger has none.
        # https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Identity.html
        record["userIdentity"] = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    return record


def _event_name(old: Item | None, new: Item | None) -> str:
    if old is None:
        return "INSERT"
    return "REMOVE" if new is None else "MODIFY"
