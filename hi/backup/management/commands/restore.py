import getpass
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hi.backup.errors import BackupError
from hi.backup.restoring import PassphraseNeededError, check, restore


class Command(BaseCommand):
    help = "Restore a backup. hi must not be running; a hi that is not empty is only replaced if you say so."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="as `backup` has made it, on whichever database")
        parser.add_argument("--replace", action="store_true", help="what is here goes, after a backup of it")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        file = options["file"].expanduser().absolute()
        try:
            try:
                checked = check(file, settings.HI_BACKUP_PASSPHRASE)
            except PassphraseNeededError:
                if not sys.stdin.isatty():
                    raise
                checked = check(file, getpass.getpass("Passphrase of this backup: "))
            done = restore(checked, replace=options["replace"])
        except BackupError as err:
            raise CommandError(str(err)) from err
        if done.before:
            self.stdout.write(f"What was here before is in {done.before.path}.")
        whose = "with the backup's keys" if done.brought_keys else "with the keys that were here"
        self.stdout.write(
            f"Restored the backup of {checked.archive.made_at}: {done.rows:,} rows, {done.files:,} files, {whose}."
            " Start hi now; everybody signs in again."
        )
        self.stdout.write(
            "People, their passwords and API tokens are as they were then: revoke again what you revoked since, and"
            " deactivate again whom you deactivated."
        )
