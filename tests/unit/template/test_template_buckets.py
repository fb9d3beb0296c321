"""Buckets of a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

import json

import pytest

from emulator.application import ObjectLock

CONFIGURATION = {
    "ObjectLockEnabled": "Enabled",
    "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}},
}


@pytest.mark.parametrize(
    ("properties", "lock"),
    [
        ({}, None),
        ({"ObjectLockEnabled": False}, None),
        ({"ObjectLockEnabled": True}, ObjectLock()),
        (
            {"ObjectLockEnabled": True, "ObjectLockConfiguration": CONFIGURATION},
            ObjectLock(mode="COMPLIANCE", years=1),
        ),
    ],
)
def test_object_lock(folder, properties, lock):
    """A bucket with object lock keeps versions, too."""
    resource = {"Type": "AWS::S3::Bucket", "Properties": properties}
    bucket = folder.load(json.dumps({"Resources": {"Bucket": resource}})).buckets[0]

    assert (bucket.object_lock, bucket.versioning) == (lock, lock is not None)
