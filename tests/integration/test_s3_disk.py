"""S3 and the disk: what is on it before an answer, and what happens when it is full."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from s3_calls import S3Calls, error

SMALL_DISK = "24m"


def test_durable_writes_reach_the_disk(tmp_path, monkeypatch):
    """Bytes, the folder entry and the event are synced before the answer; by default nothing is."""
    synced = []
    sync = os.fsync

    def recording(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    counts = []
    for durable in (False, True):
        folder = tmp_path / str(durable)
        folder.mkdir()
        s3 = S3Calls(folder, durable=durable)
        s3("PUT", "/b-1")
        synced.clear()
        s3("PUT", "/b-1/k", b"hello")
        (file,) = s3.files()
        counts.append([path in synced for path in (str(file), str(file.parent))])
        s3.stop()

    assert counts == [[False, False], [True, True]]


@contextmanager
def small_disk(folder):
    """Mount a disk that is soon full."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(tmp_path):
    """A write that finds no room is 503 and leaves nothing; what was there stays; room mends it."""
    with small_disk(tmp_path / "disk") as folder:
        s3 = S3Calls(folder)
        s3("PUT", "/b-1")
        kept = os.urandom(8 << 20)
        assert s3("PUT", "/b-1/kept", kept).status == 200
        refused = s3("PUT", "/b-1/large", bytes(24 << 20))
        overwritten = s3("PUT", "/b-1/kept", bytes(24 << 20))

        assert error(refused)[:2] == error(overwritten)[:2] == (503, "InternalError")
        assert s3("GET", "/b-1/kept").body == kept
        assert s3("HEAD", "/b-1/large").status == 404
        assert len(s3.files()) == 1

        filler = folder / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)) == 4096:
                    pass
            except OSError:
                pass
        acknowledged = [n for n in range(50) if s3("PUT", f"/b-1/{n}", b"1").status == 200]
        filler.unlink()

        assert s3("PUT", "/b-1/after", b"1").status == 200
        assert all(s3("GET", f"/b-1/{n}").body == b"1" for n in acknowledged)
        assert s3("GET", "/b-1/kept").body == kept
        s3.stop()
        again = S3Calls(folder)
        assert again("GET", "/b-1/kept").body == kept
        assert len(again.files()) == 2 + len(acknowledged)
        again.stop()
