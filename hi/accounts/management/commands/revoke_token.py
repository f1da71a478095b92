from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hi.accounts.administrator import require_administrator
from hi.accounts.models import ApiToken


class Command(BaseCommand):
    help = "Revoke every API token of the first administrator that has this name."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="as it was given to the token")

    def handle(self, *args: Any, **options: Any) -> None:
        live = ApiToken.live(require_administrator())
        found = list(live.filter(name=options["name"].strip()))
        if not found:
            names = ", ".join(sorted(set(live.values_list("name", flat=True)))) or "none at all"
            raise CommandError(f"No token has this name. There is {names}.")
        for token in found:
            token.revoke()
        self.stdout.write(f"Revoked: {', '.join(map(str, found))}.")
