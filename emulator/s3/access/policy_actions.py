"""The actions that a bucket policy can name, and whether they are about buckets or objects.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
Left out: what concerns accounts, access points and jobs, which no bucket policy takes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_BUCKETS = """
    CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration
    DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration
    GetBucketAbac GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging
    GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration
    GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock
    GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
    GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
    GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket
    ListBucketMultipartUploads ListBucketVersions ListTagsForResource PutAccelerateConfiguration
    PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS PutBucketLogging
    PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls
    PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging
    PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration
    PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration
    PutMetricsConfiguration PutReplicationConfiguration TagResource UntagResource
    UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration
"""
_OF_OBJECTS = """
    AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging
    DeleteObjectVersion DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAttributes
    GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion
    GetObjectVersionAcl GetObjectVersionAttributes GetObjectVersionForReplication
    GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication ListMultipartUploadParts
    ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention
    PutObjectTagging PutObjectVersionAcl PutObjectVersionTagging ReplicateDelete ReplicateObject
    ReplicateTags RestoreObject UpdateObjectEncryption
"""
_ACTIONS = {
    **{f"s3:{name}".lower(): False for name in _OF_BUCKETS.split()},
    **{f"s3:{name}".lower(): True for name in _OF_OBJECTS.split()},
}


def is_action(name: str) -> bool:
    """Tell whether a name, with ``*`` and ``?``, stands for any action."""
    return bool(_kinds(name))


def apply_to(names: Iterable[str], *, to_bucket: bool, to_objects: bool) -> bool:
    """Tell whether each of the names stands for an action on what the statement is about."""
    about = {kind for kind, named in ((False, to_bucket), (True, to_objects)) if named}
    return all(_kinds(name) & about for name in names)


def _kinds(name: str) -> set[bool]:
    expression = re.escape(name.lower()).replace(r"\*", ".*").replace(r"\?", ".")
    pattern = re.compile(expression)
    return {of_object for action, of_object in _ACTIONS.items() if pattern.fullmatch(action)}
