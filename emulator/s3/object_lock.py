"""The operations on object lock: a bucket's configuration, a version's retention and legal hold.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.locks import (
    GOVERNANCE,
    HOLD,
    HOLDS,
    MODE,
    MODES,
    OBJECT_LOCK,
    UNTIL,
    check_future,
    is_retained,
    protected,
    read_date,
    write_date,
)
from emulator.s3.numbers import read_whole
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.storage.store import ENABLED
from emulator.s3.xml import element, parse, result, write_node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree import ElementTree as ET

    from emulator.application import ObjectLock as Locks
    from emulator.clock import Clock
    from emulator.s3.request import S3Request
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.stored import StoredObject

_CONFIGURATION = "ObjectLockConfiguration"
_ENABLED = result(_CONFIGURATION, element("ObjectLockEnabled", "Enabled")).decode()
_BYPASS = "x-amz-bypass-governance-retention"
_LONGEST = {"Days": 36_500, "Years": 100}


class ObjectLock:
    """Locks on versions, and the configuration without which a bucket has none."""

    def __init__(self, store: ObjectStore, clock: Clock) -> None:
        self._store = store
        self._metadata = store.metadata
        self._clock = clock

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket, thing = Resource.BUCKET, Resource.OBJECT
        return {
            (bucket, "GET", OBJECT_LOCK): Operation("GetObjectLockConfiguration", self.get),
            (bucket, "PUT", OBJECT_LOCK): Operation("PutObjectLockConfiguration", self.put),
            (thing, "GET", "retention"): Operation("GetObjectRetention", self.retention),
            (thing, "PUT", "retention"): Operation("PutObjectRetention", self.retain),
            (thing, "GET", "legal-hold"): Operation("GetObjectLegalHold", self.legal_hold),
            (thing, "PUT", "legal-hold"): Operation("PutObjectLegalHold", self.hold),
        }

    def get(self, call: Call) -> Answer:
        """``GetObjectLockConfiguration``."""
        bucket = call.request.bucket
        document = self._metadata.configuration(bucket, OBJECT_LOCK)
        if document is None:
            raise s3_error(
                "ObjectLockConfigurationNotFoundError",
                "Object Lock configuration does not exist for this bucket",
                status=404,
                BucketName=bucket,
            )
        return xml(document.encode())

    def put(self, call: Call) -> Answer:
        """``PutObjectLockConfiguration``; once there, it stays, and so does versioning."""
        bucket = call.request.bucket
        if self._store.versioning(bucket) != ENABLED:
            raise s3_error(
                "InvalidBucketState",
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
                status=409,
            )
        root = _document(call.request, _CONFIGURATION)
        _check_configuration(root)
        kept = result(root.tag, *map(write_node, root))
        self._metadata.configure(bucket, OBJECT_LOCK, kept.decode())
        return Answer()

    def retention(self, call: Call) -> Answer:
        """``GetObjectRetention``."""
        headers = self._find(call).headers
        if MODE not in headers:
            raise _without_lock()
        mode, until = element("Mode", headers[MODE]), element("RetainUntilDate", headers[UNTIL])
        return xml(result("Retention", mode, until))

    def retain(self, call: Call) -> Answer:
        """``PutObjectRetention``; only governance is shortened or lifted, by bypass."""
        root = _document(call.request, "Retention")
        wanted = _retention(root)
        if wanted:
            check_future(wanted[UNTIL], self._clock.now(), "RetainUntilDate")
        bypass = bypasses_governance(call.request)

        def change(headers: dict[str, str]) -> dict[str, str]:
            bypassed = bypass and headers.get(MODE) == GOVERNANCE
            held = is_retained(headers, self._clock.now()) and not bypassed
            if held and _loosens(headers, wanted):
                raise protected()
            rest = {name: text for name, text in headers.items() if name not in {MODE, UNTIL}}
            return rest | wanted

        return self._change(call, change)

    def legal_hold(self, call: Call) -> Answer:
        """``GetObjectLegalHold``."""
        status = self._find(call).headers.get(HOLD)
        if status is None:
            raise _without_lock()
        return xml(result("LegalHold", element("Status", status)))

    def hold(self, call: Call) -> Answer:
        """``PutObjectLegalHold``."""
        status = _document(call.request, "LegalHold").findtext("Status")
        if status not in HOLDS:
            raise s3_error("MalformedXML")
        return self._change(call, lambda headers: {**headers, HOLD: str(status)})

    def _find(self, call: Call) -> StoredObject:
        request = call.request
        check_lockable(self._store, request.bucket)
        version_id = request.parameter("versionId")
        return self._store.find(request.bucket, request.key, version_id, method=request.method)

    def _change(self, call: Call, change: Callable[[dict[str, str]], dict[str, str]]) -> Answer:
        with self._store.alone(call.request.bucket, call.request.key):
            stored = self._find(call)
            self._metadata.describe(stored, json.dumps(change(stored.headers)))
        return Answer(headers=(("x-amz-version-id", stored.version_id),))


def write_object_lock(lock: Locks) -> str:
    """Write what the template says about a bucket's locks as it is kept.

    Raises:
        ServiceError: as S3 refuses it.
    """
    given = {"Mode": lock.mode, "Days": lock.days, "Years": lock.years}
    default = [element(name, value) for name, value in given.items() if value is not None]
    rule = [element("Rule", element("DefaultRetention", *default))] if default else []
    enabled = element("ObjectLockEnabled", "Enabled")
    text = result(_CONFIGURATION, enabled, *rule)
    root = parse(text)
    if root is not None:
        _check_configuration(root)
    return text.decode()


def enable_locks(store: ObjectStore, bucket: str) -> None:
    """Make a new bucket one whose versions can be locked."""
    store.metadata.configure(bucket, "versioning", ENABLED)
    store.metadata.configure(bucket, OBJECT_LOCK, _ENABLED)


def check_lockable(store: ObjectStore, bucket: str) -> None:
    """Refuse locks where a bucket does not have them.

    Raises:
        ServiceError: ``InvalidRequest``.
    """
    if store.metadata.configuration(bucket, OBJECT_LOCK) is None:
        raise s3_error("InvalidRequest", "Bucket is missing Object Lock Configuration")


def check_locks(store: ObjectStore, bucket: str, headers: dict[str, str], clock: Clock) -> None:
    """Check the locks that an upload asks for against its bucket and the time.

    Raises:
        ServiceError: the bucket has no locks, or the retention has ended.
    """
    check_lockable(store, bucket)
    if UNTIL in headers:
        check_future(headers[UNTIL], clock.now())


def require_digest(headers: Mapping[str, str], what: str) -> None:
    """Refuse what must not be altered on its way and has nothing to be compared with.

    Raises:
        ServiceError: ``InvalidRequest``.
    """
    sent = "content-md5" in headers or "x-amz-trailer" in headers
    if not sent and not any(name.startswith("x-amz-checksum-") for name in headers):
        message = f"Content-MD5 OR x-amz-checksum- HTTP header is required for {what}"
        raise s3_error("InvalidRequest", message)


def bypasses_governance(request: S3Request) -> bool:
    """Tell whether a request may go past locks in governance mode."""
    return request.headers.get(_BYPASS, "").lower() == "true"


def _document(request: S3Request, root_name: str) -> ET.Element:
    document = read_document(request)
    if not document and root_name == _CONFIGURATION:
        raise s3_error("MissingRequestBodyError", "Request Body is empty")
    root = parse(document)
    if root is None or root.tag != root_name:
        raise s3_error("MalformedXML")
    return root


def _check_configuration(root: ET.Element) -> None:
    if root.findtext("ObjectLockEnabled") != "Enabled":
        raise s3_error("MalformedXML")
    rule, default = root.find("Rule"), root.find("Rule/DefaultRetention")
    if rule is None:
        return
    if default is None or default.findtext("Mode") not in MODES:
        raise s3_error("MalformedXML")
    periods = [(node.tag, node.text or "") for node in default if node.tag in _LONGEST]
    if len(periods) != 1 or read_whole(periods[0][1].removeprefix("-")) is None:
        raise s3_error("MalformedXML")
    unit, text = periods[0]
    if not (period := read_whole(text)):
        message = "Default retention period must be a positive integer value."
        raise s3_error("InvalidArgument", message)
    if period > _LONGEST[unit]:
        message = f"Default retention period must be at most {_LONGEST[unit]} {unit.lower()}."
        raise s3_error("InvalidArgument", message)


def _retention(root: ET.Element) -> dict[str, str]:
    """Read a ``Retention``; an empty one lifts what there is."""
    mode, until = root.findtext("Mode"), root.findtext("RetainUntilDate")
    if mode is None and until is None:
        return {}
    date = read_date(until or "")
    if mode not in MODES or date is None:
        raise s3_error("MalformedXML")
    return {MODE: str(mode), UNTIL: write_date(date)}


def _loosens(headers: dict[str, str], wanted: dict[str, str]) -> bool:
    """Tell whether a retention would be shorter, or of another mode."""
    if not wanted or wanted[MODE] != headers[MODE]:
        return True
    return wanted[UNTIL] < headers[UNTIL]  # both in UTC and in one format: they sort as texts


def _without_lock() -> Exception:
    return s3_error(
        "NoSuchObjectLockConfiguration",
        "The specified object does not have a ObjectLock configuration",
        status=404,
    )
