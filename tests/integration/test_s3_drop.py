"""The drop folder: what is saved there becomes an object, once it is complete."""

import json

import pytest
from fakes import eventually
from s3_calls import S3Calls

from emulator.application import Bucket, BucketNotification

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:Load"
LISTENER = BucketNotification(
    configuration_id="1",
    events=("s3:ObjectCreated:*",),
    target_arn=FUNCTION,
)


@pytest.fixture
def drop(tmp_path):
    return tmp_path / "data" / "drop"


@pytest.fixture
def s3(tmp_path, drop):
    bucket = Bucket(logical_id="B", name="b-1", notifications=(LISTENER,))
    calls = S3Calls(tmp_path, buckets=(bucket,), drop_directory=drop)
    yield calls
    calls.stop()


def arrived(s3, key):
    """Wait for an object; give its answer."""
    return eventually(lambda: (answer := s3("GET", f"/b-1/{key}")).status == 200 and answer)


def test_a_saved_file_becomes_an_object(s3, drop):
    """With its type, its bytes and its event; the file leaves the folder."""
    (drop / "b-1" / "a" / "b c").mkdir(parents=True)
    (drop / "b-1" / "a" / "b c" / "k.txt").write_bytes(b"hello")
    answer = arrived(s3, "a/b c/k.txt")
    eventually(lambda: not (drop / "b-1" / "a" / "b c" / "k.txt").exists())
    record = json.loads(s3.outbox.read(s3.outbox.waiting()[0]))

    assert (answer.body, answer.headers["content-type"]) == (b"hello", "text/plain")
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["object"]["key"] == "a/b+c/k.txt"


def test_files_that_are_being_written(s3, drop):
    """A file that is open for writing waits until it is closed; then it is whole."""
    with (drop / "b-1" / "slow").open("wb") as file:
        file.write(b"half, ")
        file.flush()
        (drop / "b-1" / "quick").write_bytes(b"1")
        arrived(s3, "quick")
        assert s3("GET", "/b-1/slow").status == 404
        file.write(b"whole")

    assert arrived(s3, "slow").body == b"half, whole"


def test_work_in_progress_is_left_alone(s3, drop):
    """Hidden and temporary files stay; the rename that ends a download is what counts."""
    names = [".hidden", "x~", ".x.swp", "#x#", "x.part", "x.crdownload", "4913"]
    for name in names:
        (drop / "b-1" / name).write_bytes(b"1")
    (drop / "b-1" / "download.part").write_bytes(b"done")
    (drop / "b-1" / "download.part").rename(drop / "b-1" / "download")

    assert arrived(s3, "download").body == b"done"
    # The file leaves the folder after its object is there.
    eventually(lambda: sorted(p.name for p in (drop / "b-1").iterdir()) == sorted(names))


def test_folders_that_are_moved_in(s3, drop, tmp_path):
    """Everything in a folder that appears is uploaded."""
    (tmp_path / "beside" / "deep").mkdir(parents=True)
    (tmp_path / "beside" / "deep" / "k").write_bytes(b"1")
    (tmp_path / "beside").rename(drop / "b-1" / "moved")

    assert arrived(s3, "moved/deep/k").body == b"1"


def test_links_are_not_followed(s3, drop, tmp_path):
    """Neither to files nor to folders: what lies outside stays outside."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    (drop / "b-1" / "file").symlink_to(tmp_path / "outside" / "secret")
    (drop / "b-1" / "folder").symlink_to(tmp_path / "outside")
    (drop / "b-1" / "last").write_bytes(b"1")
    arrived(s3, "last")

    assert b"secret" not in s3("GET", "/b-1").body
    assert s3("GET", "/b-1/file").status == s3("GET", "/b-1/folder/secret").status == 404


def test_a_restart(tmp_path, drop):
    """What was saved while nothing ran is uploaded at the next start; an unknown bucket is not."""
    (drop / "b-1").mkdir(parents=True)
    (drop / "b-1" / "k").write_bytes(b"1")
    (drop / "none").mkdir()
    (drop / "none" / "k").write_bytes(b"1")
    s3 = S3Calls(tmp_path, buckets=(Bucket(logical_id="B", name="b-1"),), drop_directory=drop)
    try:
        assert arrived(s3, "k").body == b"1"
        assert (drop / "none" / "k").exists()
    finally:
        s3.stop()
