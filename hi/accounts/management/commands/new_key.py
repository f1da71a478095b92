from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hi.accounts.lost_key import NothingLostError, replace_lost_keys
from hi.backup.errors import BackupError


class Command(BaseCommand):
    help = "For a key that is lost for good: make a new one. hi asks anew for each password that it kept."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            replaced = replace_lost_keys()
        except (NothingLostError, BackupError) as err:
            raise CommandError(str(err)) from err
        if replaced.aside:
            self.stdout.write(f"The key that did not fit is kept as {replaced.aside}.")
        for path in replaced.made:
            self.stdout.write(f"A new key stands in {path}; keep a copy of it.")
        lost = (
            "the passwords of your systems, which it asks for anew, each with its integration"
            if replaced.asks_anew
            else "who was signed in, who signs in again"
        )
        self.stdout.write(f"Start hi now: all is as it was, but for {lost}.")
