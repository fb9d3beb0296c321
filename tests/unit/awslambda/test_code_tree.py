"""What counts as a change of a function's code."""

import pytest

from emulator.awslambda.reload import CodeTree
from emulator.data_folder import DataFolder


@pytest.fixture
def code(tmp_path):
    (tmp_path / "app.py").write_text("one")
    return tmp_path


def test_a_changed_file_is_a_change(code):
    """Whatever the file is: handlers read data files as well."""
    before = CodeTree(code).fingerprint()
    (code / "package").mkdir()
    (code / "package" / "data.json").write_text("{}")

    assert before != CodeTree(code).fingerprint()


def test_a_data_folder_beside_the_code_is_none(code):
    """With ``CodeUri: .`` the data folder may lie in it; what is written there is no code."""
    folder = DataFolder(code / "data")
    before = CodeTree(code).fingerprint()
    (folder.path / "written.sqlite3").write_text("log")
    folder.close()

    assert before == CodeTree(code).fingerprint()
