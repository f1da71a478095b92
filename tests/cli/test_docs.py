"""docs/command-line.md leaves out no command, and its file is one. tests/docs runs the commands themselves."""

import re

from django.core.management import load_command_class

from hi.integration.config_file.reading import read_document
from tests.docs.pages import ROOT, list_commands

PAGE = ROOT / "docs" / "command-line.md"


def test_every_command_is_there() -> None:
    parser = load_command_class("hi.cli", "hub").create_parser("manage.py", "hub")
    (commands,) = [action for action in parser._actions if action.dest == "command"]
    assert {command.split()[1] for command in list_commands(PAGE)} == set(commands.choices or ())


def test_the_file_is_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    document = read_document(example.encode())
    assert set(document.integrations) == set(document.things) == set(document.mirrored_places) == {"House"}
    # Each word of it is explained, and the other way round.
    for word in ("state", "sync_every", "when_deactivated", "new_things", "mirror", "inside", "position"):
        assert f"`{word}`" in page
