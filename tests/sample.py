"""Small applications for tests: a template and handlers in a folder."""

import textwrap
from pathlib import Path


def write_application(folder, functions, *, more="", timeout=5):
    """Write a template with a function for each name and source; give the template's file.

    The handler of each is ``handler`` of ``<name>.py``, below ``src``.
    """
    source = Path(folder) / "src"
    source.mkdir(parents=True, exist_ok=True)
    template = ["Transform: AWS::Serverless-2016-10-31", "Resources:"]
    for name, code in functions.items():
        (source / f"{name.lower()}.py").write_text(textwrap.dedent(code))
        template.append(
            f"  {name}:\n"
            "    Type: AWS::Serverless::Function\n"
            "    Properties:\n"
            "      Runtime: python3.11\n"
            f"      Handler: {name.lower()}.handler\n"
            "      CodeUri: src/\n"
            f"      Timeout: {timeout}"
        )
    file = Path(folder) / "template.yaml"
    file.write_text("\n".join(template) + "\n" + more)
    return file
