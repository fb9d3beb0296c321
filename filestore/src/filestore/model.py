"""A file: an item of the table, and the object of the same id in the bucket.

An item is announced, uploaded, stored, deleted, each with a time stamp, in that order.
Every change is a conditional update, so that whoever comes second in a race changes nothing.

Deletion has three steps, since no transaction spans DynamoDB and S3: the item is marked with
``deleted_at`` and ``object_remains`` (from then on the file cannot be stored), the object is
deleted, ``object_remains`` is removed.
A crash in between leaves ``object_remains``: the same call, or the next expiry, finishes it.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from filestore.content_disposition import attachment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

Item = dict[str, Any]
_BATCH = 100  # BatchGetItem takes no more
_DELETION_UNFINISHED = "attribute_not_exists(deleted_at) OR attribute_exists(object_remains)"
_FIRST_PAUSE_SECONDS = 0.05


class StoredError(Exception):
    """The file is stored: it can be deleted, but no longer taken back."""


class FileModel:
    """The files of one table and bucket.

    Args:
        dynamodb: a boto3 DynamoDB resource.
        s3: a boto3 S3 client.
    """

    def __init__(self, dynamodb: Any, s3: Any, *, table: str, bucket: str) -> None:
        self._dynamodb = dynamodb
        self._table = dynamodb.Table(table)
        self._s3 = s3
        self._bucket = bucket

    def announce(self, name: str, now: datetime) -> str:
        """Make the item of a file that will be uploaded; give its id, which nobody can guess."""
        file_id = secrets.token_urlsafe(24)
        self._table.put_item(
            Item={"id": file_id, "name": name, "announced_at": _stamp(now)},
            ConditionExpression="attribute_not_exists(id)",
        )
        return file_id

    def upload_url(self, file_id: str, seconds: int) -> str:
        """Give the URL to PUT the content to."""
        return str(
            self._s3.generate_presigned_url(
                "put_object", Params={"Bucket": self._bucket, "Key": file_id}, ExpiresIn=seconds
            )
        )

    def download_url(self, item: Item, seconds: int) -> str:
        """Give the URL to GET the content from, under its original name and type."""
        parameters = {
            "Bucket": self._bucket,
            "Key": item["id"],
            "ResponseContentDisposition": attachment(item["name"]),
            "ResponseContentType": item.get("type") or "application/octet-stream",
        }
        return str(
            self._s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
        )

    def complete(self, file_id: str, uploaded_at: datetime, *, store: bool = False) -> bool:
        """Take size and type of the uploaded object into its item; a second time does no harm.

        Gives ``False`` if there is no object, or no item that waits for it.
        """
        head = self._head(file_id)
        if head is None:
            return False
        change = "SET #size = :size, #type = :type, uploaded_at = if_not_exists(uploaded_at, :now)"
        if store:
            change += ", stored_at = if_not_exists(stored_at, :now)"
        refused = self._update(
            file_id,
            change,
            "attribute_exists(id) AND attribute_not_exists(deleted_at)",
            names={"#size": "size", "#type": "type"},
            values={
                ":size": head["ContentLength"],
                ":type": head["ContentType"].partition(";")[0].strip().lower(),
                ":now": _stamp(uploaded_at),
            },
        )
        return refused is None

    def discard_object(self, file_id: str) -> None:
        """Delete an object that no item waits for, and that could never be reached."""
        self._s3.delete_object(Bucket=self._bucket, Key=file_id)

    def store(self, file_id: str, now: datetime) -> bool:
        """Keep a file from expiring; give whether it is stored, now or before."""
        refused = self._update(
            file_id,
            "SET stored_at = if_not_exists(stored_at, :now)",
            "attribute_exists(uploaded_at) AND attribute_not_exists(deleted_at)",
            values={":now": _stamp(now)},
        )
        if refused is None:
            return True
        # The object may have arrived before its event: then the item is completed here.
        is_waiting = bool(refused) and "deleted_at" not in refused
        return is_waiting and self.complete(file_id, now, store=True)

    def find(self, ids: list[str]) -> list[Item]:
        """Read the items of the ids that exist, in the order of the ids, however many they are."""
        found = {}
        for start in range(0, len(ids), _BATCH):
            for item in self._read_batch(ids[start : start + _BATCH]):
                found[item["id"]] = item
        return [found[file_id] for file_id in ids if file_id in found]

    def delete(self, file_id: str, now: datetime) -> bool:
        """Delete the object and mark the item; give whether the file is deleted, now or before."""
        refused = self._mark_deleted(
            file_id, now, "attribute_exists(id) AND (" + _DELETION_UNFINISHED + ")"
        )
        if refused is not None:
            return "deleted_at" in refused
        self._finish_deletion(file_id)
        return True

    def revert(self, file_id: str, now: datetime) -> None:
        """Remove an upload as if it had never been.

        Raises:
            KeyError: there is no such upload.
            StoredError: it is stored.
        """
        refused = self._mark_deleted(
            file_id,
            now,
            "attribute_exists(id) AND attribute_not_exists(stored_at)"
            " AND (" + _DELETION_UNFINISHED + ")",
        )
        if refused is not None:
            raise StoredError if "stored_at" in refused else KeyError(file_id)
        self.discard_object(file_id)
        self._table.delete_item(Key={"id": file_id})

    def expired(self, limit: datetime) -> Iterator[Item]:
        """Find what was uploaded before ``limit`` and is not stored, and unfinished deletions."""
        scan = {
            "FilterExpression": (
                "attribute_exists(object_remains) OR (uploaded_at < :limit"
                " AND attribute_not_exists(stored_at) AND attribute_not_exists(deleted_at))"
            ),
            "ExpressionAttributeValues": {":limit": _stamp(limit)},
            "ProjectionExpression": "id, object_remains",
        }
        page = self._table.scan(**scan)
        yield from page["Items"]
        while "LastEvaluatedKey" in page:
            page = self._table.scan(**scan, ExclusiveStartKey=page["LastEvaluatedKey"])
            yield from page["Items"]

    def expire(self, item: Item, now: datetime) -> bool:
        """Delete what ``expired`` has found; give ``False`` if it was stored meanwhile."""
        if "object_remains" not in item:
            condition = "attribute_exists(id) AND attribute_not_exists(stored_at)"
            if self._mark_deleted(item["id"], now, condition) is not None:
                return False
        self._finish_deletion(item["id"])
        return True

    def _head(self, file_id: str) -> Item | None:
        try:
            head: Item = self._s3.head_object(Bucket=self._bucket, Key=file_id)
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return None
            raise
        return head

    def _mark_deleted(self, file_id: str, now: datetime, condition: str) -> Item | None:
        change = "SET deleted_at = if_not_exists(deleted_at, :now), object_remains = :true"
        values = {":now": _stamp(now), ":true": True}
        return self._update(file_id, change, condition, values=values)

    def _finish_deletion(self, file_id: str) -> None:
        self.discard_object(file_id)
        self._update(file_id, "REMOVE object_remains", "attribute_exists(deleted_at)")

    def _update(
        self,
        file_id: str,
        change: str,
        condition: str,
        *,
        values: Item | None = None,
        names: dict[str, str] | None = None,
    ) -> Item | None:
        """Update an item on a condition; give ``None``, or the item that did not meet it."""
        placeholders = {"ExpressionAttributeValues": values, "ExpressionAttributeNames": names}
        try:
            self._table.update_item(
                Key={"id": file_id},
                UpdateExpression=change,
                ConditionExpression=condition,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **{name: value for name, value in placeholders.items() if value is not None},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            old: Item = error.response.get("Item", {})
            return old
        return None

    def _read_batch(self, ids: list[str]) -> Iterator[Item]:
        wanted = {self._table.name: {"Keys": [{"id": file_id} for file_id in ids]}}
        pause = _FIRST_PAUSE_SECONDS
        while wanted:
            answer = self._dynamodb.batch_get_item(RequestItems=wanted)
            yield from answer["Responses"].get(self._table.name, [])
            wanted = answer.get("UnprocessedKeys")
            if wanted:
                time.sleep(pause)
                pause *= 2


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
