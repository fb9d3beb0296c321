"""What an upload's headers ask for, held against its bucket: locks, and encryption.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from emulator.s3.attributes import Attributes, read_attributes
from emulator.s3.encryption import (
    ENCRYPTION,
    KEY,
    asked_encryption,
    default_encryption,
    key_arn,
)
from emulator.s3.object_lock import check_locks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.clock import Clock
    from emulator.s3.storage.store import ObjectStore


class UploadHeaders:
    """Reads the headers of everything that makes objects."""

    def __init__(self, store: ObjectStore, clock: Clock, *, region: str, account_id: str) -> None:
        self._store = store
        self._clock = clock
        self._region = region
        self._account_id = account_id

    def read(self, bucket: str, headers: Mapping[str, str]) -> Attributes:
        """Read what an upload into a bucket says about its object.

        Raises:
            ServiceError: as S3 refuses it, or by name what is not emulated.
        """
        attributes = read_attributes(headers)
        if attributes.locked:
            check_locks(self._store, bucket, attributes.headers, self._clock)
        encryption = self._encryption(bucket, headers)
        if not encryption:
            return attributes
        key = key_arn(encryption[KEY], self._region, self._account_id)
        kept = {**attributes.headers, **encryption, KEY: key}
        return replace(attributes, headers=kept)

    def _encryption(self, bucket: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        asked = asked_encryption(headers)
        if asked is not None:
            return asked
        configuration = self._store.metadata.configuration(bucket, ENCRYPTION)
        return default_encryption(configuration) if configuration is not None else {}
