"""Secrets at rest: encrypted with the installation's keys, the newest first."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class DecryptionError(Exception):
    """The text was encrypted with another key, or is damaged."""


def cipher(keys: Sequence[str]) -> MultiFernet:
    """Raises ImproperlyConfigured, without quoting any key, when one is not a Fernet key."""
    if not keys:
        raise ImproperlyConfigured("There is no key to encrypt secrets with: start hi once with `make run`.")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        # `from None`: the original message may quote the key.
        raise ImproperlyConfigured(
            "A key in HI_SECRET_KEYS or keys/secret.key is not a valid Fernet key: put the right one back from your"
            " backup. docs/settings.md says how to make one for a new hi."
        ) from None


def encrypt(text: str) -> str:
    return cipher(settings.HI_SECRET_KEYS).encrypt(text.encode()).decode("ascii")


def decrypt(token: str) -> str:
    """Raises DecryptionError when no key of this installation fits."""
    try:
        return cipher(settings.HI_SECRET_KEYS).decrypt(token.encode()).decode()
    except InvalidToken:
        raise DecryptionError("A stored secret can't be decrypted with this installation's keys.") from None


def rotate(token: str) -> str:
    """The same secret under the newest key; raises DecryptionError like `decrypt`."""
    try:
        return cipher(settings.HI_SECRET_KEYS).rotate(token.encode()).decode("ascii")
    except InvalidToken:
        raise DecryptionError("A stored secret can't be decrypted with this installation's keys.") from None
