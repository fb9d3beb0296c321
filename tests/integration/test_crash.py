"""kill -9 of the emulator: nothing that was acknowledged is lost, and nothing is left running."""

import random
import threading
import time

import pytest
from running import children_of, fetch, is_alive

CRASHES = 20


class Uploaders:
    """Four clients that upload until the emulator is gone, and remember what was acknowledged."""

    def __init__(self, emulator, seed):
        self.acknowledged = {}
        self._emulator = emulator
        self._threads = [
            threading.Thread(target=self._upload, args=(seed * 10 + n,)) for n in range(4)
        ]

    def _upload(self, seed):
        source = random.Random(seed)  # noqa: S311 -- contents, not secrets
        while True:
            content = source.randbytes(source.randrange(1, 200_000))
            try:
                file_id = self._emulator.upload(f"{seed}.bin", content)
            except Exception:  # noqa: BLE001 -- whatever a killed server does to its client
                return
            self.acknowledged[file_id] = content

    def start(self):
        for thread in self._threads:
            thread.start()

    def join(self):
        for thread in self._threads:
            thread.join()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_kill_at_any_moment(own_emulator):
    """After kill -9, 20 times: each upload answered with 200 is whole, and its item completed."""
    moments = random.Random(2019)  # noqa: S311 -- any moment will do
    acknowledged = {}
    own_emulator.start()
    for crash in range(CRASHES):
        uploaders = Uploaders(own_emulator, crash)
        uploaders.start()
        time.sleep(moments.uniform(0.05, 0.6))  # the random moment
        own_emulator.kill()
        uploaders.join()
        own_emulator.start()
        acknowledged.update(uploaders.acknowledged)
    own_emulator.idle(60)

    assert acknowledged
    own_emulator.call("PUT", "/files/", list(acknowledged), key=own_emulator.ready["api_key"])
    details = {detail["id"]: detail for detail in own_emulator.info(list(acknowledged))}
    for file_id, content in acknowledged.items():
        assert details[file_id]["uploaded_at"]
        assert details[file_id]["size"] == len(content)
        assert fetch("GET", details[file_id]["url"])[2] == content


def test_nothing_is_left_after_kill(own_emulator):
    """Its processes end with it even when it cannot end them."""
    emulator = own_emulator.start()
    emulator.call("POST", "/file", {"name": "a"})
    children = children_of(emulator.process.pid)
    emulator.kill()

    assert children
    deadline = time.monotonic() + 10
    while [pid for pid in children if is_alive(pid)] and time.monotonic() < deadline:
        time.sleep(0.02)  # processes of processes cannot be waited for
    assert not [pid for pid in children if is_alive(pid)]
