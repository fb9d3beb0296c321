"""Filestore: upload files straight to S3, store those that matter, let the others expire."""
