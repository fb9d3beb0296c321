"""A client of the debug adapter protocol, as an editor is one.

https://microsoft.github.io/debug-adapter-protocol/specification
"""

import json
import socket


class DebugAdapterClient:
    """Speaks to one debug adapter; what it says besides answers is kept for ``event``."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._events = []
        self._responses = {}

    def send(self, command, **arguments):
        """Send a request; give its number."""
        self._number += 1
        request = {"seq": self._number, "type": "request", "command": command}
        body = json.dumps({**request, "arguments": arguments}).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return self._number

    def response(self, number):
        """Wait for the answer to a request; give its body."""
        while number not in self._responses:
            self._read()
        answer = self._responses.pop(number)
        assert answer["success"], answer
        return answer.get("body")

    def call(self, command, **arguments):
        """Send a request and wait for its answer."""
        return self.response(self.send(command, **arguments))

    def event(self, name):
        """Wait for an event; give its body."""
        while True:
            for event in self._events:
                if event["event"] == name:
                    self._events.remove(event)
                    return event.get("body")
            self._read()

    def attach(self, file, *lines):
        """Attach as VS Code does, with breakpoints in one file."""
        self.call("initialize", adapterID="debugpy", pathFormat="path", linesStartAt1=True)
        attaching = self.send("attach", justMyCode=False)
        self.event("initialized")
        breakpoints = [{"line": line} for line in lines]
        set_ = self.call("setBreakpoints", source={"path": str(file)}, breakpoints=breakpoints)
        assert all(found["verified"] for found in set_["breakpoints"])
        self.call("configurationDone")
        self.response(attaching)

    def close(self):
        """Hang up."""
        self._stream.close()
        self._socket.close()

    def _read(self):
        length = 0
        while (line := self._stream.readline()) not in {b"\r\n", b""}:
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        assert length, "the debug adapter has hung up"
        message = json.loads(self._stream.read(length))
        if message["type"] == "event":
            self._events.append(message)
        elif message["type"] == "response":
            self._responses[message["request_seq"]] = message
