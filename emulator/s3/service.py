"""S3: requests are authenticated, routed, answered; errors are S3's XML.

    read ─► preflight? ─► authenticate ─► find the operation ─► answer it ─► CORS headers

What the table of operations does not have is refused by name.
https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
"""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from emulator.credentials import OUTSIDE_KEY
from emulator.errors import ServiceError
from emulator.s3 import cors
from emulator.s3.answer import XML, Answer
from emulator.s3.authentication import Authentication
from emulator.s3.buckets import Buckets
from emulator.s3.errors import render, s3_error
from emulator.s3.events import Recorder
from emulator.s3.files import ObjectFiles
from emulator.s3.keyring import Keyring
from emulator.s3.listing import Listing
from emulator.s3.metadata import Metadata
from emulator.s3.multipart import MultipartUploads
from emulator.s3.objects import Objects
from emulator.s3.operations import Call, Operations, find_operation
from emulator.s3.request import read_request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse

    from emulator.application import Bucket, Pairs
    from emulator.clock import Clock
    from emulator.credentials import CredentialStore
    from emulator.outbox import Outbox
    from emulator.s3.request import S3Request

_log = logging.getLogger(__name__)
_WITHOUT_BUCKET = frozenset({"ListBuckets", "CreateBucket"})


class S3Service:
    """The buckets of an application, as a WSGI application.

    Args:
        directory: objects and their metadata; survives the process.
        verify_signatures: ``False`` lets everybody do everything.
    """

    def __init__(
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
    ) -> None:
        self._buckets = buckets
        self._rules = {bucket.name: bucket.cors_rules for bucket in buckets}
        self._clock = clock
        keyring = Keyring(credentials, clock)
        self._authentication = Authentication(keyring) if verify_signatures else None
        self._files = ObjectFiles(directory)
        self._metadata = Metadata(directory / "metadata.sqlite3")
        objects = Objects(self._metadata, self._files, Recorder(outbox, clock, region), clock)
        self._operations: Operations = {
            **Buckets(self._metadata, clock, region=region, account_id=account_id).operations(),
            **objects.operations(),
            **Listing(self._metadata, objects).operations(),
            **MultipartUploads(self._metadata, self._files, objects, clock).operations(),
        }

    def start(self) -> None:
        """Recover from a crash, and make the template's buckets where they are missing."""
        self._recover()
        for bucket in self._buckets:
            self._metadata.create_bucket(bucket.name, self._clock.now())

    def stop(self) -> None:
        """Close the store; twice does no harm."""
        self._metadata.close()

    def reset(self) -> None:
        """Empty the template's buckets, and forget all others."""
        kept = {bucket.name for bucket in self._buckets}
        for name, _ in self._metadata.buckets():
            for file in self._metadata.empty_bucket(name):
                self._files.remove(file)
            if name not in kept:
                self._metadata.delete_bucket(name)

    def _recover(self) -> None:
        unfinished = self._files.clear_incoming()
        present, known = set(self._files.names()), set(self._metadata.files())
        for orphan in present - known:
            self._files.remove(orphan)
        lost = [line for file in known - present for line in self._metadata.forget_file(file)]
        if unfinished or present - known:
            _log.info("S3: removed %d unfinished uploads", unfinished + len(present - known))
        for line in lost:
            _log.warning("S3: the file of %s is gone; the object is forgotten", line)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        ids = (secrets.token_hex(8).upper(), secrets.token_urlsafe(56))
        added: Pairs = ()
        try:
            request = read_request(environ)
            added = cors.actual_headers(self._rules.get(request.bucket, ()), request)
            answer = self._answer(request, ids)
            added = () if request.method == "OPTIONS" else added
        except ServiceError as error:
            answer = Answer(status=error.status, headers=XML, body=render(error, *ids))
            if error.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                size = dict(error.members).get("ActualObjectSize", "*")
                answer = Answer(
                    status=error.status,
                    headers=(*XML, ("Content-Range", f"bytes */{size}")),
                    body=answer.body,
                )
        return _respond(answer, added, ids, environ, start_response)

    def _answer(self, request: S3Request, ids: tuple[str, str]) -> Answer:
        if request.method == "OPTIONS":
            return self._preflight(request)
        access_key = self._access_key(request)
        operation = find_operation(self._operations, request)
        if access_key is None:
            raise s3_error("AccessDenied")
        there = operation.name in _WITHOUT_BUCKET or self._metadata.has_bucket(request.bucket)
        if not there:
            raise s3_error("NoSuchBucket", BucketName=request.bucket)
        return operation.answer(Call(request=request, ids=ids, access_key=access_key))

    def _access_key(self, request: S3Request) -> str | None:
        """Tell whose key has signed; without verification everybody is the account itself."""
        if self._authentication is None:
            return OUTSIDE_KEY
        try:
            return self._authentication.authenticate(request)
        except ServiceError as error:
            _log.warning(
                "S3 refuses %s %s: %s: %s", request.method, request.raw_path, error.code, error
            )
            raise

    def _preflight(self, request: S3Request) -> Answer:
        there = self._metadata.has_bucket(request.bucket)
        rules = self._rules.get(request.bucket, ()) if there else None
        return Answer(headers=cors.preflight(rules, request))


def _respond(
    answer: Answer,
    added: Pairs,
    ids: tuple[str, str],
    environ: dict[str, Any],
    start_response: StartResponse,
) -> Iterable[bytes]:
    length = answer.length if answer.file is not None else len(answer.body)
    bodiless = answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    headers = [("x-amz-request-id", ids[0]), ("x-amz-id-2", ids[1]), ("Server", "AmazonS3")]
    headers += [*answer.headers, *added]
    headers += [] if bodiless else [("Content-Length", str(length))]
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
    if answer.file is None:
        return [answer.body]
    if "wsgi.file_wrapper" in environ:
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](answer.file)
        return wrapped
    with answer.file:
        return [answer.file.read(length)]
