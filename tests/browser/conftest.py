"""A real Chromium, the machine's own; without one these tests are skipped, but never in CI."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--disable-background-networking", "--disable-component-update", "--no-first-run")


# A page that refreshes every few seconds on a busy machine needs longer than Playwright's five.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        assert not os.environ.get("CI"), "CI must have a Chromium"
        pytest.skip("no Chromium on this machine: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, which containers and CI run as.
        browser = playwright.chromium.launch(
            executable_path=path, args=QUIET, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, emulator):
    context = browser.new_context(accept_downloads=True)
    context.add_init_script(f"localStorage['filestore.key'] ??= '{emulator.ready['api_key']}'")
    page = context.new_page()
    page.set_default_timeout(30_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(emulator.ready["web"])
    yield page
    context.close()
    assert errors == []
