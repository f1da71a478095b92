from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hi.accounts.administrator import require_administrator
from hi.accounts.models import ApiToken


class Command(BaseCommand):
    help = "Print a new API token of the first administrator, and nothing else; it is not shown again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what the token is for")
        parser.add_argument("--control", action="store_true", help="it may also set states: open locks, switch lights")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        if not 1 <= len(name) <= 100:
            raise CommandError("A token needs a name of at most 100 characters: make -s token NAME=kitchen-tablet")
        owner = require_administrator()
        if ApiToken.live(owner).filter(name=name).exists():
            raise CommandError(
                f"There is a token {name} already. Choose another name, or end it: make revoke-token NAME={name}"
            )
        self.stdout.write(ApiToken.issue(owner, name, may_control=options["control"]))
