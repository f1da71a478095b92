"""A key that is lost for good: a new one, with which hi starts, and asks anew for each password that it kept."""

import os
import secrets
from dataclasses import dataclass

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hi.accounts import key_check
from hi.accounts.models import KeyCheck
from hi.backup import at_work
from hi.utils import keys


class NothingLostError(Exception):
    """Why no new key is made, as one sentence for people."""


@dataclass(frozen=True, slots=True)
class Replaced:
    path: str
    aside: str  # where the key went that did not fit; empty where there was none


def replace_lost_key() -> Replaced:
    """Raises NothingLostError, and changes nothing then; BackupError where hi runs."""
    if os.environ.get("HI_SECRET_KEYS") or os.environ.get("HI_SECRET_KEYS_FILE"):
        raise NothingLostError("HI_SECRET_KEYS is set: put a new key there, or unset it and call this again.")
    if not at_work.has_tables():
        raise NothingLostError("There is no data here yet: the first start makes the keys.")
    path = settings.HI_KEYS_DIR / keys.SECRET_KEY
    if keys.read_key(path) and key_check.key_fits():
        raise NothingLostError(f"{path} is the key that the passwords here were encrypted with: nothing is lost.")
    with at_work.nobody_else():
        aside = ""
        if path.exists():
            aside = str(path.rename(path.with_name(f"{path.name}.until-{timezone.localtime():%Y%m%d-%H%M%S}")))
        new = Fernet.generate_key().decode()
        keys.write_key(path, new)
        settings.HI_SECRET_KEYS = (new,)
        if not os.environ.get("HI_DJANGO_KEY") and not keys.read_key(settings.HI_KEYS_DIR / keys.DJANGO_KEY):
            keys.replace_key(settings.HI_KEYS_DIR / keys.DJANGO_KEY, secrets.token_urlsafe(48))
        with transaction.atomic():
            KeyCheck.objects.all().delete()
            key_check.check_key()
    return Replaced(str(path), aside)
