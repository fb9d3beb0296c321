"""Filestore under `emulator up`, from the outside: what issue and README promise a user."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from fakes import eventually
from running import Emulator, children_of, fetch, is_alive


def test_upload_to_download(emulator):
    """A file is announced, uploaded, completed by the event, stored and downloaded as it was."""
    content = bytes(range(256)) * 100
    file_id = emulator.upload('Ünïcode "quoted".bin', content, "image/png; x=1")
    emulator.idle()
    details = emulator.info([file_id])[0]

    assert (details["size"], details["type"]) == (len(content), "image/png")
    assert emulator.call("PUT", "/files/", [file_id], key=emulator.ready["api_key"]) == (
        200,
        [file_id],
    )
    url = emulator.info([file_id])[0]["url"]
    status, headers, body = fetch("GET", url)
    assert (status, body) == (200, content)
    assert headers["Content-Type"] == "image/png"
    assert "filename*=UTF-8''%C3%9Cn%C3%AFcode" in headers["Content-Disposition"]


def test_expiry_by_the_schedule(emulator):
    """After an hour nobody stores the file; the schedule deletes it, on the moved clock."""
    file_id = emulator.upload("a.txt", b"a")
    emulator.idle()
    stored = emulator.upload("b.txt", b"b")
    emulator.idle()
    emulator.call("PUT", "/files/", [stored], key=emulator.ready["api_key"])
    emulator.control("clock", {"advance": "2h"})
    emulator.idle()
    details = {detail["id"]: detail for detail in emulator.info([file_id, stored])}

    assert details[file_id]["deleted_at"]
    assert not details[stored]["deleted_at"]
    bucket = emulator.client("s3").list_buckets()["Buckets"][0]["Name"]
    assert emulator.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_expiry_by_fire(emulator):
    """`emulator fire` needs no moved clock, and expires nothing that is younger than an hour."""
    file_id = emulator.upload("a.txt", b"a")
    emulator.idle()

    assert emulator.command("fire", "Expire").returncode == 0
    assert emulator.command("idle", "--timeout", "20").returncode == 0
    assert not emulator.info([file_id])[0]["deleted_at"]


def test_sixteen_clients(emulator):
    """200 uploads from 16 clients at once: 200 items complete, none lost, none twice."""

    def upload(number):
        return emulator.upload(f"{number}.txt", b"x" * number), number

    with ThreadPoolExecutor(16) as pool:
        sizes = dict(pool.map(upload, range(1, 201)))
    emulator.idle(60)
    details = emulator.info(list(sizes))

    assert sizes == {detail["id"]: detail["size"] for detail in details}
    assert all(detail["uploaded_at"] for detail in details)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop(own_emulator, number):
    """A signal ends it within two seconds, nothing is left behind, and data is kept."""
    emulator = own_emulator.start()
    file_id = emulator.upload("a.txt", b"a")
    emulator.idle()
    children = children_of(emulator.process.pid)
    started = time.monotonic()
    status = emulator.stop(number)

    assert (status, time.monotonic() - started < 5) == (0, True)  # two, and a noisy machine
    assert children
    assert not [pid for pid in children if is_alive(pid)]
    emulator.start()
    assert emulator.info([file_id])[0]["size"] == 1


def test_port_in_use(tmp_path):
    """A port in use is named in one line, and the exit status is 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        emulator = Emulator(tmp_path, "--api-port", str(port))
        with pytest.raises(AssertionError):
            emulator.start()

        assert emulator.process.returncode == 2
        expected = (
            f"emulator: port {port} of the api listener cannot be used: Address already in use"
            " (choose another with --api-port, or 0 for any free one)\n"
        )
        assert expected == emulator.log()


def test_api_key(emulator):
    """Secured calls need the key that the banner shows; without it they are forbidden."""
    for key in (None, "wrong"):
        status, answer = emulator.call("POST", "/files/", ["x"], key=key)

        assert (status, answer) == (403, {"message": "Forbidden"})
    eventually(lambda: emulator.ready["api_key"] in emulator.log())


def test_hot_reload(tmp_path):
    """A saved change of a handler is live for the next request."""
    handler = tmp_path / "app.py"
    template = tmp_path / "template.yaml"
    template.write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  Hello:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        "      Handler: app.handler\n"
        "      Runtime: python3.12\n"
        "      CodeUri: .\n"
        "      Events:\n"
        "        Get:\n"
        "          Type: Api\n"
        "          Properties: {Path: /hello, Method: get}\n"
    )
    handler.write_text(
        "def handler(event, context):\n    return {'statusCode': 200, 'body': '\"one\"'}\n"
    )
    emulator = Emulator(tmp_path, template=template).start()
    try:
        assert emulator.call("GET", "/hello") == (200, "one")
        handler.write_text(handler.read_text().replace("one", "two"))
        assert emulator.call("GET", "/hello") == (200, "two")
    finally:
        emulator.stop()


def test_lambda_api(emulator):
    """boto3 invokes every function, the one without a route included."""
    client = emulator.client("lambda")
    answer = client.invoke(FunctionName="Expire", Payload=b"{}", LogType="Tail")

    assert (answer["StatusCode"], answer.get("FunctionError")) == (200, None)
    assert client.invoke(FunctionName="Expire", InvocationType="Event")["StatusCode"] == 202
    assert client.invoke(FunctionName="Expire", InvocationType="DryRun")["StatusCode"] == 204


def test_preflight_of_the_bucket(emulator):
    """The browser's preflight of a PUT to S3 is answered by the bucket's CORS rules."""
    _, answer = emulator.call("POST", "/file", {"name": "a"})
    headers = {"Origin": "http://127.0.0.1:8080", "Access-Control-Request-Method": "PUT"}

    assert fetch("OPTIONS", answer["url"], headers=headers)[0] == 200
    headers["Access-Control-Request-Method"] = "DELETE"
    assert fetch("OPTIONS", answer["url"], headers=headers)[0] == 403


def test_logs_are_as_on_aws(emulator):
    """The handlers' logs say nothing of the emulator: no endpoint is found on AWS."""
    emulator.upload("a.txt", b"a")
    emulator.idle()

    eventually(lambda: '"message": "announced"' in emulator.log())
    assert "Found endpoint" not in emulator.log()
