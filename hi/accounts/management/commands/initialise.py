import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from hi.accounts.administrator import issue_sign_in_url, needs_sign_in_link
from hi.accounts.set_up import set_up


class Command(BaseCommand):
    help = "Make keys (of a new installation only), tables, static files and the first administrator."
    # Models may be ahead of the tables here, and the check framework would look at them.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer in JSON, for the supervisor")

    def handle(self, *args: Any, **options: Any) -> None:
        administrator = set_up()
        url = issue_sign_in_url(administrator) if needs_sign_in_link(administrator) else ""
        if options["json"]:
            self.stdout.write(json.dumps({"sign_in_url": url}))
        elif url:
            self.stdout.write(f"Sign in once, within 15 minutes: {url}")
        else:
            self.stdout.write("Ready.")
