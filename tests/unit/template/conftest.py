import pytest
from unit.template.template_folder import TemplateFolder


@pytest.fixture
def folder(tmp_path):
    """A folder with ``src/`` and no template yet."""
    return TemplateFolder(tmp_path)
