"""A folder with a template, for tests to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.template import load_application

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.application import Application

SAM = "Transform: AWS::Serverless-2016-10-31\n"
FUNCTION = """\
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src/
"""
# For tests that are about what stands in a property.
BUCKET = "  Bucket: {Type: AWS::S3::Bucket}\n"
ENVIRONMENT = SAM + "Resources:\n" + BUCKET + FUNCTION + "      Environment:\n        Variables:\n"


class TemplateFolder:
    """A folder that holds a template and the files that it names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "src").mkdir()

    @property
    def template(self) -> Path:
        return self.path / "template.yaml"

    def write(self, name: str, content: str) -> Path:
        """Write a file beside the template."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def load(
        self, content: str | None = None, *, cached: bool = False, **values: str
    ) -> Application:
        """Load the template, written anew if there is content."""
        if content is not None:
            self.write("template.yaml", content)
        return load_application(
            self.template,
            parameters=tuple(values.items()),
            region="eu-west-1",
            account_id="123456789012",
            cache_directory=self.path / "cache" if cached else None,
        )

    def variables(self, yaml: str, before: str = "", **values: str) -> dict[str, str]:
        """Load a function and give its environment; ``before`` are further sections."""
        indented = "".join(f"          {line}\n" for line in yaml.splitlines())
        application = self.load(before + ENVIRONMENT + indented, **values)
        return dict(application.functions[0].environment)
