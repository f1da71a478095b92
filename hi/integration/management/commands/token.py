from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hi.accounts.administrator import require_person
from hi.accounts.models import ApiToken
from hi.accounts.roles import Scope
from hi.integration import audit, household
from hi.utils.system_account import get_account


class Command(BaseCommand):
    help = "Print a new API token, and nothing else; it is not shown again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what the token is for")
        parser.add_argument("--person", default="", help="whose it is: else the first administrator's")
        parser.add_argument(
            "--scope",
            choices=Scope.values,
            default=Scope.READ,
            help="read: it only looks; operate: it also sets, syncs and edits; admin: it also changes integrations",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        if not 1 <= len(name) <= 100:
            raise CommandError("A token needs a name of at most 100 characters: make -s token NAME=kitchen-tablet")
        owner = require_person(options["person"])
        if ApiToken.live(owner).filter(name=name).exists():
            whose = f" PERSON={options['person']}" if options["person"] else ""
            raise CommandError(
                f"There is a token {name} already. Choose another name, or end it: make revoke-token NAME={name}{whose}"
            )
        scope = Scope(options["scope"])
        if self.stderr.isatty():  # for a person; a script takes what stands alone on standard output
            self.stderr.write(f"A token of {owner}, scope {scope}; it is not shown again:", style_func=str)
        with audit.by_way_of(f"{get_account()}, command line"):
            self.stdout.write(household.issue_token(owner, name, scope))
