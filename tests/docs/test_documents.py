"""What README and docs say exists: links, make targets, commands and their options."""

import re
import shlex
from pathlib import Path

import click
import pytest

from emulator.cli import main

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/**/*.md"),
    *ROOT.glob("scenarios/*.md"),
]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
CODE = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
EMULATOR = re.compile(r"^(?:\.venv/bin/)?emulator (.*)$", re.MULTILINE)
PLACEHOLDERS = {"path/to/template.yaml": "filestore/template.yaml"}
MAKE = re.compile(r"^make ([a-z]+)", re.MULTILINE)


def commands(pattern):
    """Find the commands in the code blocks of all documents: (document, command)."""
    return [
        pytest.param(command.partition("  #")[0], id=f"{document.name}: {command[:60]}")
        for document in DOCUMENTS
        for block in CODE.findall(document.read_text())
        for command in pattern.findall(block.replace("\\\n", " "))
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links(document):
    """A link to a file of the project leads to one."""
    targets = LINK.findall(document.read_text())
    missing = [target for target in targets if not (document.parent / target).exists()]

    assert missing == []


@pytest.mark.parametrize("target", commands(MAKE))
def test_make_targets(target):
    """Each ``make`` of a document is a target of the Makefile."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", commands(EMULATOR))
def test_emulator_commands(command, monkeypatch):
    """Each ``emulator`` command of a document is one, with such options and arguments."""
    monkeypatch.chdir(ROOT)
    words = [PLACEHOLDERS.get(word, word) for word in shlex.split(command)]
    found, parsed = main, main.make_context("emulator", list(words))
    while isinstance(found, click.Group):
        left = [*parsed._protected_args, *parsed.args]
        if not left:
            break
        name, found, left = found.resolve_command(parsed, left)
        parsed = found.make_context(name, left, parent=parsed)

    assert parsed.command is found


def leaves(command, path=()):
    """Find the commands that do something."""
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from leaves(child, (*path, name))
    else:
        yield pytest.param(command, id=" ".join(path))


@pytest.mark.parametrize("command", list(leaves(main)))
def test_help_has_an_example(command):
    """The help of every command shows it in use."""
    assert "Example: emulator" in " ".join((command.help or "").split())
