"""The demo page in a real Chromium, against a running emulator, on origins of their own."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
INFO = re.compile(r".*/files/\?.*")


def drop(page, *files):
    """Choose files as a user does: (name, media type, bytes)."""
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    )


def row(page, name):
    """Find the list's row of a file."""
    return page.locator("#files .file", has_text=name)


def expect_state(page, name, state):
    """Wait until the list says so."""
    expect(row(page, name)).to_have_attribute("data-state", state)


def press(page, action, name):
    """Press a button of a file's row."""
    row(page, name).get_by_role("button", name=action).click()


@pytest.fixture
def large_file(tmp_path):
    """50 MB on disk; larger than what Playwright takes as bytes."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(256)) * (50 * 1024 * 1024 // 256))
    return file


def test_three_files_at_once(page, emulator, tmp_path, large_file):
    """Three files, one of 50 MB, are uploaded side by side and become known as uploaded."""
    (tmp_path / "a.txt").write_text("alpha")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    page.locator("input[type=file]").set_input_files(
        [tmp_path / "a.txt", tmp_path / "b.png", large_file]
    )
    for name in ("a.txt", "b.png", "large.bin"):
        expect_state(page, name, "uploaded")
    ids = [element.get_attribute("data-id") for element in page.locator("#files .file").all()]

    assert sorted(d["size"] for d in emulator.info(ids)) == [5, 8, 50 * 1024 * 1024]


def test_store_and_download(page):
    """A stored file is downloaded under its own name, byte for byte."""
    content = bytes(range(256)) * 10
    drop(page, ('näme "q".bin', "application/x-thing", content))
    expect_state(page, "näme", "uploaded")
    press(page, "Store", "näme")
    expect_state(page, "näme", "stored")
    with page.expect_download() as waiting:
        press(page, "Download", "näme")
    download = waiting.value

    assert download.suggested_filename.startswith("näme")
    with open(download.path(), "rb") as file:  # noqa: PTH123 -- Playwright gives a str
        assert content == file.read()


def test_revert(page, emulator):
    """Reverting an upload really deletes it."""
    drop(page, ("gone.txt", "text/plain", b"gone"))
    expect_state(page, "gone.txt", "uploaded")
    file_id = row(page, "gone.txt").get_attribute("data-id")
    page.locator(".filepond--action-revert-item-processing").click()
    expect(row(page, "gone.txt")).to_have_count(0)

    assert emulator.info([file_id]) == []


def test_delete(page):
    """Delete marks the file; it stays in the list as deleted."""
    drop(page, ("a.txt", "text/plain", b"a"))
    expect_state(page, "a.txt", "uploaded")
    press(page, "Delete", "a.txt")

    expect_state(page, "a.txt", "deleted")


def test_expiry_is_seen(page, emulator):
    """A file that nobody stored is shown as deleted once it has expired."""
    drop(page, ("a.txt", "text/plain", b"a"))
    expect_state(page, "a.txt", "uploaded")
    emulator.control("clock", {"advance": "2h"})

    expect_state(page, "a.txt", "deleted")


def test_a_slow_api_is_shown(page):
    """Answers that take longer than the page waits between its questions are shown, too."""
    answers = []

    def answer_late(route):
        # The page is told what the API said at the question before the last.
        answers.append(route)
        if len(answers) > 2:
            answers.pop(0).continue_()

    drop(page, ("a.txt", "text/plain", b"a"))
    expect_state(page, "a.txt", "uploaded")
    page.route(INFO, answer_late)
    press(page, "Store", "a.txt")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Save").click()

    expect_state(page, "a.txt", "stored")
    page.unroute_all(behavior="ignoreErrors")


def test_nothing_can_be_chosen_before_the_script_runs(page):
    """A file that is chosen while the page still loads cannot be lost: there is no place for it."""
    routes = []

    def hold(route):
        routes.append(route)

    page.route("**/emulator.json", hold)
    with page.expect_request("**/emulator.json"):
        page.reload(wait_until="commit")
    expect(page.get_by_role("heading", name="Upload")).to_be_visible()
    inputs = page.locator("input[type=file]").count()
    routes[0].continue_()

    assert inputs == 0
    expect(page.locator("input[type=file]")).to_have_count(1)


def test_refused_upload_is_shown(page):
    """An upload that S3 refuses shows S3's reason on the file, and can be retried."""

    def tamper(route):
        route.continue_(url=re.sub(r"(?i)signature=[^&]{4}", "Signature=0000", route.request.url))

    page.route(re.compile(r".*[?&](X-Amz-)?Signature=.*"), tamper)
    drop(page, ("a.txt", "text/plain", b"a"))

    expect(page.locator(".filepond--file-status-main")).to_contain_text("S3 refused the file")
    page.unroute_all()
    page.locator(".filepond--action-retry-item-processing").click()
    expect_state(page, "a.txt", "uploaded")


def test_wrong_key_is_told(page):
    """A wrong API key is named where the user looks."""
    page.get_by_label("API key").fill("wrong")
    page.get_by_role("button", name="Save").click()
    drop(page, ("a.txt", "text/plain", b"a"))

    expect(page.locator("#message")).to_contain_text("is the API key right?")


def test_an_answer_says_nothing_of_files_that_came_after_the_question(page):
    """A file that is added while the list is refreshed is not taken for an unknown one."""
    drop(page, ("first.txt", "text/plain", b"a"))
    expect_state(page, "first.txt", "uploaded")
    held, released = [], []

    def hold(route):
        if released:
            route.continue_()
        else:
            held.append(route)

    with page.expect_request(INFO):
        page.route(INFO, hold)
    drop(page, ("second.txt", "text/plain", b"b"))
    expect_state(page, "second.txt", "announced")
    page.evaluate(
        """() => {
            window.seen = [];
            const list = document.getElementById("files");
            new MutationObserver(() => {
                for (const row of list.children) window.seen.push(row.dataset.state);
            }).observe(list, { childList: true });
        }"""
    )
    released.extend(held)
    for route in held:
        route.continue_()
    expect_state(page, "second.txt", "uploaded")
    states = page.evaluate("window.seen")

    assert "unknown" not in states


def test_focus_stays_in_the_row(page):
    """Store by the keyboard leaves the focus on the buttons of the same file."""
    drop(page, ("a.txt", "text/plain", b"a"))
    expect_state(page, "a.txt", "uploaded")
    row(page, "a.txt").get_by_role("button", name="Store").focus()
    page.keyboard.press("Enter")
    expect_state(page, "a.txt", "stored")

    expect(row(page, "a.txt").get_by_role("button", name="Download")).to_be_focused()


def test_settings_and_list_survive_damage(page, emulator):
    """An emptied root is the emulator's again, and a damaged list is an empty one."""
    page.get_by_label("API root").fill("")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_label("API root")).to_have_value(emulator.ready["stages"]["Api"])
    page.evaluate("localStorage.setItem('filestore.files', '{broken')")
    page.reload()
    expect(page.locator("#empty")).to_be_visible()
    expect(page.locator(".filepond--root")).to_have_count(1)


def test_a_complaint_ends_with_its_cause(page):
    """What is said while the API does not answer is taken back when it does."""
    drop(page, ("a.txt", "text/plain", b"a"))
    expect_state(page, "a.txt", "uploaded")
    page.route(INFO, lambda route: route.abort())
    expect(page.locator("#message")).to_contain_text("does not answer")
    page.unroute_all()

    expect(page.locator("#message")).to_have_text("")


def test_keyboard_and_phone(page):
    """Every control is reached by the keyboard, and nothing is wider than a phone."""
    page.set_viewport_size({"width": 360, "height": 640})
    drop(page, ("a-very-long-name-" * 8 + ".txt", "text/plain", b"a"))
    expect_state(page, "a-very-long-name", "uploaded")
    row(page, "a-very-long-name").get_by_role("button", name="Store").focus()
    page.keyboard.press("Enter")
    expect_state(page, "a-very-long-name", "stored")

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("button:not([aria-label]):empty").count() == 0
