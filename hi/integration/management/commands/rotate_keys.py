from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hi.integration import key_rotation


class Command(BaseCommand):
    help = "Make a new key and encrypt all stored secrets with it, while hi runs. Interrupted, it is begun again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retire", action="store_true", help="drop the older keys, once nothing needs them")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["retire"]:
                self._tell_retired(key_rotation.retire())
            else:
                self._tell_rotated(key_rotation.rotate())
        except key_rotation.RotationError as err:
            raise CommandError(str(err)) from err

    def _tell_rotated(self, outcome: key_rotation.Outcome) -> None:
        if outcome.has_new_key:
            self.stdout.write("A new key stands in front in keys/secret.key. Keep a copy of that file.")
        else:
            self.stdout.write("More than one key is there, so none was made: this went on with the newest.")
        self._tell_numbers(outcome)
        self.stdout.write("Now `make rotate-keys RETIRE=yes` drops the older keys. Backups made until then need them.")

    def _tell_retired(self, outcome: key_rotation.Outcome) -> None:
        self._tell_numbers(outcome)
        if key_rotation.is_own_file():
            self.stdout.write("The older keys are gone from keys/secret.key. Backups made with them still need them.")
        else:
            self.stdout.write("Nothing needs the older keys: take them out of HI_SECRET_KEYS, and restart hi.")

    def _tell_numbers(self, outcome: key_rotation.Outcome) -> None:
        self.stdout.write(f"{outcome.secrets} stored secrets, of which {outcome.renewed} were encrypted anew.")
        if outcome.lost:
            self.stdout.write(
                f"No key fits {outcome.lost} of them: their integrations ask for them anew when they run."
            )
