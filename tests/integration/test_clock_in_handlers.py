"""After the clock was moved, handlers, their signatures and their logs agree with the emulator."""

import json
import re
import threading
from datetime import UTC, datetime

import pytest
from fakes import eventually
from running import Emulator, fetch
from sample import write_application

CLOCK = """
    import datetime, logging, pathlib, sys, time, uuid
    import boto3

    IMPORTED = time.time()
    s3 = boto3.client("s3")
    table = boto3.resource("dynamodb").Table("things")
    logger = logging.getLogger()

    def handler(event, context):
        remaining = context.get_remaining_time_in_millis()
        if "flag" in event:
            flag = pathlib.Path(event["flag"])
            flag.touch()
            while flag.exists():
                time.sleep(0.01)
        else:
            logger.error("logged")
            s3.put_object(Bucket="files", Key="k", Body=b"x")
            table.put_item(Item={"id": "x"})
        return {
            "time": time.time(),
            "time_ns": time.time_ns() / 1e9,
            "clock_gettime": time.clock_gettime(time.CLOCK_REALTIME),
            "now": datetime.datetime.now(datetime.UTC).timestamp(),
            "utcnow": datetime.datetime.utcnow().replace(tzinfo=datetime.UTC).timestamp(),
            "imported": IMPORTED,
            "remaining": [remaining, context.get_remaining_time_in_millis()],
            "url": s3.generate_presigned_url("get_object", {"Bucket": "files", "Key": "k"}),
            "hooked": [name for name in sys.modules if "time_machine" in name],
            "builtin": type(time.time).__name__,
        }
    """
RESOURCES = """
  Files: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}
  Things: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: things}}
"""
TIMES = ("time", "time_ns", "clock_gettime", "now", "utcnow")
NEAR_SECONDS = 20


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clock")
    template = write_application(folder, {"Warm": CLOCK, "Cold": CLOCK}, more=RESOURCES, timeout=60)
    emulator = Emulator(folder, template=template).start()
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(shared):
    """An emulator whose clock tells real time, and whose functions are cold."""
    assert shared.control("reset", {})[0] == 200
    return shared


def invoke(emulator, function="Warm", **event):
    client = emulator.client("lambda")
    answer = client.invoke(FunctionName=function, Payload=json.dumps(event))
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def emulators_time(emulator):
    return datetime.fromisoformat(emulator.control("clock")[1]["now"]).timestamp()


def assert_agrees(emulator, told):
    now = emulators_time(emulator)
    for name in TIMES:
        assert told[name] == pytest.approx(now, abs=NEAR_SECONDS), name
    first, last = told["remaining"]
    assert 60_000 >= first >= last > 0
    assert fetch("GET", told["url"])[0] == 200


def test_unmoved_clock_costs_nothing(emulator):
    """While nobody moves the clock, nothing is imported and the builtins are in place."""
    told = invoke(emulator)

    assert told["hooked"] == []
    assert told["builtin"] == "builtin_function_or_method"
    assert_agrees(emulator, told)


@pytest.mark.parametrize("move", ["30d", "-10d"])
def test_warm_environment_follows(emulator, move):
    """An environment that was made before the move tells the moved time, and signs with it."""
    imported = invoke(emulator)["imported"]
    emulator.control("clock", {"advance": move})
    told = invoke(emulator)

    assert told["imported"] == imported
    assert_agrees(emulator, told)


def test_cold_environment_starts_there(emulator):
    """An environment that is made after the move imports its handler at the moved time."""
    emulator.control("clock", {"advance": "30d"})
    told = invoke(emulator, "Cold")

    assert told["imported"] == pytest.approx(emulators_time(emulator), abs=NEAR_SECONDS)
    assert_agrees(emulator, told)


def test_back_to_real_time(emulator):
    """Set back, the handler's time is real again."""
    emulator.control("clock", {"advance": "400d"})
    invoke(emulator)
    emulator.control("clock", {"reset": True})
    told = invoke(emulator)

    assert told["time"] == pytest.approx(datetime.now(UTC).timestamp(), abs=NEAR_SECONDS)
    assert_agrees(emulator, told)


def test_move_during_an_invocation(emulator, tmp_path):
    """A move does not touch what runs: its remaining time does not jump; the next one is moved."""
    flag = tmp_path / "flag"
    told = []
    invoke(emulator)
    thread = threading.Thread(target=lambda: told.append(invoke(emulator, flag=str(flag))))
    thread.start()
    eventually(flag.exists)
    emulator.control("clock", {"advance": "1h"})
    flag.unlink()
    thread.join()
    first, last = told[0]["remaining"]

    assert 0 <= first - last < NEAR_SECONDS * 1000
    assert_agrees(emulator, invoke(emulator))


def test_logs_bear_the_moved_time(emulator):
    """Records of the handler and events of the log are at the emulator's time."""
    emulator.control("clock", {"advance": "30d"})
    invoke(emulator)
    now = emulators_time(emulator)
    lines = emulator.command("logs", "Warm", "--json").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    record = next(event for event in events if "logged" in event["message"])
    written = datetime.fromisoformat(re.search(r"\t(\S+Z)\t", record["message"])[1]).timestamp()

    assert written == pytest.approx(now, abs=NEAR_SECONDS)
    for event in events:
        when = datetime.fromisoformat(event["timestamp"]).timestamp()
        assert when == pytest.approx(now, abs=NEAR_SECONDS)
    # The stream is named when its environment is made, which may be before midnight.
    days = [datetime.fromtimestamp(now - back, UTC) for back in (0, NEAR_SECONDS)]
    assert record["logStream"][:19] in {f"{day:%Y/%m/%d}/[$LATEST]"[:19] for day in days}
