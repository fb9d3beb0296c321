"""S3: objects in files, their metadata in SQLite, behind S3's own protocol."""

from emulator.s3.service import S3Service

__all__ = ["S3Service"]
