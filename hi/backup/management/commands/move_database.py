import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from hi.backup.errors import BackupError
from hi.backup.moving import move_database
from hi.settings.databases import database_settings


class Command(BaseCommand):
    help = "Move everything into an empty PostgreSQL database. hi must not be running; the old database stays as it is."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        # Not the URL itself: other accounts of this machine see what a command is called with.
        parser.add_argument("url_file", type=Path, help="a file with postgres://user:password@host:5432/name in it")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        file = options["url_file"].expanduser().absolute()
        try:
            url = file.read_text(encoding="utf-8").strip()
            databases, _separate = database_settings(url, settings.HI_DATA_DIR)
            if not url:
                raise CommandError(f"{file} is empty: put the URL of the new database into it.")
            rows = move_database(databases)
        except OSError as err:
            raise CommandError(f"{file} can't be read: {err.strerror}.") from err
        except (BackupError, ImproperlyConfigured) as err:
            raise CommandError(str(err)) from err
        self.stdout.write(f"Moved {rows:,} rows. Start hi with HI_DATABASE_URL_FILE={file} from now on.")
