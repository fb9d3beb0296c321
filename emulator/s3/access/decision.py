"""Who may do what: policy, access control lists and the public access block, in S3's order.

    a denial of the policy    nobody may, not even the account (but it may mend the policy)
    the account               may do everything else
    the policy allows         anybody may, unless public policies are restricted
    a list grants             anybody may, unless public lists are ignored or there are none
    nothing of these          AccessDenied

https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from emulator.s3.access.grants import allows_anybody
from emulator.s3.access.policy import Asked, evaluate
from emulator.s3.access.tag_conditions import ask_for_tags, existing_tags, requested_tags
from emulator.s3.copies import named_source
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.clock import Clock
    from emulator.s3.access.acls import AccessControlLists
    from emulator.s3.access.bucket_policies import BucketPolicies
    from emulator.s3.access.policy import Statement
    from emulator.s3.access.public_access import PublicAccess
    from emulator.s3.operations import Call
    from emulator.s3.request import S3Request
    from emulator.s3.storage.metadata import Metadata
    from emulator.s3.storage.stored import StoredObject

# Actions whose names are not those of the operations.
_ACTIONS = {
    **dict.fromkeys(("GetObject", "HeadObject"), "GetObject"),
    **dict.fromkeys(
        (
            *("CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "PostObject"),
            *("PutObject", "UploadPart", "UploadPartCopy"),
        ),
        "PutObject",
    ),
    **dict.fromkeys(("HeadBucket", "ListObjects", "ListObjectsV2"), "ListBucket"),
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "GetBucketCors": "GetBucketCORS",
    **dict.fromkeys(("PutBucketCors", "DeleteBucketCors"), "PutBucketCORS"),
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    **dict.fromkeys(
        ("PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"), "PutLifecycleConfiguration"
    ),
    "GetBucketEncryption": "GetEncryptionConfiguration",
    **dict.fromkeys(
        ("PutBucketEncryption", "DeleteBucketEncryption"), "PutEncryptionConfiguration"
    ),
    "GetBucketReplication": "GetReplicationConfiguration",
    **dict.fromkeys(
        ("PutBucketReplication", "DeleteBucketReplication"), "PutReplicationConfiguration"
    ),
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    **dict.fromkeys(
        ("PutPublicAccessBlock", "DeletePublicAccessBlock"), "PutBucketPublicAccessBlock"
    ),
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "ListBuckets": "ListAllMyBuckets",
}
_OF_VERSIONS = frozenset(
    {
        *("GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectTagging"),
        *("DeleteObject", "DeleteObjectTagging", "PutObjectAcl", "PutObjectTagging"),
    }
)
# Whoever made the policy can mend it.
_ALWAYS_THE_ACCOUNTS = frozenset({"DeleteBucketPolicy", "GetBucketPolicy", "PutBucketPolicy"})
_EXPECTED_OWNERS = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")
_WITH_LISTS = frozenset({"CopyObject", "CreateMultipartUpload", "PostObject", "PutObject"})
_COPIES = frozenset({"CopyObject", "UploadPartCopy"})
_READS_OBJECT = {
    **dict.fromkeys(("GetObject", "GetObjectVersion"), "READ"),
    **dict.fromkeys(("GetObjectAcl", "GetObjectVersionAcl"), "READ_ACP"),
}
_ON_BUCKET = {
    "ListBucket": "READ",
    "ListBucketVersions": "READ",
    "ListBucketMultipartUploads": "READ",
    "PutObject": "WRITE",
    "DeleteObject": "WRITE",
    "GetBucketAcl": "READ_ACP",
    "PutBucketAcl": "WRITE_ACP",
}


class Access:
    """Decides about each request before it is answered."""

    def __init__(
        self,
        metadata: Metadata,
        policies: BucketPolicies,
        lists: AccessControlLists,
        public_access: PublicAccess,
        *,
        clock: Clock,
        account_id: str,
    ) -> None:
        self._metadata = metadata
        self._policies = policies
        self._lists = lists
        self._public_access = public_access
        self._clock = clock
        self._account_id = account_id

    def check(self, call: Call, operation: str) -> None:
        """Refuse what must not be done.

        Raises:
            ServiceError: ``AccessDenied``, or a list that the bucket does not take.
        """
        if not self._may(call, operation):
            raise s3_error("AccessDenied")
        if operation in _WITH_LISTS:
            self._lists.check_headers(call)

    def check_expected_owner(self, call: Call) -> None:
        """Refuse a request whose sender thinks that the bucket is somebody else's.

        Raises:
            ServiceError: ``AccessDenied``.
        """
        if not self._is_expected(call.request):
            raise s3_error("AccessDenied")

    def _may(self, call: Call, operation: str) -> bool:
        owner = call.access_key is not None
        if not call.request.bucket or not self._metadata.has_bucket(call.request.bucket):
            return owner
        if not self._is_expected(call.request):
            return False
        action = _action(call.request, operation)
        effect = self._policy_says(call, action, _path(call.request))
        if effect == "Deny":
            return owner and operation in _ALWAYS_THE_ACCOUNTS
        allowed = owner or self._allowed_by_policy(call, effect) or self._granted(call, action)
        if allowed and operation in _COPIES:
            return self._may(_reading_source(call), "GetObject")
        return allowed and (owner or not self._hides(call, action))

    def _is_expected(self, request: S3Request) -> bool:
        """Tell whether the buckets belong to whom the client thinks."""
        return all(
            request.headers.get(name, self._account_id) == self._account_id
            for name in _EXPECTED_OWNERS
        )

    def _policy_says(self, call: Call, action: str, path: str) -> str | None:
        statements = self._policies.statements(call.request.bucket)
        if not statements:
            return None
        asked = Asked(
            account_id=self._account_id if call.access_key is not None else None,
            action=f"s3:{action}",
            resource=f"arn:aws:s3:::{path}",
            context=self._context(call.request, statements),
        )
        return evaluate(statements, asked)

    def _allowed_by_policy(self, call: Call, effect: str | None) -> bool:
        bucket = call.request.bucket
        restricted = self._public_access.block(bucket).restrict_public_buckets
        return effect == "Allow" and not (restricted and self._policies.is_public(bucket))

    def _granted(self, call: Call, action: str) -> bool:
        request = call.request
        if self._public_access.block(request.bucket).ignore_public_acls:
            return False
        if action in _READS_OBJECT:
            stored = self._named(request)
            grants = self._lists.of_object(stored) if stored else ()
            return allows_anybody(grants, _READS_OBJECT[action])
        permission = _ON_BUCKET.get(action)
        grants = self._lists.of_bucket(request.bucket)
        return permission is not None and allows_anybody(grants, permission)

    def _hides(self, call: Call, action: str) -> bool:
        """Tell whether an object that is not there is kept secret, as from who may not list."""
        request = call.request
        if action != "GetObject" or self._metadata.find(request.bucket, request.key):
            return False
        effect = self._policy_says(call, "ListBucket", request.bucket)
        return not (self._allowed_by_policy(call, effect) or self._granted(call, "ListBucket"))

    def _named(self, request: S3Request) -> StoredObject | None:
        version_id = request.parameter("versionId")
        if version_id is None:
            return self._metadata.find(request.bucket, request.key)
        return self._metadata.find_version(request.bucket, request.key, version_id)

    def _context(self, request: S3Request, statements: Iterable[Statement]) -> dict[str, str]:
        now = self._clock.now()
        values = {
            "aws:currenttime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "aws:epochtime": str(int(now.timestamp())),
            # On AWS the same request would be HTTPS, which is not to be had on loopback.
            "aws:securetransport": "true",
            "s3:tlsversion": "1.3",
            "aws:sourceip": request.environ.get("REMOTE_ADDR", "127.0.0.1"),
            "s3:resourceaccount": self._account_id,
            **requested_tags(request.headers),
            **(existing_tags(self._named(request)) if ask_for_tags(statements) else {}),
        }
        named = {
            "aws:referer": request.headers.get("referer"),
            "aws:useragent": request.headers.get("user-agent"),
            "s3:prefix": request.parameter("prefix"),
            "s3:delimiter": request.parameter("delimiter"),
            "s3:max-keys": request.parameter("max-keys"),
            "s3:versionid": request.parameter("versionId"),
            **{f"s3:{n}": v for n, v in request.headers.items() if n.startswith("x-amz-")},
        }
        return values | {name: value for name, value in named.items() if value is not None}


def _reading_source(call: Call) -> Call:
    """Give the call that would read the source of a copy, which its sender must be allowed to."""
    bucket, key, version_id = named_source(call.request)
    parameters = {} if version_id is None else {"versionId": version_id}
    request = replace(call.request, bucket=bucket, key=key, parameters=parameters)
    return replace(call, request=request)


def _path(request: S3Request) -> str:
    return f"{request.bucket}/{request.key}" if request.key else request.bucket


def _action(request: S3Request, operation: str) -> str:
    action = _ACTIONS.get(operation, operation)
    versioned = request.has("versionId") and action in _OF_VERSIONS
    return action.replace("Object", "ObjectVersion", 1) if versioned else action
