"""Which folders are watched for saves."""

from emulator.settings import DATA_FOLDER_MARK
from emulator.watching import folders_below


def test_shallow_folders_first_and_no_data(tmp_path):
    """The user's own folders come before what lies deep; a data folder is left out whole."""
    for folder in ("a/deep/deeper", "b", "data/lambda/tmp", "node_modules/x"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "data" / DATA_FOLDER_MARK).touch()

    assert list(folders_below(tmp_path)) == [
        str(tmp_path / folder) for folder in ("", "a", "b", "a/deep", "a/deep/deeper")
    ]
