"""What the template says about a bucket beside its name, applied as CloudFormation does.

A setting is put when the template's own has changed since the last start, so that what was changed
by API in between stays, as it does on AWS; a reset puts the template's in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.s3.storage.metadata import Metadata

_APPLIED = "template:"


class TemplateSettings:
    """Puts the template's settings of buckets."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def apply(self, bucket: str, settings: Mapping[str, str | None]) -> None:
        """Put what has changed; ``None`` is a setting that the template does not have."""
        for name, document in settings.items():
            applied = self._metadata.configuration(bucket, _APPLIED + name)
            if document != applied:
                self._metadata.configure(bucket, name, document)
                self._metadata.configure(bucket, _APPLIED + name, document)

    def restore(self, bucket: str, settings: Mapping[str, str | None]) -> None:
        """Put all of them, whatever was there."""
        for name, document in settings.items():
            self._metadata.configure(bucket, name, document)
            self._metadata.configure(bucket, _APPLIED + name, document)
