"""Places and environments: who gets one, who waits, who is refused, and what it all costs."""

import json
import os
import threading
from pathlib import Path

import pytest
from fakes import eventually
from local_lambda import LocalLambda
from running import children_of

from benchmarks.lambda_soak import SOURCE as MIXED
from benchmarks.lambda_soak import Soak
from emulator.awslambda.concurrency import Concurrency
from emulator.errors import ServiceError

SOURCE = """
    import os, time

    PLACE = os.environ.get("PLACE")

    def who(event, context):
        return [os.getpid(), PLACE, os.environ.get("PLACE")]

    def waits(event, context):
        print("waiting")
        deadline = time.monotonic() + 8
        while not os.path.exists(event) and time.monotonic() < deadline:
            time.sleep(0.001)
        return os.getpid()
"""


def reason(error):
    return dict(error.value.members)["Reason"]


def test_reserved_concurrency():
    """It refuses at once, also those that a function calls."""
    places = Concurrency(limit=10, reserved=1)

    with places.place():
        for nested in (False, True):
            with (
                pytest.raises(ServiceError, match="Rate Exceeded") as error,
                places.place(nested=nested),
            ):
                pass
            assert (error.value.code, error.value.status) == ("TooManyRequestsException", 429)
            assert reason(error) == "ReservedFunctionConcurrentInvocationLimitExceeded"
    with places.place():
        pass


def test_nested_invocations_do_not_wait():
    """They go above the limit, to ten times as many; then they are throttled."""
    told = []
    places = Concurrency(limit=1, reserved=None, on_overflow=lambda: told.append("hopeless"))

    def nest(depth, *, nested=False):
        with places.place(nested=nested):
            return nest(depth - 1, nested=True) + 1 if depth > 0 else 1

    assert nest(9) == 10
    with pytest.raises(ServiceError) as error:
        nest(10)
    assert reason(error) == "ConcurrentInvocationLimitExceeded"
    assert nest(9) == 10
    assert told == ["hopeless"]


def test_others_wait():
    """Until a place is free; waiting long is told once."""
    told = threading.Event()
    entered = threading.Event()
    places = Concurrency(limit=1, reserved=None, on_wait=told.set, patience_seconds=0.01)

    def wait():
        with places.place():
            entered.set()

    waiting = threading.Thread(target=wait)
    with places.place():
        waiting.start()
        assert told.wait(10)
        assert not entered.is_set()
    waiting.join(10)
    assert entered.is_set()


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def together(*calls):
    """Do things at the same time; give what they returned."""
    answers = []
    threads = [threading.Thread(target=lambda c=c: answers.append(c())) for c in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_last_used_is_the_next_used(tmp_path):
    """Environments grow with what overlaps, and one alone keeps being used, the others idle."""
    go = tmp_path / "go"
    with LocalLambda(tmp_path, SOURCE, {"waits": "app.waits"}) as lambda_:
        threads = [threading.Thread(target=lambda_.run, args=("waits", str(go))) for _ in range(3)]
        for thread in threads:
            thread.start()
        eventually(lambda: lambda_.log.messages.count("waiting\n") == 3)
        go.touch()
        for thread in threads:
            thread.join()
        folders = len(list(lambda_.temporary.iterdir()))
        alone = {lambda_.run("waits", str(go))[1] for _ in range(5)}

    assert (folders, len(alone)) == (3, 1)
    assert not lambda_.temporary.exists()


def test_idle_environments_end(tmp_path):
    """What nobody used for a while goes, with its folder."""
    with LocalLambda(tmp_path, SOURCE, {"who": "app.who"}) as lambda_:
        pid, *_ = lambda_.run("who")[1]
        lambda_.service.retire_idle(idle_seconds=300)
        kept = lambda_.run("who")[1][0]
        lambda_.service.retire_idle(idle_seconds=0)
        eventually(lambda: not Path(f"/proc/{pid}").exists())

        assert kept == pid
        assert list(lambda_.temporary.iterdir()) == []
        assert lambda_.run("who")[1][0] != pid


def test_functions_of_one_tree_do_not_share_their_variables(tmp_path):
    """Each sees its own, at import and later, however they take turns."""
    functions = {
        name: {"handler": "app.who", "environment": (("PLACE", name),)} for name in "abcdef"
    }
    with LocalLambda(tmp_path, SOURCE, functions) as lambda_:
        calls = [
            lambda name=name: (name, lambda_.run(name)[1]) for _ in range(10) for name in functions
        ]
        answers = together(*calls)
        seen = {
            name: {tuple(answer[1:]) for n, answer in answers if n == name} for name in "abcdef"
        }
        processes = {name: {answer[0] for n, answer in answers if n == name} for name in "abcdef"}

    assert seen == {name: {(name, name)} for name in "abcdef"}
    assert sum(map(len, processes.values())) == len(set.union(*processes.values()))


def test_functions_that_are_not_called_cost_nothing(tmp_path):
    """A hundred and eighty of them have no process, thread, descriptor or folder."""

    def cost(count, name):
        folder = tmp_path / name
        folder.mkdir()
        threads, opened = threading.active_count(), descriptors()
        functions = {f"f{number}": "app.who" for number in range(count)}
        with LocalLambda(folder, SOURCE, functions) as lambda_:
            lambda_.run("f0")  # the zygote is up, and one environment
            return (
                len(children_of(os.getpid())),
                threading.active_count() - threads,
                descriptors() - opened,
                len(list(lambda_.temporary.iterdir())),
            )

    assert cost(1, "one") == cost(180, "many")


@pytest.mark.timeout(120)
def test_soak(tmp_path):
    """Timeouts, exits and exceptions mixed in: every answer is right, and nothing is left."""
    functions = {"mixed": {"handler": "app.mixed", "timeout_seconds": 1}}
    with LocalLambda(tmp_path, MIXED, functions) as lambda_:

        def invoke(event):
            path = "/2015-03-31/functions/mixed/invocations"
            _, headers, body = lambda_.call(path, json.dumps(event).encode())
            return headers.get("X-Amz-Function-Error"), json.loads(body)

        invoke({"number": 0, "kind": "answer"})
        lambda_.service.reset()
        before = len(children_of(os.getpid())), descriptors()
        soak = Soak(invoke, count=300, clients=8)
        assert soak.run() == []
        lambda_.service.reset()

        assert (len(children_of(os.getpid())), descriptors()) == before
        assert list(lambda_.temporary.iterdir()) == []
