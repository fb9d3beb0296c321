"""Which files of the drop folder are uploads."""

from pathlib import Path

import pytest

from emulator.s3.drop.files import key_of

ROOT = Path("/data/drop")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("b/k", ("b", "k")),
        ("b/a/b c/k.txt", ("b", "a/b c/k.txt")),
        ("b/4913/x", None),
        ("b/x.parts", ("b", "x.parts")),
        ("b", None),
        *((f"b/{name}", None) for name in (".x", "x~", ".x.swp", "#x#", "x.part", "4913")),
        *((f"b/{name}", None) for name in ("x.crdownload", "~$x.docx", "x.tmp", ".hidden/x")),
        ("b/\udcff", None),
    ],
)
def test_keys(path, expected):
    """The path below the bucket's folder is the key; work in progress has none."""
    assert key_of(ROOT, ROOT / path) == expected
