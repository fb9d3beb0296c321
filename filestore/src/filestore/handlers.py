"""The Lambda handlers: one function each, over a ``FileModel`` that is made once an environment.

Logs bear ids, never names or URLs.
"""

from __future__ import annotations

import functools
import logging
import os
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config

from filestore.gateway import (
    Event,
    RefusedError,
    http_handler,
    is_asked,
    path_id,
    read_ids,
    read_name,
)
from filestore.model import FileModel, Item, StoredError

EXPIRES_AFTER = timedelta(hours=1)
_DETAILS = ("id", "name", "type", "size", "uploaded_at", "stored_at", "deleted_at")

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


@functools.cache
def _files() -> FileModel:
    # Version 4 signs for every region; without `virtual`, a bucket in a new region would be
    # addressed by the global endpoint, which redirects. A checksum in a presigned URL would have to
    # be the checksum of a content that nobody knows yet.
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual"},
        request_checksum_calculation="when_required",
    )
    return FileModel(
        boto3.resource("dynamodb"),
        boto3.client("s3", config=config),
        table=os.environ["FILES_TABLE"],
        bucket=os.environ["STORAGE_BUCKET"],
    )


@http_handler
def preprocess(event: Event) -> Item:
    """``POST /file``: announce a file, and tell where to upload it."""
    file_id = _files().announce(read_name(event), datetime.now(UTC))
    _log.info("announced", extra={"file_id": file_id})
    return {"id": file_id, "url": _files().upload_url(file_id, _url_seconds())}


@http_handler
def store(event: Event) -> list[str]:
    """``PUT /files``: keep files from expiring; answer with the ids that are stored."""
    if _stores_on_load():
        raise RefusedError(400, "Files are stored as soon as they are uploaded.")
    now = datetime.now(UTC)
    stored = [file_id for file_id in read_ids(event) if _files().store(file_id, now)]
    _log.info("stored", extra={"file_ids": stored})
    return stored


@http_handler
def info(event: Event) -> list[Item]:
    """``POST /files``: tell the details of stored files, and on request of the others."""
    deleted, nonstored = is_asked(event, "deleted"), is_asked(event, "nonstored")

    def is_wanted(item: Item) -> bool:
        if "deleted_at" in item:
            return deleted
        return nonstored or "stored_at" in item

    return [_details(item) for item in _files().find(read_ids(event)) if is_wanted(item)]


@http_handler
def delete(event: Event) -> list[str]:
    """``DELETE /files``: delete files; answer with the ids that are deleted."""
    now = datetime.now(UTC)
    deleted = [file_id for file_id in read_ids(event) if _files().delete(file_id, now)]
    _log.info("deleted", extra={"file_ids": deleted})
    return deleted


@http_handler
def revert(event: Event) -> Item:
    """``DELETE /file/{id}``: take back an upload that is not stored yet."""
    file_id = path_id(event)
    try:
        _files().revert(file_id, datetime.now(UTC))
    except StoredError as error:
        raise RefusedError(409, "The file is stored.") from error
    except KeyError as error:
        raise RefusedError(404, "There is no such upload.") from error
    _log.info("reverted", extra={"file_id": file_id})
    return {"id": file_id}


def uploaded(event: Event, _context: object) -> None:
    """``s3:ObjectCreated:*``: complete the items of the objects that have arrived.

    Raises:
        RuntimeError: some records failed; Lambda tries the event again, which does the others
            no harm.
    """
    failed = 0
    for record in event["Records"]:
        try:
            _complete(record)
        except Exception:  # noqa: BLE001 -- one record must not lose the others
            failed += 1
            _log.exception("a record failed")
    if failed:
        raise RuntimeError(f"{failed} of {len(event['Records'])} records failed")


def expire(_event: Event, _context: object) -> dict[str, list[str]]:
    """Delete what was uploaded an hour ago and is not stored; tell which files that were."""
    now = datetime.now(UTC)
    outcome: dict[str, list[str]] = {"expired": [], "failed": []}
    for item in _files().expired(now - EXPIRES_AFTER):
        try:
            if _files().expire(item, now):
                outcome["expired"].append(item["id"])
        except Exception:  # noqa: BLE001 -- the next run finishes it
            outcome["failed"].append(item["id"])
            _log.exception("could not be expired", extra={"file_id": item["id"]})
    _log.info("expired", extra=outcome)
    return outcome


def _complete(record: Event) -> None:
    file_id = unquote_plus(record["s3"]["object"]["key"])
    uploaded_at = datetime.fromisoformat(record["eventTime"])
    if _files().complete(file_id, uploaded_at, store=_stores_on_load()):
        _log.info("uploaded", extra={"file_id": file_id})
    else:
        _files().discard_object(file_id)
        _log.info("discarded: no item waits for it", extra={"file_id": file_id})


def _details(item: Item) -> Item:
    details: dict[str, Any] = {name: item.get(name) for name in _DETAILS}
    if details["size"] is not None:
        details["size"] = int(details["size"])  # DynamoDB's numbers are Decimals
    if "stored_at" in item and "deleted_at" not in item:
        details["url"] = _files().download_url(item, _url_seconds())
    return details


def _stores_on_load() -> bool:
    return os.environ.get("STORE_ON_LOAD") == "True"


def _url_seconds() -> int:
    # A Number of CloudFormation may be written 3600.0 or 3.6e3, and arrives as it was written.
    return int(float(os.environ.get("SIGNED_URL_EXPIRATION", "3600")))
