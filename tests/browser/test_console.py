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
