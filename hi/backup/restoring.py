"""Puts a backup in the place of what is there.

All that can be known is known before anything is changed: that the file is whole, that its passphrase and its keys fit,
that this hi knows its migrations. Then its databases are built beside the present ones, in the state of their own
migrations, and brought up to date. Only once that has gone well do they take the place of the old ones.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from hi.backup import at_work, key_box, loading, making, migrated, site, tables
from hi.backup.archive import MEDIA, Archive, read_archive, walk
from hi.backup.errors import BackupError, told_as
from hi.backup.making import Made, Occasion
from hi.settings import env
from hi.settings.routers import migrated_apps
from hi.utils import crypto, keys


class PassphraseNeededError(BackupError):
    """It holds keys that are needed here, and nobody gave the passphrase."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that can be restored here."""

    archive: Archive
    keys: dict[str, str]  # file name -> key; empty where those that are here stay


@dataclass(frozen=True, slots=True)
class Restored:
    rows: int
    files: int
    brought_keys: bool
    before: Made | None  # what was there until now


def check(path: Path, passphrase: str = "") -> Checked:  # nosec B107 - without one the keys at hand are used
    """Raises BackupError for a backup that cannot be restored here, and changes nothing."""
    archive = read_archive(path)
    migrated.check_known(archive.migrations, str(path))
    brought = {}
    if passphrase and not archive.keys:
        # Whoever exchanges a backup takes its keys out, which alone prove that it is the one that was made.
        raise BackupError(
            "This backup was made without a passphrase, so nothing proves that it is what was made: restore it without"
            " one (HI_BACKUP_PASSPHRASE too) if you trust where it was kept."
        )
    if archive.keys and (passphrase or not _fits(archive)):
        if not passphrase:
            raise PassphraseNeededError("This backup holds keys: give the passphrase that it was made with.")
        brought = key_box.unlock(archive.keys, passphrase, archive.contents_digest)
    if _fits(archive):
        return Checked(archive, {})
    if keys.SECRET_KEY not in brought:
        raise BackupError(
            "This backup holds no keys, and the passwords in it were encrypted with others than this installation's:"
            f" put that installation's {keys.SECRET_KEY} into {settings.HI_KEYS_DIR} first."
        )
    if env.is_set("HI_SECRET_KEYS"):
        raise BackupError("This backup brings its own keys, but HI_SECRET_KEYS is set to others: unset it first.")
    return Checked(archive, brought)


def _fits(archive: Archive) -> bool:
    try:
        return not archive.key_check or crypto.decrypt(archive.key_check) == making.KNOWN_TEXT
    except (crypto.DecryptionError, ImproperlyConfigured):
        return False


def restore(checked: Checked, *, replace: bool = False) -> Restored:
    """While nothing of hi runs. `replace`: also where there is something, of which a backup is made first."""
    archive = checked.archive
    with at_work.nobody_else(), told_as("The backup can't be restored"):
        before = None
        if not at_work.is_empty():
            if not replace:
                raise BackupError("This hi is not empty. To replace what is in it, say so: --replace, or REPLACE=yes.")
            before = making.make_backup(Occasion.BEFORE_RESTORE, settings.HI_BACKUP_PASSPHRASE)
        with site.beside(site.present()) as place:
            if checked.keys:
                settings.HI_SECRET_KEYS = keys.split_keys(checked.keys[keys.SECRET_KEY])
                settings.HI_SECRET_KEYS_FILE = None  # which has those of the hi that is replaced
            build(place, archive)
            files = _bring_files(archive)
            with _new_keys(checked.keys) as new_keys:
                place.move_in()
                _use_keys(new_keys)
    rows = sum(table.rows for table in archive.tables.values())
    return Restored(rows, files, bool(checked.keys), before)


def build(place: site.Site, archive: Archive, *, forward: bool = True) -> None:
    """The databases of a backup, in a place beside. `forward`: with the migrations that came since."""
    with site.pointed_at(place.databases):
        code = migrated.code_for(archive.migrations)
        for alias in migrated.aliases():
            executor = MigrationExecutor(connections[alias])
            executor.loader = code.loader
            executor.migrate(code.newest(alias))
        loading.load(archive, tables.describe(archive.migrations))
        for alias in migrated.aliases() if forward else ():
            call_command("migrate", *migrated_apps(alias), database=alias, interactive=False, verbosity=0)


def _bring_files(archive: Archive) -> int:
    """Their names are made up and never given twice, so none takes the place of another. What no row leads to in the
    end goes with the next housekeeping."""
    root = Path(settings.MEDIA_ROOT)
    files = 0
    for name, file, _size in walk(archive.path):
        if name.startswith(MEDIA):
            path = root / name.removeprefix(MEDIA)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
                shutil.copyfileobj(file, target)
            os.replace(part, path)
            files += 1
    return files


@contextmanager
def _new_keys(brought: dict[str, str]) -> Iterator[list[Path]]:
    """Written beside those that are there: what can fail, fails before anything has moved."""
    found = dict(brought)
    if not found and not env.is_set("HI_DJANGO_KEY") and not keys.read_key(settings.HI_KEYS_DIR / keys.DJANGO_KEY):
        found[keys.DJANGO_KEY] = secrets.token_urlsafe(48)  # it signs sessions, and those are not carried
    paths = {name: settings.HI_KEYS_DIR / f"{name}.new" for name in found}
    try:
        for name, path in paths.items():
            path.unlink(missing_ok=True)
            keys.write_key(path, found[name])
        yield list(paths.values())
    finally:
        for path in paths.values():
            path.unlink(missing_ok=True)


def _use_keys(written: list[Path]) -> None:
    for path in written:
        keys.set_aside(path.with_suffix(""))
        path.rename(path.with_suffix(""))
