"""What a template's bucket is configured with, as it is kept; checked as a deployment checks it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import ServiceError, StartupError
from emulator.s3.access.acls import ACL
from emulator.s3.access.bucket_policies import POLICY
from emulator.s3.access.grants import Grants, grants_of_headers, is_public, write_grants
from emulator.s3.access.policy import read_policy
from emulator.s3.access.public_access import BLOCK, ENFORCED, OWNERSHIP, write_block
from emulator.s3.configurations.cors import CORS, write_rules
from emulator.s3.configurations.notification_checks import check_overlaps
from emulator.s3.configurations.notifications import (
    NOTIFICATION,
    NotificationConfiguration,
    write_notifications,
)
from emulator.s3.locks import OBJECT_LOCK
from emulator.s3.object_lock import write_object_lock

if TYPE_CHECKING:
    from emulator.application import Bucket


def settings_of(bucket: Bucket) -> dict[str, str | None]:
    """Write what the template says about a bucket as it is kept.

    Raises:
        StartupError: a deployment would fail with it.
    """
    try:
        grants = _grants(bucket)
        _check_policy(bucket)
        check_overlaps(bucket.notifications)
        lock = write_object_lock(bucket.object_lock) if bucket.object_lock else None
    except ServiceError as error:
        problem = f"S3 refuses the bucket {bucket.name} ({bucket.logical_id}) of the template"
        raise StartupError(f"{problem}: {error.code}: {error}") from error
    return {
        OBJECT_LOCK: lock,
        CORS: write_rules(bucket.cors_rules) if bucket.cors_rules else None,
        BLOCK: write_block(bucket.public_access_block),
        OWNERSHIP: bucket.object_ownership,
        ACL: write_grants(grants) if grants else None,
        POLICY: bucket.policy,
        NOTIFICATION: write_notifications(
            NotificationConfiguration(
                notifications=bucket.notifications, event_bridge=bucket.event_bridge
            )
        ),
    }


def _grants(bucket: Bucket) -> Grants | None:
    if bucket.access_control is None:
        return None
    # CloudFormation writes the canned lists in capitals: PublicRead is public-read.
    name = "".join(f"-{c.lower()}" if c.isupper() else c for c in bucket.access_control)
    grants = grants_of_headers({"x-amz-acl": name.strip("-")})
    if grants and (bucket.object_ownership or ENFORCED) == ENFORCED and len(grants) > 1:
        raise ServiceError(
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        )
    if grants and bucket.public_access_block.block_public_acls and is_public(grants):
        raise ServiceError(
            "InvalidBucketAclWithBlockPublicAccessError",
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
        )
    return grants


def _check_policy(bucket: Bucket) -> None:
    if bucket.policy is None:
        return
    statements = read_policy(bucket.policy, bucket.name)
    blocked = bucket.public_access_block.block_public_policy
    if blocked and any(statement.public for statement in statements):
        raise ServiceError(
            "AccessDenied", "its policy is public, which its public access block refuses"
        )
