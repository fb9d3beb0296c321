"""S3: requests are authenticated, routed, answered; errors are S3's XML.

    read ─► preflight? ─► authenticate ─► operation ─► CORS headers ─► answer

What is not here (ACLs, policies, tagging, versioning, POST policies …) is refused by name.
https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
"""

from __future__ import annotations

import logging
import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from emulator.errors import ServiceError
from emulator.s3 import cors
from emulator.s3.answer import XML, Answer, xml
from emulator.s3.authentication import Authentication
from emulator.s3.errors import not_implemented, render, s3_error
from emulator.s3.events import Recorder
from emulator.s3.files import ObjectFiles
from emulator.s3.listing import delete_objects, list_objects
from emulator.s3.metadata import Metadata
from emulator.s3.multipart import MultipartUploads
from emulator.s3.objects import Objects
from emulator.s3.request import read_request
from emulator.s3.xml import element, result

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
_BUCKET_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_SUBRESOURCES = frozenset(
    """
    accelerate acl analytics cors encryption intelligent-tiering inventory legal-hold
    lifecycle logging metrics notification object-lock ownershipControls policy policyStatus
    publicAccessBlock replication requestPayment restore retention select tagging torrent
    versionId versioning versions website attributes
    """.split()  # noqa: SIM905 -- a list of words reads best as one
)


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
        self._region = region
        self._account_id = account_id
        self._authentication = Authentication(credentials, clock) if verify_signatures else None
        self._files = ObjectFiles(directory)
        self._metadata = Metadata(directory / "metadata.sqlite3")
        self._objects = Objects(self._metadata, self._files, Recorder(outbox, clock, region), clock)
        self._uploads = MultipartUploads(self._metadata, self._files, self._objects, clock)

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
        if self._authentication is not None:
            self._authentication.authenticate(request)
        _refuse_subresources(request)
        if not request.bucket:
            return self._service(request)
        creates = request.method == "PUT" and not request.key
        if not creates and not self._metadata.has_bucket(request.bucket):
            raise s3_error("NoSuchBucket", BucketName=request.bucket)
        if request.key:
            return self._object(request, ids)
        return self._bucket(request, ids)

    def _preflight(self, request: S3Request) -> Answer:
        there = self._metadata.has_bucket(request.bucket)
        rules = self._rules.get(request.bucket, ()) if there else None
        return Answer(headers=cors.preflight(rules, request))

    def _service(self, request: S3Request) -> Answer:
        if request.method != "GET":
            raise s3_error("MethodNotAllowed")
        buckets = [
            element(
                "Bucket",
                element("Name", name),
                element("CreationDate", f"{created:%Y-%m-%dT%H:%M:%S.000Z}"),
            )
            for name, created in self._metadata.buckets()
        ]
        owner = element("Owner", element("ID", self._account_id))
        listed = element("Buckets", *buckets)
        return xml(result("ListAllMyBucketsResult", owner, listed))

    def _bucket(  # noqa: PLR0911 -- a table of operations
        self, request: S3Request, ids: tuple[str, str]
    ) -> Answer:
        if request.method == "GET" and request.has("location"):
            place = "" if self._region == "us-east-1" else self._region
            return xml(result("LocationConstraint", place.encode()))
        if request.method == "GET" and request.has("uploads"):
            return self._uploads.list_uploads(request)
        if request.method == "GET":
            return list_objects(self._metadata, request)
        if request.method == "HEAD":
            return Answer(headers=(("x-amz-bucket-region", self._region), *XML))
        if request.method == "POST" and request.has("delete"):
            return delete_objects(self._objects, request, ids)
        if request.method == "PUT":
            return self._create_bucket(request)
        if request.method == "DELETE":
            return self._delete_bucket(request)
        raise not_implemented("POST")

    def _create_bucket(self, request: S3Request) -> Answer:
        if not _BUCKET_NAME.fullmatch(request.bucket):
            raise s3_error("InvalidBucketName", BucketName=request.bucket)
        created = self._metadata.create_bucket(request.bucket, self._clock.now())
        # Making one's own bucket again is an error everywhere but in us-east-1.
        if not created and self._region != "us-east-1":
            raise s3_error("BucketAlreadyOwnedByYou", BucketName=request.bucket)
        return Answer(headers=(("Location", f"/{request.bucket}"),))

    def _delete_bucket(self, request: S3Request) -> Answer:
        if self._metadata.page(request.bucket, after="", prefix="", limit=1):
            raise s3_error("BucketNotEmpty", BucketName=request.bucket)
        self._metadata.delete_bucket(request.bucket)
        return Answer(status=204)

    def _object(self, request: S3Request, ids: tuple[str, str]) -> Answer:
        if request.has("uploadId"):
            return self._part(request, ids)
        if request.method in {"GET", "HEAD"}:
            return self._objects.get(request)
        if request.method == "DELETE":
            self._objects.delete(request.bucket, request.key, ids)
            return Answer(status=204)
        if request.method == "PUT" and "x-amz-copy-source" in request.headers:
            return self._objects.copy(request, ids)
        if request.method == "PUT":
            return self._objects.put(request, ids)
        if request.method == "POST" and request.has("uploads"):
            return self._uploads.create(request)
        raise s3_error("MethodNotAllowed", Method=request.method, ResourceType="OBJECT")

    def _part(self, request: S3Request, ids: tuple[str, str]) -> Answer:
        if request.method == "PUT" and "x-amz-copy-source" in request.headers:
            return self._uploads.copy_part(request)
        if request.method == "PUT":
            return self._uploads.put_part(request)
        if request.method == "POST":
            return self._uploads.complete(request, ids)
        if request.method == "DELETE":
            return self._uploads.abort(request)
        return self._uploads.list_parts(request)


def _refuse_subresources(request: S3Request) -> None:
    for name, _ in request.query:
        if name in _SUBRESOURCES:
            raise not_implemented(f"?{name}")


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
