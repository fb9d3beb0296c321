"""Debuggers: an editor's over the debug adapter protocol, and pdb in the emulator's terminal."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from debug_adapter import DebugAdapterClient
from fakes import eventually
from running import ROOT, Emulator, children_of, fetch, is_alive
from sample import write_application

API = """
      Events:
        Call: {Type: Api, Properties: {Path: /call, Method: get}}
"""
DEBUGGED = """\
def handler(event, context):
    word = "before"
    remaining = context.get_remaining_time_in_millis()
    return {"statusCode": 200, "body": word}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def debugged(tmp_path):
    """An emulator that debugs a function of one second; and the port."""
    port = free_port()
    template = write_application(tmp_path, {"Handler": DEBUGGED}, timeout=1)
    template.write_text(template.read_text().rstrip() + API)
    emulator = Emulator(tmp_path, "--debug", f"Handler:{port}", template=template).start()
    yield emulator, port, tmp_path / "src" / "handler.py"
    children = children_of(emulator.process.pid)
    emulator.stop()
    eventually(lambda: not any(map(is_alive, children)))


def wait_until_listening(emulator, port):
    eventually(lambda: f"waiting for the debugger on 127.0.0.1:{port}" in emulator.log(), 30)


def call_in_thread(emulator, answers):
    stage = next(iter(emulator.ready["stages"].values()))
    thread = threading.Thread(target=lambda: answers.append(fetch("GET", f"{stage}/call")))
    thread.start()
    return thread


def test_breakpoint_of_an_editor(debugged):
    """An editor attaches, stops in the handler, reads and sets a variable, and lets it go on.

    The function's timeout of a second, and the gateway's limit, stand still meanwhile.
    """
    emulator, port, file = debugged
    wait_until_listening(emulator, port)
    editor = DebugAdapterClient(port)
    editor.attach(file, 4)
    answers = []
    thread = call_in_thread(emulator, answers)
    stopped = editor.event("stopped")
    frame = editor.call("stackTrace", threadId=stopped["threadId"])["stackFrames"][0]

    assert (stopped["reason"], frame["line"]) == ("breakpoint", 4)
    assert editor.call("evaluate", expression="word", frameId=frame["id"])["result"] == "'before'"
    scope = editor.call("scopes", frameId=frame["id"])["scopes"][0]["variablesReference"]
    thread.join(1.5)  # longer than the function's timeout
    assert thread.is_alive()
    editor.call("setVariable", variablesReference=scope, name="word", value="'after'")
    editor.call("continue", threadId=stopped["threadId"])
    thread.join()
    assert answers[0][::2] == (200, b"after")
    editor.close()


def test_saved_code_is_debugged_again(debugged):
    """After a save, the next invocation waits for the debugger again, on the same port."""
    emulator, port, file = debugged
    wait_until_listening(emulator, port)
    editor = DebugAdapterClient(port)
    editor.attach(file)
    answers = []
    call_in_thread(emulator, answers).join()
    editor.close()
    file.write_text(DEBUGGED.replace("before", "edited"))
    thread = call_in_thread(emulator, answers)
    waiting = f"waiting for the debugger on 127.0.0.1:{port}"
    eventually(lambda: emulator.log().count(waiting) == 2, 30)
    editor = DebugAdapterClient(port)
    editor.attach(file, 4)
    stopped = editor.event("stopped")
    editor.call("continue", threadId=stopped["threadId"])
    thread.join()
    editor.close()

    assert [answer[2] for answer in answers] == [b"before", b"edited"]


def test_unknown_function(tmp_path):
    """A function that is not there cannot be debugged, which is one line."""
    template = write_application(tmp_path, {"Handler": DEBUGGED})
    result = subprocess.run(
        [
            *(sys.executable, "-m", "emulator", "up", "--template", template, "--ephemeral"),
            *("--debug", "Nobody", "--api-port", "0", "--aws-port", "0"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert result.returncode == 2
    expected = "emulator: --debug: there is no function Nobody; there are: Handler\n"
    assert result.stderr == expected


STOPPING = """\
def handler(event, context):
    word = "before"
    print("printed first")
    breakpoint()
    return word
"""


class Terminal:
    """An emulator in a terminal, with somebody who types."""

    def __init__(self, folder):
        template = write_application(folder, {"Handler": STOPPING}, timeout=1)
        ready = folder / "ready.json"
        pid, self._descriptor = pty.fork()
        if pid == 0:
            os.chdir(ROOT)
            arguments = ["--template", str(template), "--data-dir", str(folder / "data")]
            arguments += ["--api-port", "0", "--aws-port", "0", "--ready-file", str(ready)]
            os.execv(sys.executable, [sys.executable, "-m", "emulator", "up", *arguments])  # noqa: S606 -- in a pty
        self.pid = pid
        self.text = ""
        self._changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        eventually(ready.exists, 60)
        self.ready = json.loads(ready.read_text())

    def shows(self, words, timeout_seconds=30):
        """Wait until the terminal shows something."""
        with self._changed:
            shown = self._changed.wait_for(lambda: words in self.text, timeout_seconds)
        assert shown, self.text

    def type(self, line):
        os.write(self._descriptor, f"{line}\n".encode())

    def invoke(self):
        url = f"{self.ready['aws']}/2015-03-31/functions/Handler/invocations"
        return fetch("POST", url, b"{}")

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)

    def _read(self):
        try:
            while data := os.read(self._descriptor, 4096):
                with self._changed:
                    self.text += data.decode(errors="replace")
                    self._changed.notify_all()
        except OSError:
            pass  # the other side has closed


@contextmanager
def terminal(folder):
    opened = Terminal(folder)
    try:
        yield opened
    finally:
        opened.stop()


def test_breakpoint_in_the_terminal(tmp_path):
    """``breakpoint()`` opens pdb in the emulator's terminal; the timeout stands still."""
    with terminal(tmp_path) as screen:
        answers = []
        thread = threading.Thread(target=lambda: answers.append(screen.invoke()))
        thread.start()
        screen.shows("(Pdb) ")
        assert screen.text.index("printed first") < screen.text.index("(Pdb) ")
        thread.join(1.5)  # longer than the function's timeout
        assert thread.is_alive()
        screen.type("p word + ' here'")
        screen.shows("'before here'")
        screen.type("word = 'typed'")
        screen.type("continue")
        thread.join()

        assert (answers[0][0], answers[0][2]) == (200, b'"typed"')
        screen.shows("REPORT RequestId")


def test_quit_in_the_terminal(tmp_path):
    """Leaving pdb by ``quit`` is an error of the handler, and everything goes on."""
    with terminal(tmp_path) as screen:
        answers = []
        thread = threading.Thread(target=lambda: answers.append(screen.invoke()))
        thread.start()
        screen.shows("(Pdb) ")
        screen.type("quit")
        thread.join()

        assert json.loads(answers[0][2])["errorType"] == "BdbQuit"
        screen.shows("REPORT RequestId")


def test_breakpoint_without_a_terminal(tmp_path):
    """Without a terminal ``breakpoint()`` is a warning with its place, and no error."""
    template = write_application(tmp_path, {"Handler": STOPPING})
    emulator = Emulator(tmp_path, template=template).start()
    try:
        answer = emulator.client("lambda").invoke(FunctionName="Handler", LogType="Tail")

        assert json.loads(answer["Payload"].read()) == "before"
        shown = emulator.command("logs", "Handler").stdout
        assert "breakpoint() at handler.py:4 is ignored: the emulator has no terminal" in shown
    finally:
        emulator.stop()
