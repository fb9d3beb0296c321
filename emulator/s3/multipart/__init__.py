"""Multipart uploads: parts in, an object out, and listings of both."""
