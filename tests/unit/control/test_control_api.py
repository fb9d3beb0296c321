"""The control API: each call, its refusals, and its safety from web pages."""

import sqlite3
from datetime import timedelta

import pytest

from emulator.control import create_app
from emulator.errors import ServiceError


class FakeStack:
    """Records what it was asked to do."""

    def __init__(self):
        self.asked = []
        self.running = ()

    def health(self):
        return {"status": "running"}

    def clock(self):
        return {"offset_seconds": 0}

    def advance_clock(self, delta):
        self.asked.append(delta)
        return {"offset_seconds": delta.total_seconds()}

    def reset_clock(self):
        self.asked.append("real time")
        return {"offset_seconds": 0}

    def trace_page(self, **query):
        self.asked.append(query)
        return {"records": [], "next": 0}

    def fire(self, name):
        if name != "Expire":
            raise ServiceError("ResourceNotFoundException", f"nothing is called {name}", status=404)
        return {"fired": ["ExpireSchedule"]}

    def idle(self, timeout_seconds):
        self.asked.append(timeout_seconds)
        return self.running

    def reset(self):
        self.asked.append("reset")

    def reset_table(self, name):
        self.asked.append(f"reset {name}")


@pytest.fixture
def stack():
    return FakeStack()


@pytest.fixture
def client(stack):
    return create_app(stack).test_client()


@pytest.mark.parametrize(
    ("call", "document", "answer"),
    [
        ("clock", {"advance": "2h"}, {"offset_seconds": 7200.0}),
        ("clock", {"reset": True}, {"offset_seconds": 0}),
        ("reset", {"table": "Files"}, {"reset": True}),
        ("fire", {"function": "Expire"}, {"fired": ["ExpireSchedule"]}),
        ("idle", {"timeout": 5}, {"idle": True}),
        ("idle", None, {"idle": True}),
        ("reset", None, {"reset": True}),
    ],
)
def test_calls(client, call, document, answer):
    """Every call answers with what the stack says."""
    response = client.post(f"/_emulator/{call}", json=document)

    assert (response.status_code, response.json) == (200, answer)


@pytest.mark.parametrize("call", ["health", "clock"])
def test_reading_calls(client, call):
    """Health and clock can be read."""
    assert client.get(f"/_emulator/{call}").status_code == 200


def test_advance_reaches_the_stack(client, stack):
    """The duration arrives as a timedelta."""
    client.post("/_emulator/clock", json={"advance": "90s"})

    assert stack.asked == [timedelta(seconds=90)]


def test_not_idle(client, stack):
    """What still runs is a 408 that names it."""
    stack.running = ("Uploaded: attempt 1",)
    response = client.post("/_emulator/idle", json={"timeout": 0.5})

    assert response.status_code == 408
    assert response.json["running"] == ["Uploaded: attempt 1"]


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("clock", b'{"advance": "soon"}', 400),
        ("clock", b'{"advance": 2}', 400),
        ("clock", b"{}", 400),
        ("clock", b"[]", 400),
        ("clock", b"{", 400),
        ("clock", b"\xff", 400),
        ("fire", b'{"function": "Nothing"}', 404),
        ("fire", b'{"function": null}', 400),
        ("idle", b'{"timeout": "5"}', 400),
        ("idle", b'{"timeout": true}', 400),
        ("idle", b'{"timeout": -1}', 400),
        ("idle", b'{"timeout": 1e9}', 400),
        ("nothing", b"{}", 404),
        ("health", b"{}", 404),
    ],
)
def test_refusals(client, call, body, status):
    """A mistake is answered with a message, never with a traceback."""
    response = client.post(f"/_emulator/{call}", data=body, content_type="application/json")

    assert response.status_code == status
    assert response.json["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "evil.example:4566"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain", "Origin": "http://localhost"},
        {"Content-Type": "application/x-www-form-urlencoded", "Referer": "http://evil.example/"},
        {"Content-Type": "text/plain", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_other_sites_are_refused(client, stack, headers):
    """A web page can neither post to the control API nor reach it by a rebound host name."""
    headers = {"Content-Type": "application/json", **headers}

    assert client.post("/_emulator/reset", data=b"{}", headers=headers).status_code == 403
    assert stack.asked == []


def test_curl_is_served(client):
    """``curl -d`` names the type of a form; it is no web page."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "curl/8"}

    assert client.post("/_emulator/reset", data=b"{}", headers=headers).status_code == 200


def test_own_console_is_served(client):
    """A page of the listener itself may call it."""
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}

    assert client.post("/_emulator/reset", json={}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", {"trace_id": None, "after": 0, "limit": 100, "wait": 0}),
        (
            "?trace_id=1-2-3&after=7&limit=5&wait=999",
            {"trace_id": "1-2-3", "after": 7, "limit": 5, "wait": 60},
        ),
    ],
)
def test_a_page_of_the_trace(client, stack, query, asked):
    """The trace is asked for by id, place and number; a wait has an end."""
    response = client.get(f"/_emulator/trace{query}")

    assert (response.status_code, response.json) == (200, {"records": [], "next": 0})
    assert stack.asked == [asked]


def test_a_limit_of_the_trace_that_is_no_number(client):
    """A bad number is named."""
    response = client.get("/_emulator/trace?limit=many")

    assert response.status_code == 400
    assert response.json["message"] == "limit must be a number, and not 'many'"


def test_a_full_disk(client, stack, monkeypatch):
    """What cannot be written is said in a line."""

    def full():
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(stack, "reset", full)
    answer = client.post("/_emulator/reset", json={})

    assert answer.status_code == 503
    assert answer.json["message"].startswith("the data folder cannot be written: database or disk")
