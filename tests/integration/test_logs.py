"""What functions log, by ``emulator logs``, in the terminal and by the CloudWatch Logs API."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fakes import eventually
from running import Emulator
from sample import write_application

from emulator.awslambda import LogEvent
from emulator.clock import ProcessClock
from emulator.cloudwatchlogs import LogStore

HANDLERS = {
    "Chatty": """
        import json, logging
        logger = logging.getLogger()
        logger.setLevel("INFO")

        def handler(event, context):
            print("printed", event)
            logger.error("first\\nsecond")
            print(json.dumps({"level": "ERROR", "n": event}))
            return context.log_stream_name
        """,
    "Silent": "def handler(event, context):\n    return None\n",
}
GROUP = "/aws/lambda/Chatty"


@pytest.fixture(scope="module")
def shared_chatty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chatty")
    emulator = Emulator(folder, template=write_application(folder, HANDLERS)).start()
    yield emulator
    emulator.stop()


@pytest.fixture
def chatty(shared_chatty):
    """An emulator whose log is empty; started anew if a test has stopped it."""
    if shared_chatty.process.poll() is not None:
        shared_chatty.start()
    shared_chatty.control("reset", {})
    return shared_chatty


def invoke(emulator, payload, function="Chatty"):
    answer = emulator.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload))
    return json.loads(answer["Payload"].read())


def shown(emulator, *arguments):
    result = emulator.command("logs", *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def objects(emulator, *arguments):
    return [json.loads(line) for line in shown(emulator, *arguments, "--json")]


def test_order_and_boundaries(chatty):
    """Every event is there once, in order, with its line feeds, function, request and level."""
    stream = invoke(chatty, 1)

    events = objects(chatty, "Chatty")
    request_id = events[0]["requestId"]
    kinds = [event["message"].split(" ")[0].split("\t")[0] for event in events]
    assert kinds == ["INIT_START", "START", "printed", "[ERROR]", '{"level":', "END", "REPORT"]
    assert events[3]["message"].endswith(f"\t{request_id}\tfirst\nsecond\n")
    assert events[3]["level"] == "ERROR"
    assert {event["function"] for event in events} == {"Chatty"}
    assert {event["logStream"] for event in events} == {stream}
    assert {event["logGroup"] for event in events} == {GROUP}


def test_survives_a_restart(chatty):
    """The log of an earlier run is there after a normal stop, to the last event."""
    invoke(chatty, 1)
    assert chatty.stop() == 0
    chatty.start()

    assert objects(chatty)[-1]["message"].startswith("REPORT")


def test_terminal(chatty):
    """The terminal shows time, function, request and message, uncoloured when it is none."""
    invoke(chatty, 1)
    request_id = objects(chatty)[0]["requestId"]
    eventually(lambda: f"REPORT RequestId: {request_id}" in chatty.log())

    line = next(line for line in chatty.log().splitlines() if request_id[:8] in line)
    assert line[8:] == f" Chatty {request_id[:8]} printed 1"
    assert line[2] == line[5] == ":"
    assert "\033" not in chatty.log()
    assert "START RequestId" not in chatty.log()


def test_function_that_never_logged(chatty):
    """A function that never ran has an empty log, which is said."""
    result = chatty.command("logs", "Silent")

    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "emulator: Silent has logged nothing yet\n"


def test_unknown_function(chatty):
    """An unknown function is refused in one line that names those that there are."""
    result = chatty.command("logs", "-f", "Nobody")

    assert result.returncode == 2
    assert result.stderr == "emulator: there is no function Nobody; there are: Chatty, Silent\n"


def test_since(chatty):
    """``--since`` goes by the emulator's clock."""
    invoke(chatty, "old")
    chatty.control("clock", {"advance": "1h"})
    invoke(chatty, "new")

    lines = shown(chatty, "--since", "10m")
    assert any(line.endswith("printed new") for line in lines)
    assert not any(line.endswith("printed old") for line in lines)


def test_follow(chatty):
    """``-f`` prints what was logged, then what is logged, and ends with the emulator."""
    invoke(chatty, "before")
    command = [sys.executable, "-m", "emulator", "--url", chatty.ready["aws"], "logs", "-f"]
    with subprocess.Popen(
        [*command, "Chatty"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as following:
        try:
            lines = iter(following.stdout)
            assert next(line for line in lines if "printed before" in line)
            assert next(line for line in lines if "REPORT" in line)
            invoke(chatty, "after")
            assert next(line for line in lines if "printed after" in line)
            chatty.stop()

            assert following.wait(30) == 0
            assert following.stderr.read() == "emulator: it has stopped\n"
        finally:
            following.kill()


def test_reset_empties_the_log(chatty):
    """After a reset the log is as on the first day."""
    invoke(chatty, 1)
    chatty.control("reset", {})

    assert shown(chatty) == []
    assert chatty.client("logs").describe_log_groups()["logGroups"] == []


def test_concurrent_invocations(chatty):
    """Events of invocations that overlap keep their order, each in its own request."""
    threads = [threading.Thread(target=invoke, args=(chatty, number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    by_request = {}
    for event in objects(chatty):
        by_request.setdefault(event["requestId"], []).append(event["message"].split(" ")[0])
    assert len(by_request) == 8
    for kinds in by_request.values():
        assert next(kind for kind in kinds if kind != "INIT_START") == "START"
        assert kinds[-1] == "REPORT"


def test_describe(chatty):
    """Groups and streams are there once the function has logged, described as AWS does."""
    client = chatty.client("logs")
    assert client.describe_log_groups()["logGroups"] == []
    stream = invoke(chatty, 1)

    [group] = client.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    created = group.pop("creationTime")
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"
    assert group == {
        "logGroupName": GROUP,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "logGroupArn": arn,
    }
    [described] = client.describe_log_streams(
        logGroupName=GROUP, orderBy="LastEventTime", descending=True
    )["logStreams"]
    assert described["logStreamName"] == stream
    assert described["arn"] == f"{arn}:log-stream:{stream}"
    assert created <= described["creationTime"]
    assert described["firstEventTimestamp"] <= described["lastEventTimestamp"]


def test_unknown_group_and_stream(chatty):
    """What is not there is AWS's ResourceNotFoundException."""
    client = chatty.client("logs")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log group does not"):
        client.filter_log_events(logGroupName=GROUP)
    invoke(chatty, 1)

    with pytest.raises(client.exceptions.ResourceNotFoundException, match="log stream does not"):
        client.get_log_events(logGroupName=GROUP, logStreamName="none")


def test_get_log_events_both_ways(chatty):
    """Tokens lead forward and backward through every event once, and stand still at the ends."""
    stream = invoke(chatty, 1)
    client = chatty.client("logs")
    everything = {"logGroupName": GROUP, "logStreamName": stream}
    expected = [e["message"] for e in client.get_log_events(**everything)["events"]]

    def walk(token_name, **first):
        found, token, options = [], None, {**everything, "limit": 2, **first}
        while True:
            page = client.get_log_events(**options)
            found.append([event["message"] for event in page["events"]])
            if page[token_name] == token:
                return found
            token = page[token_name]
            options = {**everything, "limit": 2, "nextToken": token}

    forward = walk("nextForwardToken", startFromHead=True)
    backward = walk("nextBackwardToken")
    assert expected == [message for page in forward for message in page]
    assert expected == [message for page in reversed(backward) for message in page]


def test_filter_log_events(chatty):
    """Patterns select, pages are complete, times bound."""
    for number in range(3):
        invoke(chatty, number)
    client = chatty.client("logs")
    pages = client.get_paginator("filter_log_events")

    def found(**options):
        events = pages.paginate(
            logGroupName=GROUP, PaginationConfig={"PageSize": 2}, **options
        ).build_full_result()["events"]
        return [event["message"] for event in events]

    assert found(filterPattern="printed") == ["printed 0\n", "printed 1\n", "printed 2\n"]
    assert found(filterPattern='{ $.level = "ERROR" && $.n > 0 }') == [
        '{"level": "ERROR", "n": 1}\n',
        '{"level": "ERROR", "n": 2}\n',
    ]
    assert len(found(filterPattern="?REPORT ?fine")) == 3
    first = client.filter_log_events(logGroupName=GROUP, limit=1)["events"][0]
    assert found(endTime=first["timestamp"] - 1) == []
    assert found(logStreamNames=[first["logStreamName"]], startTime=first["timestamp"])


def test_put_and_delete(chatty):
    """Own groups, streams and events work; what is deleted is gone, and comes back by logging."""
    client = chatty.client("logs")
    client.create_log_group(logGroupName="mine")
    client.create_log_stream(logGroupName="mine", logStreamName="s")
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException):
        client.create_log_group(logGroupName="mine")
    client.put_retention_policy(logGroupName="mine", retentionInDays=7)
    now = client.describe_log_groups()["logGroups"][0]["creationTime"]
    events = [{"timestamp": now, "message": "a"}, {"timestamp": now, "message": "b"}]
    client.put_log_events(logGroupName="mine", logStreamName="s", logEvents=events)

    got = client.get_log_events(logGroupName="mine", logStreamName="s")["events"]
    assert [event["message"] for event in got] == ["a", "b"]
    chatty.control("clock", {"advance": "8d"})
    assert client.filter_log_events(logGroupName="mine")["events"] == []
    client.delete_log_group(logGroupName="mine")
    invoke(chatty, 1)
    client.delete_log_group(logGroupName=GROUP)
    invoke(chatty, 2)
    found = client.filter_log_events(logGroupName=GROUP, filterPattern="printed")["events"]
    assert [event["message"] for event in found] == ["printed 2\n"]


def test_refused_by_name(chatty):
    """An operation that is not emulated is refused by its name."""
    client = chatty.client("logs")

    with pytest.raises(client.exceptions.ClientError, match="does not emulate StartQuery"):
        client.start_query(logGroupName=GROUP, startTime=0, endTime=1, queryString="fields x")


def test_aws_command_line(chatty):
    """The AWS CLI reads the log of a function."""
    invoke(chatty, 1)
    aws = Path(sys.executable).with_name("aws")
    result = subprocess.run(
        [
            *(aws, "logs", "filter-log-events", "--log-group-name", GROUP, "--output", "json"),
            *("--filter-pattern", '"printed 1"', "--endpoint-url", chatty.ready["aws"]),
        ],
        env={
            "PATH": os.environ["PATH"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert [event["message"] for event in json.loads(result.stdout)["events"]] == ["printed 1\n"]


def test_bounded(tmp_path):
    """The file forgets its oldest events instead of growing."""
    clock = ProcessClock()
    store = LogStore(tmp_path / "logs.sqlite3", clock, largest_bytes=300_000)
    for number in range(5000):
        store.write(
            LogEvent(
                function_name="F",
                request_id="r",
                timestamp=clock.now(),
                level=None,
                message=f"{number} {'x' * 100}\n",
                log_group="g",
                log_stream=f"s{number // 100}",
            )
        )
        if number % 100 == 0:
            store.flush()
    store.flush()

    kept = store.read(after=0, function_name="F", since=None, limit=10_000)
    assert 500 < len(kept) < 3000
    assert kept[-1].message.startswith("4999 ")
    store.stop()
    assert (tmp_path / "logs.sqlite3").stat().st_size < 600_000


@pytest.mark.parametrize(
    ("call", "parameters", "message"),
    [
        (
            "describe_log_streams",
            {"logGroupName": "mine", "orderBy": "sth"},
            "enum value set: \\[LogStreamName, LastEventTime\\]",
        ),
        ("create_log_group", {"logGroupName": "a" * 513}, "length less than or equal to 512"),
        (
            "describe_log_streams",
            {"logGroupIdentifier": "arn:aws:logs:us-east-1:123456789012:log-group:mine:*"},
            "at 'logGroupIdentifier' failed",
        ),
    ],
)
def test_parameters_that_are_refused(chatty, call, parameters, message):
    """Bad parameters are refused in AWS's words (moto's tests, verified on AWS)."""
    client = chatty.client("logs")

    with pytest.raises(client.exceptions.InvalidParameterException, match=message):
        getattr(client, call)(**parameters)


def test_events_that_are_too_new(chatty):
    """Events of the far future are told by their place, and the others taken."""
    client = chatty.client("logs")
    client.create_log_group(logGroupName="mine")
    client.create_log_stream(logGroupName="mine", logStreamName="s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + hours * 3_600_000, "message": "m"} for hours in (0, 5)]
    answer = client.put_log_events(logGroupName="mine", logStreamName="s", logEvents=events)

    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    assert len(client.get_log_events(logGroupName="mine", logStreamName="s")["events"]) == 1
