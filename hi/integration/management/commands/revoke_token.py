from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hi.accounts.administrator import require_person
from hi.accounts.models import ApiToken
from hi.integration import audit, household
from hi.utils.system_account import get_account


class Command(BaseCommand):
    help = "Revoke every API token of this name."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="as it was given to the token")
        parser.add_argument("--person", default="", help="whose it is: else the first administrator's")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = require_person(options["person"])
        live = ApiToken.live(owner)
        found = list(live.filter(name=options["name"].strip()))
        if not found:
            names = ", ".join(sorted(set(live.values_list("name", flat=True)))) or "none at all"
            raise CommandError(f"No token has this name. There is {names}.")
        with audit.by_way_of(f"{get_account()}, command line"):
            for token in found:
                household.revoke_token(token, owner)
        self.stdout.write(f"Revoked: {', '.join(map(str, found))}.")
