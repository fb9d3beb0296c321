"""The console of the control API in a real Chromium."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def console(browser, emulator):
    context = browser.new_context()
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(emulator.ready["console"])
    yield page
    context.close()
    assert errors == []


def test_what_runs_is_shown(console):
    """The console names the template, every function and each schedule."""
    expect(console.get_by_role("heading", level=1)).to_contain_text("template.yaml runs")
    expect(console.locator("#functions")).to_contain_text("Preprocess")
    expect(console.locator("#schedules")).to_contain_text("ExpireHalfHourly")


def test_the_clock_is_moved(console, emulator):
    """A button moves the emulator's clock."""
    console.get_by_role("button", name="+2 h").click()
    expect(console.locator("#said")).to_have_text("advance by 2h: done")

    assert emulator.control("clock")[1]["offset_seconds"] == 7200


def test_a_schedule_is_fired(console):
    """A button fires a schedule now."""
    console.get_by_role("button", name="fire now").click()

    expect(console.locator("#said")).to_have_text("fire ExpireHalfHourly: done")


def test_a_trace_is_shown(console, emulator):
    """The latest steps are shown; a click on the id of one, and its whole trace is."""
    emulator.upload("a.txt", b"alpha")
    emulator.idle()
    console.get_by_role("button", name="show").click()
    upload = console.locator("#steps tr", has_text="PUT /").first
    expect(upload).to_contain_text("s3")
    upload.get_by_role("button").click()

    expect(console.locator("#steps tr").first).to_contain_text("PUT /")
    expect(console.locator("#steps tr.log", has_text="uploaded")).to_be_visible()


def test_what_was_refused_is_shown(console, emulator):
    """A box leaves only what was refused, each with its reason."""
    emulator.call("GET", "/nothing/here")
    console.get_by_label("refused or failed").check()
    # What the test before has fired may fail yet: the reset between them ends it.
    steps = console.locator("#steps tr", has_text="/nothing/here")

    expect(steps).to_have_count(1)
    expect(steps.locator(".reason")).to_contain_text("no such method of a resource")
