"""Whether the key at hand is the one that the database's secrets were encrypted with."""

from hi.accounts.models import KeyCheck
from hi.utils import crypto

KNOWN_TEXT = "hi"


class WrongKeyError(Exception):
    """The secrets in the database were encrypted with another key."""


def check_key() -> None:
    """Record the key on first use, compare it ever after; raises WrongKeyError."""
    stored = KeyCheck.objects.order_by("pk").first()
    if stored is None:
        KeyCheck.objects.create(encrypted=crypto.encrypt(KNOWN_TEXT))
        return
    if not _fits(stored):
        raise WrongKeyError(
            "The secret key is not the one this database was made with: put the right one back, or name another"
            " data folder. Where it is lost for good, `make new-key` makes another, and hi asks for its passwords anew."
        )


def key_fits() -> bool:
    """Whether the key is the recorded one, or none is recorded yet. Writes nothing."""
    stored = KeyCheck.objects.order_by("pk").first()
    return stored is None or _fits(stored)


def _fits(stored: KeyCheck) -> bool:
    try:
        return crypto.decrypt(stored.encrypted) == KNOWN_TEXT
    except crypto.DecryptionError:
        return False
