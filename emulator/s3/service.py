"""S3: requests are authenticated, routed, answered; errors are S3's XML.

    read ─► preflight? ─► authenticate ─► find the operation ─► answer it ─► CORS headers

What the table of operations does not have is refused by name.
https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from emulator.credentials import OUTSIDE_KEY
from emulator.errors import ServiceError
from emulator.identifiers import new_hex, new_token
from emulator.s3 import cors
from emulator.s3.access.acls import AccessControlLists
from emulator.s3.access.bucket_creation import with_access
from emulator.s3.access.bucket_policies import BucketPolicies
from emulator.s3.access.decision import Access
from emulator.s3.access.public_access import PublicAccess
from emulator.s3.answer import XML, Answer
from emulator.s3.archive import Restorations
from emulator.s3.authentication.keyring import Keyring
from emulator.s3.authentication.requests import Authentication
from emulator.s3.buckets import Buckets
from emulator.s3.configurations.cors import CorsConfigurations
from emulator.s3.configurations.notifications import (
    NOTIFICATION,
    NoDestinations,
    NotificationConfiguration,
    NotificationConfigurations,
)
from emulator.s3.configurations.numbered import NumberedConfigurations
from emulator.s3.configurations.single import Configurations
from emulator.s3.configurations.template_buckets import settings_of
from emulator.s3.configurations.template_settings import TemplateSettings
from emulator.s3.copies import Copies
from emulator.s3.deletions import Deletions
from emulator.s3.drop.folder import DropFolder
from emulator.s3.errors import S3Error, render, s3_error
from emulator.s3.events import Recorder
from emulator.s3.listing import Listing
from emulator.s3.multipart.part_listing import PartListing
from emulator.s3.multipart.uploads import MultipartUploads
from emulator.s3.object_lock import ObjectLock
from emulator.s3.objects import Objects
from emulator.s3.operations import Call, find_operation
from emulator.s3.post.post_object import POST_OBJECT, PostObject
from emulator.s3.request import read_request
from emulator.s3.storage.database import Database
from emulator.s3.storage.files import ObjectFiles
from emulator.s3.storage.full_disk import full_disk_reported
from emulator.s3.storage.metadata import Metadata
from emulator.s3.storage.store import VERSIONING, ObjectStore
from emulator.s3.storage.uploads import Uploads
from emulator.s3.tagging import Tagging
from emulator.s3.upload_headers import UploadHeaders
from emulator.tracing.requests import REFUSAL
from emulator.tracing.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from wsgiref.types import StartResponse

    from emulator.application import Bucket, Pairs
    from emulator.clock import Clock
    from emulator.credentials import CredentialStore
    from emulator.outbox import Outbox
    from emulator.s3.configurations.notifications import Destinations
    from emulator.s3.request import S3Request

_log = logging.getLogger(__name__)
_NOWHERE = NoDestinations()
_WITHOUT_BUCKET = frozenset({"ListBuckets", "CreateBucket"})
# What these ask for, and in part who sends it, is in their bodies.
_CHECKED_LATER = frozenset({POST_OBJECT, "DeleteObjects"})
_RESET_AT_ONCE = 1000
_NAMED_AT_MOST = 10
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class S3Service:
    """The buckets of an application, as a WSGI application.

    Args:
        directory: objects and their metadata; survives the process.
        verify_signatures: ``False`` lets everybody do everything.
        durable: an acknowledged write survives the power cut too.
        drop_directory: what is saved there is uploaded; ``None`` is no such folder.
        destinations: who may be told of events.
        trace: where events are noted; refusals are for the listener to note.
    """

    def __init__(  # noqa: PLR0913 -- what a service is made of
        self,
        *,
        buckets: tuple[Bucket, ...],
        directory: Path,
        clock: Clock,
        credentials: CredentialStore,
        outbox: Outbox,
        region: str,
        account_id: str,
        verify_signatures: bool = True,
        durable: bool = False,
        drop_directory: Path | None = None,
        destinations: Destinations = _NOWHERE,
        trace: Trace | None = None,
    ) -> None:
        self._buckets = buckets
        self._clock = clock
        keyring = Keyring(credentials, clock)
        self._authentication = Authentication(keyring) if verify_signatures else None
        self._files = ObjectFiles(directory / "objects", durable=durable)
        self._database = Database(directory / "metadata.sqlite3", durable=durable)
        self._metadata = Metadata(self._database)
        self._uploads = Uploads(self._database)
        self._cors = CorsConfigurations(self._metadata)
        self._settings = TemplateSettings(self._metadata)
        self._notifications = NotificationConfigurations(self._metadata, clock, destinations)
        public_access = PublicAccess(self._metadata)
        policies = BucketPolicies(self._metadata, public_access)
        recorder = Recorder(outbox, clock, region, self._listened, trace or Trace(clock))
        store = ObjectStore(self._metadata, self._files, recorder, clock)
        self._drop = DropFolder(drop_directory, store) if drop_directory else None
        lists = AccessControlLists(store, public_access)
        self._access = Access(
            self._metadata, policies, lists, public_access, clock=clock, account_id=account_id
        )
        headers = UploadHeaders(store, clock, region=region, account_id=account_id)
        operations = {
            **Buckets(store, self._uploads, clock, region=region).operations(),
            **Configurations(self._metadata).operations(),
            **NumberedConfigurations(self._metadata).operations(),
            **self._cors.operations(),
            **self._notifications.operations(),
            **public_access.operations(),
            **policies.operations(),
            **lists.operations(),
            **ObjectLock(store, clock).operations(),
            **Objects(store, headers).operations(),
            **Copies(store, clock, headers).operations(),
            **Tagging(store).operations(),
            **Restorations(store).operations(),
            **Listing(self._metadata).operations(),
            **Deletions(store, self._access).operations(),
            **MultipartUploads(store, self._uploads, clock, headers).operations(),
            **PartListing(store, self._uploads).operations(),
        }
        keys = keyring if verify_signatures else None
        post = PostObject(store, keys, self._access.check, clock, headers)
        operations |= post.operations()
        self._operations = with_access(operations, self._metadata)

    def _listened(self, bucket: str) -> bool:
        return self._metadata.configuration(bucket, NOTIFICATION) is not None

    def start(self) -> None:
        """Recover from a crash, and make the template's buckets where they are missing."""
        self._recover()
        self.apply(self._buckets)
        if self._drop is not None:
            self._drop.start(bucket.name for bucket in self._buckets)

    def apply(self, buckets: tuple[Bucket, ...]) -> None:
        """Make the template's buckets where they are missing, and set what has changed in it."""
        self._buckets = buckets
        for bucket in buckets:
            self._metadata.create_bucket(bucket.name, self._clock.now())
            self._settings.apply(bucket.name, settings_of(bucket))
            if bucket.versioning:
                self._metadata.configure(bucket.name, VERSIONING, "Enabled")
        if self._drop is not None:
            self._drop.add(bucket.name for bucket in buckets)

    def stop(self) -> None:
        """Close the store; twice does no harm."""
        if self._drop is not None:
            self._drop.stop()
        self._database.close()

    def listeners(self, bucket: str) -> NotificationConfiguration:
        """Tell who hears of what happens in a bucket."""
        return self._notifications.of_bucket(bucket)

    def reset(self) -> None:
        """Empty the template's buckets, and forget all others."""
        kept = {bucket.name for bucket in self._buckets}
        for name, _ in self._metadata.buckets():
            for upload_id in self._uploads.ids(name):
                self._files.remove(self._uploads.end(upload_id))
            while files := self._metadata.take_files(name, _RESET_AT_ONCE):
                self._files.remove(files)
            if name not in kept:
                self._metadata.delete_bucket(name)
        for bucket in self._buckets:
            self._settings.restore(bucket.name, settings_of(bucket))

    def _recover(self) -> None:
        orphans, lost = self._database.reconcile(self._files.names())
        self._files.remove(orphans)
        forgotten = [name for file in lost for name in self._metadata.forget_file(file)]
        if orphans or forgotten:
            _log.warning(
                "S3 recovered from a crash: removed %d files of unfinished writes; forgot %d"
                " objects whose files are gone%s",
                *(len(orphans), len(forgotten)),
                f": {', '.join(forgotten[:_NAMED_AT_MOST])}" if forgotten else "",
            )

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        ids = (new_hex(8).upper(), new_token(56))
        added: Pairs = ()
        try:
            request = read_request(environ)
            added = cors.actual_headers(self._cors.rules(request.bucket), request)
            with full_disk_reported():
                answer = self._answer(request, ids)
            added = () if request.method == "OPTIONS" else added
        except ServiceError as error:
            environ[REFUSAL] = f"{error.code}: {error}"
            if error.status == HTTPStatus.FORBIDDEN or error.code.startswith("Authorization"):
                path = environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0]
                method = environ["REQUEST_METHOD"]
                _log.warning("S3 refuses %s %s: %s: %s", method, path, error.code, error)
            own = error.headers if isinstance(error, S3Error) else ()
            answer = Answer(status=error.status, headers=(*XML, *own), body=render(error, *ids))
        return _respond(answer, added, ids, environ, start_response)

    def _answer(self, request: S3Request, ids: tuple[str, str]) -> Answer:
        if request.method == "OPTIONS":
            return self._preflight(request)
        access_key = self._access_key(request)
        if request.query:
            request = request.with_signed_parameters()
        operation = find_operation(self._operations, request)
        there = operation.name in _WITHOUT_BUCKET or self._metadata.has_bucket(request.bucket)
        if not there:
            raise s3_error("NoSuchBucket", BucketName=request.bucket)
        call = Call(request=request, ids=ids, access_key=access_key)
        if operation.name not in _CHECKED_LATER:
            self._access.check(call, operation.name)
        return operation.answer(call)

    def _access_key(self, request: S3Request) -> str | None:
        """Tell whose key has signed; without verification everybody is the account itself."""
        if self._authentication is None:
            return OUTSIDE_KEY
        return self._authentication.authenticate(request)

    def _preflight(self, request: S3Request) -> Answer:
        there = self._metadata.has_bucket(request.bucket)
        rules = self._cors.rules(request.bucket) if there else None
        return Answer(headers=cors.preflight(rules, request))


def _respond(
    answer: Answer,
    added: Pairs,
    ids: tuple[str, str],
    environ: dict[str, Any],
    start_response: StartResponse,
) -> Iterable[bytes]:
    length = answer.length or len(answer.body)
    bodiless = answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    headers = [("x-amz-request-id", ids[0]), ("x-amz-id-2", ids[1]), ("Server", "AmazonS3")]
    headers += [*answer.headers, *added]
    headers += [] if bodiless else [("Content-Length", str(length))]
    start_response(_STATUS_LINES[answer.status], headers)
    if answer.pieces is not None:
        return _Pieces(*answer.pieces)
    if answer.file is not None:
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](answer.file)
        return wrapped
    return [answer.body]


class _Pieces:
    """A body of which the first piece was read already; a server closes it at its end."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._first = first
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        yield self._first
        yield from self._rest

    def close(self) -> None:
        """Let go of the files."""
        close = getattr(self._rest, "close", None)
        if close is not None:
            close()
