"""Keys that are lost for good: new ones, with which hi starts, and asks anew for what it can no longer read."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction

from hi.accounts import key_check
from hi.accounts.models import KeyCheck
from hi.backup import at_work
from hi.settings import env
from hi.utils import keys


class NothingLostError(Exception):
    """Why no new key is made, as one sentence for people."""


@dataclass(frozen=True, slots=True)
class Replaced:
    made: list[Path]
    aside: Path | None  # where the key went that did not fit
    asks_anew: bool  # for the passwords of systems; else only sessions have ended


def replace_lost_keys() -> Replaced:
    """Raises NothingLostError, and changes nothing then; BackupError where hi runs. A key that HI_SECRET_KEYS names is
    the one from now on."""
    if not at_work.has_tables():
        raise NothingLostError("There is no data here yet: the first start makes the keys.")
    path, signing = settings.HI_KEYS_DIR / keys.SECRET_KEY, settings.HI_KEYS_DIR / keys.DJANGO_KEY
    is_own_file = not env.is_set("HI_SECRET_KEYS")
    fits = (not is_own_file or keys.read_key(path)) and key_check.key_fits()
    signs = env.is_set("HI_DJANGO_KEY") or keys.read_key(signing)
    if fits and signs:
        raise NothingLostError("The keys at hand are those of the data here: nothing is lost.")
    aside, made = None, []
    with at_work.nobody_else():
        if not fits and is_own_file:
            aside = keys.set_aside(path)
            new = Fernet.generate_key().decode()
            keys.write_key(path, new)
            settings.HI_SECRET_KEYS = (new,)
            made.append(path)
        if not fits:
            with transaction.atomic():
                KeyCheck.objects.all().delete()
                key_check.check_key()
        if not signs:
            keys.replace_key(signing, secrets.token_urlsafe(48))
            made.append(signing)
    return Replaced(made, aside, asks_anew=not fits)
