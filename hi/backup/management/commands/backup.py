import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hi.backup.errors import BackupError
from hi.backup.making import Made, Occasion, make_backup
from hi.backup.schedule import make_due_backup
from hi.utils import keys


class Command(BaseCommand):
    help = "Back up databases and files, of a hi that may go on running; the keys too, if there is a passphrase."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scheduled", action="store_true", help="only if one is due; what is too old goes")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            if options["scheduled"]:
                os.nice(10)
                found = make_due_backup()
                self.stdout.write(say(found) if found else "None is due, or it is being made.")
                return
            self.stdout.write(say(make_backup(Occasion.BY_HAND, settings.HI_BACKUP_PASSPHRASE or _ask())))
        except BackupError as err:
            raise CommandError(str(err)) from err


def say(made: Made) -> str:
    files = f"{made.files:,} file{'' if made.files == 1 else 's'}"
    what = f"{made.path}: {made.rows:,} rows and {files}, {max(1, made.bytes // 1000):,} KB"
    if made.has_keys:
        return f"{what}, and the keys, locked with the passphrase. Without it they cannot be read: keep it."
    return (
        f"{what}, WITHOUT the keys. Keep a copy of {settings.HI_KEYS_DIR / keys.SECRET_KEY} elsewhere: without it this"
        " backup can't be restored. With HI_BACKUP_PASSPHRASE, or a passphrase typed on a terminal, the keys go along."
    )


def _ask() -> str:
    if not sys.stdin.isatty():
        return ""
    first = getpass.getpass("Passphrase that locks the keys (none: the keys are left out): ")
    if first and getpass.getpass("Once more: ") != first:
        raise CommandError("These were two different passphrases.")
    return first
