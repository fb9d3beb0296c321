"""Checks that a scenario cannot say in YAML."""

from pathlib import Path
from typing import Any


def has_bytes_of(response: Any, file: str) -> None:
    """Compare a download with a file of the scenarios."""
    expected = (Path(__file__).parent / file).read_bytes()

    assert expected == response.content


def contains(response: Any, text: str) -> None:
    """Look for a text in the body; S3's errors bear ids that differ each time."""
    assert text in response.text


def save_tampered_url(response: Any) -> dict[str, str]:
    """Save the presigned URL with another key in it: its signature does not fit any more."""
    answer = response.json()
    return {"tampered_url": answer["url"].replace(answer["id"], answer["id"][::-1])}
