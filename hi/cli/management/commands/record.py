"""`manage.py record`: the same as `hub record`, by the name under which people are asked for a cassette."""

from django.core.management.base import CommandParser

from hi.cli.management.commands import hub


class Command(hub.Command):
    help = "Record what a system and hi say to each other, as a file for a report."

    def add_arguments(self, parser: CommandParser) -> None:
        hub.add_whose(parser)
        hub.fill_parser("record", parser)
        parser.set_defaults(command="record")
