"""Secrets at rest: encrypted with the installation's keys, the newest first.

The keys may be renewed under a running hi. So whoever encrypts looks at the key file before, and whoever has no key
that fits looks there again.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from hi.utils import keys


class DecryptionError(Exception):
    """The text was encrypted with another key, or is damaged."""


def cipher(ring: Sequence[str]) -> MultiFernet:
    """Raises ImproperlyConfigured, without quoting any key, when one is not a Fernet key."""
    if not ring:
        raise ImproperlyConfigured("There is no key to encrypt secrets with: start hi once with `make run`.")
    try:
        return MultiFernet([Fernet(key) for key in ring])
    except ValueError:
        # `from None`: the original message may quote the key.
        raise ImproperlyConfigured(
            "A key in HI_SECRET_KEYS or keys/secret.key is not a valid Fernet key: put the right one back from your"
            " backup. docs/settings.md says how to make one for a new hi."
        ) from None


def encrypt(text: str) -> str:
    look_again()
    return cipher(settings.HI_SECRET_KEYS).encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """Raises DecryptionError when no key of this installation fits."""
    known = settings.HI_SECRET_KEYS
    try:
        return cipher(known).decrypt(token.encode()).decode()
    except InvalidToken:
        look_again()
        if known != settings.HI_SECRET_KEYS:  # another thread may have looked, too
            return decrypt(token)
        raise DecryptionError("A stored secret can't be decrypted with this installation's keys.") from None


def is_newest(token: str, newest: str) -> bool:
    """Whether that key alone decrypts it."""
    try:
        Fernet(newest).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def rotate(token: str, ring: Sequence[str]) -> str:
    """The same secret under the newest of those keys; raises DecryptionError like `decrypt`."""
    try:
        return cipher(ring).rotate(token.encode()).decode("ascii")
    except InvalidToken:
        raise DecryptionError("A stored secret can't be decrypted with this installation's keys.") from None


def look_again() -> bool:
    """Whether the key file has other keys than this process knows; from now on it knows those."""
    path = settings.HI_SECRET_KEYS_FILE
    try:
        found = keys.split_keys(keys.read_key(path)) if path else ()
        cipher(found)
    except (OSError, UnicodeDecodeError, ImproperlyConfigured):  # what was read at the start stands
        return False
    if found == tuple(settings.HI_SECRET_KEYS):
        return False
    settings.HI_SECRET_KEYS = found
    return True
