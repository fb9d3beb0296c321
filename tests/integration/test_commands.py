"""The commands that talk to a running emulator."""

import json
import signal
import socket
import subprocess
import sys


def test_clock(emulator):
    """The clock is shown, moved, and set back."""
    assert "(real time)" in emulator.command("clock").stdout
    assert "(+2h from real time)" in emulator.command("clock", "advance", "2h").stdout
    assert "(+1h30m from real time)" in emulator.command("clock", "advance", "-30m").stdout
    assert "(real time)" in emulator.command("clock", "reset").stdout


def test_clock_reaches_everything(emulator):
    """Handlers, S3 and HTTP dates all see the moved clock."""
    emulator.control("clock", {"advance": "1000d"})
    file_id = emulator.upload("a.txt", b"a")
    emulator.idle()
    now = emulator.control("clock")[1]["now"]
    bucket = emulator.client("s3").list_buckets()["Buckets"][0]["Name"]
    written = emulator.client("s3").list_objects_v2(Bucket=bucket)["Contents"][0]["LastModified"]

    assert emulator.info([file_id])[0]["uploaded_at"][:10] == now[:10]
    assert written.isoformat()[:10] == now[:10]


def test_invoke(emulator):
    """The result goes to standard output, the log to standard error."""
    done = emulator.command("invoke", "Expire", "--payload", "{}")

    assert done.returncode == 0
    json.loads(done.stdout)
    assert "platform.report" in done.stderr


def test_invoke_unknown_function(emulator):
    """An unknown function is named as AWS names it."""
    done = emulator.command("invoke", "Nothing")

    assert done.returncode == 2
    assert "Function not found: arn:aws:lambda:us-east-1:" in done.stderr


def test_fire_unknown(emulator):
    """What has no schedule cannot be fired, in one line."""
    done = emulator.command("fire", "Store")

    assert done.returncode == 2
    assert "Store" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_interrupted_command_says_nothing():
    """Ctrl-C ends a command that waits, without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "emulator", "--url", url, "clock"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        connection, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        _, printed = process.communicate(timeout=30)
        connection.close()

    assert (process.returncode, printed) == (-signal.SIGINT, "")


def test_reset(emulator):
    """Reset empties bucket and table; the API key stays."""
    file_id = emulator.upload("a.txt", b"a")
    key = emulator.ready["api_key"]

    assert emulator.command("reset").returncode == 0
    assert emulator.call("POST", "/files/?nonstored=yes", [file_id], key=key) == (200, [])


def test_health(emulator):
    """Health lists the functions and what each schedule waits for."""
    _, health = emulator.control("health")

    assert set(health["functions"]) >= {"Preprocess", "Uploaded", "Expire"}
    assert health["schedules"][0]["function"] == "Expire"
