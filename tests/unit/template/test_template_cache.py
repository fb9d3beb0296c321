"""Translations are kept, and made again when anything that they depend on has changed."""

from unit.template.template_folder import FUNCTION, SAM

TEMPLATE = f"""\
{SAM}Parameters:
  Name: {{Type: String, Default: a}}
Resources:
{FUNCTION}      Description: !Ref Name
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      DefinitionBody:
        Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: api.yaml}}}}
"""
DEFINITION = "swagger: '2.0'\ninfo: {title: TITLE}\npaths: {}\n"


def kept(folder):
    return sorted((folder.path / "cache").iterdir())


def test_a_kept_translation_gives_the_same_application(folder):
    folder.write("api.yaml", DEFINITION)

    made = folder.load(TEMPLATE, cached=True)
    [file] = kept(folder)
    written = file.stat().st_mtime_ns
    found = folder.load(cached=True)

    assert found == made
    assert kept(folder) == [file]
    assert file.stat().st_mtime_ns == written


def test_a_changed_template_is_translated_again(folder):
    folder.write("api.yaml", DEFINITION)
    folder.load(TEMPLATE, cached=True)

    changed = folder.load(TEMPLATE.replace("app.handler", "app.other"), cached=True)

    assert changed.functions[0].handler == "app.other"


def test_a_changed_included_file_is_read_again(folder):
    folder.write("api.yaml", DEFINITION)
    folder.load(TEMPLATE, cached=True)

    folder.write("api.yaml", DEFINITION.replace("TITLE", "Changed"))

    assert folder.load(cached=True).rest_apis[0].name == "Changed"


def test_other_parameters_are_another_translation(folder):
    folder.write("api.yaml", DEFINITION)
    folder.load(TEMPLATE, cached=True)

    assert folder.load(cached=True, Name="b").functions[0].description == "b"
    assert len(kept(folder)) == 2


def test_a_damaged_cache_is_made_again(folder):
    folder.write("api.yaml", DEFINITION)
    made = folder.load(TEMPLATE, cached=True)
    [file] = kept(folder)

    for damage in (b"", b"{}", b"[]", b"null", file.read_bytes()[:-9]):
        file.write_bytes(damage)

        assert folder.load(cached=True) == made


def test_a_cache_that_cannot_be_written_is_no_error(folder):
    folder.write("api.yaml", DEFINITION)
    folder.write("cache", "a file where the folder should be")

    assert folder.load(TEMPLATE, cached=True).functions[0].description == "a"


def test_old_translations_go(folder, monkeypatch):
    """A template that is edited all day leaves the newest translations alone."""
    monkeypatch.setattr("emulator.template.translation._KEPT", 2)
    folder.write("api.yaml", DEFINITION)
    for name in ("a", "b", "c"):
        folder.load(TEMPLATE, cached=True, Name=name)

    assert len(kept(folder)) == 2
