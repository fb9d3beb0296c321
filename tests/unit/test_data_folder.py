"""The data folder: its lock, its key, and what the other commands read in it."""

import contextlib
import json

import pytest

from emulator.data_folder import DataFolder, read_announcement
from emulator.errors import StartupError


def test_one_emulator_a_folder(tmp_path):
    """A second emulator is refused with the process that has it, until the first lets go."""
    first = DataFolder(tmp_path / "data")
    with pytest.raises(
        StartupError, match=r"another emulator \(process \d+\) uses the data folder"
    ):
        DataFolder(tmp_path / "data")
    first.close()
    DataFolder(tmp_path / "data").close()


def test_api_key_stays(tmp_path):
    """The key is made once, long and alphanumeric; a chosen one replaces it."""
    folder = DataFolder(tmp_path)
    made = folder.api_key(None)

    assert len(made) == 40
    assert made.isalnum()
    assert made == folder.api_key(None)
    assert folder.api_key("chosen") == folder.api_key(None) == "chosen"
    folder.close()


def test_secrets_are_the_user_s(tmp_path):
    """Nobody else on the machine can read the key."""
    folder = DataFolder(tmp_path)
    folder.api_key(None)
    folder.close()

    assert (tmp_path / "api-key").stat().st_mode & 0o077 == 0


def test_ephemeral_folder_goes():
    """An ephemeral folder is deleted at the end, and closing twice does no harm."""
    folder = DataFolder(None)

    assert folder.path.is_dir()
    folder.close()
    folder.close()
    assert not folder.path.exists()


def test_announcement(tmp_path):
    """Other commands find the URL while the emulator runs, and nothing afterwards."""
    folder = DataFolder(tmp_path)
    folder.announce({"aws": "http://127.0.0.1:1"})

    assert read_announcement(tmp_path) == {"aws": "http://127.0.0.1:1"}
    folder.close()
    assert read_announcement(tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_broken_announcement(tmp_path, content):
    """A broken file counts as none."""
    (tmp_path / "ready.json").write_text(content)

    assert read_announcement(tmp_path) is None


def test_unusable_folder(tmp_path):
    """A file in the way is named, with the remedy."""
    (tmp_path / "file").write_text(json.dumps({}))
    with pytest.raises(StartupError, match=r"cannot be used.*--data-dir"):
        DataFolder(tmp_path / "file")


@pytest.mark.parametrize("key", ["", "two\nlines", "é", "a b"])
def test_a_key_that_no_header_takes_is_refused(tmp_path, key):
    with (
        contextlib.closing(DataFolder(tmp_path)) as folder,
        pytest.raises(StartupError, match="cannot be sent in a header"),
    ):
        folder.api_key(key)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\x00"])
def test_a_lost_key_is_made_anew(tmp_path, content):
    """A file that a full disk left empty is no key that an empty header would match."""
    (tmp_path / "api-key").write_bytes(content)
    with contextlib.closing(DataFolder(tmp_path)) as folder:
        key = folder.api_key(None)

        assert len(key) >= 20
        assert key == folder.api_key(None)
