"""The command line itself: help with an example everywhere, and mistakes told in one line."""

import pytest
from click.testing import CliRunner

from emulator.cli import main

COMMANDS = [
    "",
    "up",
    "fire",
    "clock",
    "clock advance",
    "clock reset",
    "idle",
    "reset",
    "invoke",
    "logs",
]
NOBODY = "http://127.0.0.1:9"


def run(*arguments, **options):
    """Run the command as the console script does."""
    return CliRunner().invoke(main, arguments, **options)


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command):
    """Every command explains itself with an example."""
    result = run(*command.split(), "--help")

    assert result.exit_code == 0
    assert "Example: emulator" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["clock"],
        ["clock", "advance", "2h"],
        ["clock", "advance", "-2h"],
        ["fire", "Expire"],
        ["idle"],
        ["reset"],
        ["logs", "-f"],
        ["invoke", "Expire"],
    ],
)
def test_nobody_answers(arguments):
    """Without an emulator, each command says so and how to start one."""
    result = run("--url", NOBODY, *arguments)

    assert result.exit_code == 2
    assert result.output.startswith(f"emulator: no emulator answers at {NOBODY}: ")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url", "nonsense", "clock"], "is no URL of an emulator"),
        (["--url", "https://127.0.0.1", "clock"], "is no URL of an emulator"),
        (["clock", "advance", "soon"], "is no duration: write for example"),
        (["logs", "--since", "soon"], "is no duration: write for example"),
        (["invoke", "F", "--payload", "{"], "the payload is not JSON"),
        (["invoke", "F", "--payload", "@/none"], "/none: No such file"),
        (["up", "--template", "t", "--parameter", "K"], "write --parameter Name=Value"),
        (["up", "--template", "t", "--api-port", "70000"], "70000"),
        (["up", "--template", "/none/template.yaml"], "/none/template.yaml"),
        (["up", "--template", "t", "--web", "/none"], "/none"),
        (["trace", "\udcff"], "is no id that emulator trace has shown"),
    ],
)
def test_mistakes(arguments, words):
    """A mistake is named, without a traceback, with exit status 2."""
    result = run(*arguments)

    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output


def test_payload_from_standard_input():
    """``-`` reads the event from standard input."""
    result = run("--url", NOBODY, "invoke", "F", "--payload", "-", input="not JSON")

    assert "the payload is not JSON" in result.output


def test_region_that_is_none():
    """What cannot be a region is refused by name."""
    answer = run("up", "--template", "template.yaml", "--region", "nowhere")
    assert answer.exit_code == 2
    assert "'nowhere' is no region: write eu-central-1, for example" in answer.output


def test_data_folder_before_the_command(monkeypatch, tmp_path):
    """The data folder that is named before ``up`` is the one that it uses."""
    asked = []
    monkeypatch.setattr("emulator.up.run", lambda settings, **_: asked.append(settings))
    assert run("--data-dir", str(tmp_path), "up", "--template", "t.yaml").exit_code == 0
    assert asked[0].data_directory == tmp_path
