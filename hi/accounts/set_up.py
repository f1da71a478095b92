"""The init step: keys, tables, the key's check, static files, the first administrator. Quick when nothing is to do."""

import hashlib
import os
import secrets
import time
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connections

from hi.accounts import key_check
from hi.accounts.administrator import ensure_administrator
from hi.accounts.models import User
from hi.backup import at_work, upgrading
from hi.backup.errors import BackupError
from hi.settings import env
from hi.utils import crypto, keys


def set_up() -> User:
    """Bring the installation to where everything may start; raises CommandError with one sentence."""
    settings.HI_DATA_DIR.mkdir(parents=True, exist_ok=True)
    settings.MEDIA_ROOT.mkdir(mode=0o700, exist_ok=True)
    is_new = _database_is_new()
    _ensure_keys(is_new)
    _migrate(is_new)
    try:
        key_check.check_key()
    except key_check.WrongKeyError as err:
        raise CommandError(str(err)) from err
    _collect_static()
    return ensure_administrator()


def _database_is_new() -> bool:
    """Whether nothing of hi is in the database yet; waits a while for a server that is starting."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        # Connecting would create the file.
        path = Path(str(connection.settings_dict["NAME"]))
        if not path.exists() or not path.stat().st_size:
            return True
    deadline = time.monotonic() + settings.HI_DATABASE_WAIT_SECONDS
    while True:
        try:
            return "django_migrations" not in connection.introspection.table_names()
        except DatabaseError as err:
            if connection.vendor == "sqlite" or time.monotonic() > deadline:
                # The server's own words carry user and host, never the password.
                raise CommandError(f"The database can't be used: {str(err).strip().splitlines()[0]}.") from err
            time.sleep(0.5)


def _ensure_keys(is_new: bool) -> None:
    """Make the keys of a new installation; refuse to make any for one that holds data."""
    missing = [
        settings.HI_KEYS_DIR / name
        for name, configured in ((keys.SECRET_KEY, "HI_SECRET_KEYS"), (keys.DJANGO_KEY, "HI_DJANGO_KEY"))
        if not keys.read_key(settings.HI_KEYS_DIR / name) and not env.is_set(configured)
    ]
    if missing and not is_new:
        raise CommandError(
            f"The database holds data, but its key {missing[0]} is missing: put it back from your backup."
            " Where it is lost for good, `make new-key` makes another, and hi asks for its passwords anew."
        )
    for path in missing:
        value = Fernet.generate_key().decode() if path.name == keys.SECRET_KEY else secrets.token_urlsafe(48)
        # An empty file is what a full disk leaves behind; it is no key.
        path.unlink(missing_ok=True)
        keys.write_key(path, value)
        if path.name == keys.SECRET_KEY:
            settings.HI_SECRET_KEYS = keys.split_keys(value)
        else:
            settings.SECRET_KEY = value
    crypto.cipher(settings.HI_SECRET_KEYS)
    keys.ensure_password(settings.HI_KEYS_DIR / keys.FLOWER_PASSWORD)


def _migrate(is_new: bool) -> None:
    if not upgrading.is_pending():
        return
    try:
        with at_work.one_upgrade_at_a_time():
            if upgrading.is_pending():
                upgrading.migrate() if is_new else upgrading.upgrade()
    except BackupError as err:
        raise CommandError(str(err)) from err


def _collect_static() -> None:
    """Collect when a source changed: hashing and compressing all of them takes longer than the rest together."""
    root = Path(settings.STATIC_ROOT)
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp = root / ".collected"
    if keys.read_key(stamp) == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest.hexdigest(), encoding="ascii")
