"""docs/command-line.md keeps up with the code: what is pasted from it is understood."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import load_command_class

from hi.integration.config_file.reading import read_document

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")


def list_commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = [shlex.split(line.partition(" > ")[0], comments=True) for block in blocks for line in block.splitlines()]
    return [words[1:] for words in lines if words[:1] == ["hub"]]


@pytest.mark.parametrize("words", list_commands(), ids=" ".join)
def test_each_command_is_one(words: list[str]) -> None:
    parser = load_command_class("hi.cli", "hub").create_parser("manage.py", "hub")
    assert callable(parser.parse_args(words).run)


def test_every_command_is_there() -> None:
    parser = load_command_class("hi.cli", "hub").create_parser("manage.py", "hub")
    (commands,) = [action for action in parser._actions if action.dest == "command"]
    assert {words[0] for words in list_commands()} == set(commands.choices or ())


def test_the_file_is_one() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    document = read_document(example.encode())
    assert set(document.integrations) == set(document.things) == set(document.mirrored_places) == {"House"}
    # Each word of it is explained, and the other way round.
    for word in ("state", "sync_every", "when_deactivated", "new_things", "mirror", "inside", "position"):
        assert f"`{word}`" in PAGE
