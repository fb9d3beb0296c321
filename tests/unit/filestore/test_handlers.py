"""What each handler promises, the faults of 2019 included."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from filestore.model import FileModel

from filestore import handlers

ALL = {"deleted": "yes", "nonstored": "yes"}


def test_announce(filestore):
    """A new file gets an unguessable id, an item, and a presigned URL that names both."""
    status, answer = filestore.call(handlers.preprocess, {"name": "a.pdf"})

    assert status == 200
    assert len(answer["id"]) >= 32
    assert answer["url"].startswith("https://filestore-storage.s3.eu-central-1.amazonaws.com/")
    assert f"/{answer['id']}?" in answer["url"]
    assert "X-Amz-Expires=60" in answer["url"]
    assert filestore.item(answer["id"])["name"] == "a.pdf"


@pytest.mark.parametrize("written", ["120", "120.0", "1.2e2"])
def test_expiration_is_any_number(filestore, monkeypatch, written):
    """CloudFormation takes each of these for a Number, and passes it on as it is written."""
    monkeypatch.setenv("SIGNED_URL_EXPIRATION", written)
    _, answer = filestore.call(handlers.preprocess, {"name": "a.pdf"})

    assert "X-Amz-Expires=120" in answer["url"]


def test_upload_is_completed(filestore):
    """Size, type without parameters and the event's time come into the item."""
    item = filestore.item(filestore.upload())

    assert (item["size"], item["type"]) == (3, "text/plain")
    assert item["uploaded_at"] == "2026-01-01T00:00:00.000Z"
    assert "stored_at" not in item


def test_redelivered_event(filestore):
    """An event that comes twice moves no time and stores nothing."""
    file_id = filestore.upload()
    filestore.call(handlers.store, [file_id])
    before = filestore.item(file_id)
    filestore.event(file_id, at="2026-01-02T00:00:00.000Z")

    assert before == filestore.item(file_id)


def test_event_keys_are_decoded(filestore):
    """The key of an event is encoded like a form."""
    filestore.table.put_item(Item={"id": "a b+ü", "name": "x"})
    filestore.put("a b+ü")
    filestore.event("a+b%2B%C3%BC")

    assert filestore.item("a b+ü")["uploaded_at"]


def test_unknown_object(filestore):
    """An object that no item waits for is removed, and no item is made of it."""
    filestore.put("stray")
    filestore.event("stray")

    assert filestore.item("stray") is None
    assert not filestore.has_object("stray")


def test_one_failing_record(filestore):
    """The other records of the event are completed, and Lambda hears of the failure."""
    file_id = filestore.announce()
    filestore.put(file_id)
    good = {"eventTime": "2026-01-01T00:00:00Z", "s3": {"object": {"key": file_id}}}
    with pytest.raises(RuntimeError, match="1 of 2 records failed"):
        handlers.uploaded({"Records": [{"broken": True}, good]}, None)

    assert filestore.item(file_id)["size"] == 3


def test_store_and_info(filestore):
    """Only a file that is stored and not deleted has a download URL, with its name and type."""
    file_id = filestore.upload('"ü".txt')

    assert filestore.call(handlers.info, [file_id]) == (200, [])
    assert filestore.call(handlers.store, [file_id, "unknown"]) == (200, [file_id])
    status, [details] = filestore.call(handlers.info, [file_id])
    assert status == 200
    assert "response-content-type=text%2Fplain" in details.pop("url")
    assert details.pop("stored_at")
    assert details == {
        "id": file_id,
        "name": '"ü".txt',
        "type": "text/plain",
        "size": 3,
        "uploaded_at": "2026-01-01T00:00:00.000Z",
        "deleted_at": None,
    }


def test_the_longest_answer_fits_into_lambda(filestore):
    """A thousand files with the longest names are less than the 6 MB that Lambda answers with."""
    name = "\U0001f600" * 1024
    item = {"id": "x" * 32, "name": name, "uploaded_at": "t", "stored_at": "t"}
    filestore.table.put_item(Item=item)
    status, answer = filestore.call(handlers.info, ["x" * 32])
    size = len(json.dumps(json.dumps(answer, ensure_ascii=False), ensure_ascii=False).encode())

    assert (200, name) == (status, answer[0]["name"])
    assert len(answer[0]["url"]) < 3000  # a session token of AWS adds some 1400
    assert size * 1000 < 6 * 1024 * 1024


def test_info_loses_no_id(filestore):
    """More ids than one BatchGetItem takes all come back, in order, each once."""
    ids = [filestore.announce() for _ in range(230)]
    _, details = filestore.call(handlers.info, [*ids, *ids, "unknown"], query=ALL)

    assert ids == [detail["id"] for detail in details]


def test_unprocessed_keys(filestore):
    """What DynamoDB leaves unprocessed is asked for again."""

    class Stingy:
        """Answers one key a call."""

        def Table(self, name):  # noqa: N802 -- boto3's name
            return filestore.table

        def batch_get_item(self, RequestItems):  # noqa: N803 -- boto3's name
            keys = RequestItems["Files"]["Keys"]
            item = filestore.item(keys[0]["id"])
            left = {"Files": {"Keys": keys[1:]}} if keys[1:] else {}
            return {"Responses": {"Files": [item]}, "UnprocessedKeys": left}

    ids = [filestore.announce() for _ in range(3)]
    files = FileModel(Stingy(), filestore.s3, table="Files", bucket="b")

    assert ids == [item["id"] for item in files.find(ids)]


def test_store_before_the_event(filestore):
    """An object that arrived before its event is completed and stored at once."""
    file_id = filestore.announce()

    assert filestore.call(handlers.store, [file_id]) == (200, [])
    filestore.put(file_id)
    assert filestore.call(handlers.store, [file_id]) == (200, [file_id])
    assert filestore.item(file_id)["size"] == 3


def test_store_on_load(filestore, monkeypatch):
    """In this mode the event stores, and the call is refused."""
    monkeypatch.setenv("STORE_ON_LOAD", "True")
    file_id = filestore.upload()

    assert filestore.item(file_id)["stored_at"] == filestore.item(file_id)["uploaded_at"]
    status, answer = filestore.call(handlers.store, [file_id])
    assert (status, list(answer)) == (400, ["message"])


def test_delete(filestore):
    """The object goes, the item stays and is marked; unknown ids are left out."""
    file_id = filestore.upload()

    assert filestore.call(handlers.delete, [file_id, "unknown"]) == (200, [file_id])
    assert not filestore.has_object(file_id)
    assert filestore.item(file_id)["deleted_at"]
    assert "object_remains" not in filestore.item(file_id)
    assert filestore.call(handlers.store, [file_id]) == (200, [])
    assert filestore.call(handlers.info, [file_id], query={"nonstored": "yes"}) == (200, [])
    assert len(filestore.call(handlers.info, [file_id], query={"deleted": "yes"})[1]) == 1


def test_late_upload_to_a_deleted_file(filestore):
    """Who uploads once more to a deleted file leaves nothing behind."""
    file_id = filestore.upload()
    filestore.call(handlers.delete, [file_id])
    filestore.put(file_id)
    filestore.event(file_id)

    assert not filestore.has_object(file_id)


def test_revert(filestore):
    """An upload is taken back without a trace; then it is unknown."""
    file_id = filestore.upload()

    assert filestore.call(handlers.revert, path_id=file_id) == (200, {"id": file_id})
    assert filestore.item(file_id) is None
    assert not filestore.has_object(file_id)
    assert filestore.call(handlers.revert, path_id=file_id)[0] == 404


@pytest.mark.parametrize("file_id", [None, "", "x" * 5000, "\ud800"])
def test_revert_of_no_id(filestore, file_id):
    """What cannot be an id is unknown."""
    assert filestore.call(handlers.revert, path_id=file_id)[0] == 404


def test_revert_of_a_stored_file(filestore):
    """A stored file is not taken back."""
    file_id = filestore.upload()
    filestore.call(handlers.store, [file_id])

    assert filestore.call(handlers.revert, path_id=file_id)[0] == 409
    assert filestore.has_object(file_id)


def test_expire(filestore):
    """What is older than an hour and not stored is deleted; the rest stays."""
    old, stored, young = filestore.upload(), filestore.upload(), filestore.announce()
    filestore.call(handlers.store, [stored])
    filestore.put(young)
    filestore.event(young, at=datetime.now(UTC).isoformat())

    assert handlers.expire({}, None) == {"expired": [old], "failed": []}
    assert [filestore.has_object(f) for f in (old, stored, young)] == [False, True, True]
    assert filestore.item(old)["deleted_at"]


def test_expire_reads_every_page(filestore):
    """The scan goes on where a page ended."""
    old = {filestore.upload() for _ in range(5)}

    class Paged:
        """A table whose pages have two items."""

        name = "Files"

        def __getattr__(self, name):
            return getattr(filestore.table, name)

        def scan(self, **arguments):
            return filestore.table.scan(Limit=2, **arguments)

    files = handlers._files()
    files._table = Paged()

    assert old == set(handlers.expire({}, None)["expired"])


def test_expiry_races_with_store(filestore):
    """A file that is stored between the scan and the deletion keeps its object."""
    file_id = filestore.upload()
    files = handlers._files()
    found = list(files.expired(datetime.now(UTC)))
    filestore.call(handlers.store, [file_id])

    assert [files.expire(item, datetime.now(UTC)) for item in found] == [False]
    assert filestore.has_object(file_id)


def test_store_races_with_expiry(filestore):
    """A file that is being deleted can no longer be stored."""
    file_id = filestore.upload()
    files = handlers._files()
    files._mark_deleted(file_id, datetime.now(UTC), "attribute_exists(id)")

    assert filestore.call(handlers.store, [file_id]) == (200, [])


def test_unfinished_deletion(filestore):
    """What a crash left between mark and deletion is finished by the next expiry."""
    file_id = filestore.upload()
    filestore.call(handlers.store, [file_id])
    handlers._files()._mark_deleted(file_id, datetime.now(UTC), "attribute_exists(id)")

    assert handlers.expire({}, None)["expired"] == [file_id]
    assert not filestore.has_object(file_id)
    assert "object_remains" not in filestore.item(file_id)


def test_expiry_of_one_fails(filestore):
    """A file that cannot be expired does not keep the others from it."""
    bad, good = sorted((filestore.upload(), filestore.upload()))
    files = handlers._files()
    expire = files.expire

    def fail_once(item, now):
        if item["id"] == bad:
            raise RuntimeError
        return expire(item, now)

    files.expire = fail_once

    assert handlers.expire({}, None) == {"expired": [good], "failed": [bad]}


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "{",
        "[]",
        "5",
        '{"name": 5}',
        '{"name": " "}',
        "[" * 100_000,
        '{"name": "\\ud800"}',
    ],
)
def test_wrong_announcements(filestore, body):
    """A wrong body is 400 with a message, never 502."""
    status, answer = filestore.call(handlers.preprocess, body=body)

    assert (status, list(answer)) == (400, ["message"])


def test_names_have_a_limit(filestore):
    """A name longer than 1024 characters is refused."""
    assert filestore.call(handlers.preprocess, {"name": "x" * 1025})[0] == 400


@pytest.mark.parametrize("handler", [handlers.store, handlers.info, handlers.delete])
@pytest.mark.parametrize(
    "body", ["", "{", "{}", "5", '"x"', "[1]", "[null]", json.dumps(["x"] * 1001)]
)
def test_wrong_lists(filestore, handler, body):
    """A body that is no list of ids is 400 with a message."""
    status, answer = filestore.call(handler, body=body)

    assert (status, list(answer)) == (400, ["message"])


@pytest.mark.parametrize("handler", [handlers.store, handlers.info, handlers.delete])
def test_strange_ids_are_unknown(filestore, handler):
    """Ids that cannot exist are left out, not an error."""
    assert filestore.call(handler, ["", "x" * 5000, "\ud800", "ü/../"]) == (200, [])


def test_base64_body():
    """A body that API Gateway has encoded is decoded; a wrong encoding is 400."""
    body = base64.b64encode(b'["a"]').decode()

    assert handlers.read_ids({"body": body, "isBase64Encoded": True}) == ["a"]
    with pytest.raises(handlers.RefusedError):
        handlers.read_ids({"body": "!", "isBase64Encoded": True})


def test_expiry_is_an_hour():
    """The documented age."""
    assert timedelta(hours=1) == handlers.EXPIRES_AFTER


def test_other_errors_are_not_hidden(filestore):
    """An error that is none of ours reaches Lambda."""
    file_id = filestore.upload()
    filestore.table.delete()
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        filestore.call(handlers.store, [file_id])
    filestore.s3.delete_object(Bucket="filestore-storage", Key=file_id)
    filestore.s3.delete_bucket(Bucket="filestore-storage")
    with pytest.raises(RuntimeError):
        filestore.event(file_id)
