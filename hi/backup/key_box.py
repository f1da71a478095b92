"""The installation's keys, locked with a passphrase: scrypt makes a key of it, AES-GCM locks them.

The lock is tied to the list of all that the backup holds, so that it opens for the very backup it was made for: to
whoever knows the passphrase, it proves that nothing in there was exchanged.
"""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from hi.backup.errors import BackupError
from hi.utils import keys

LEAST_LETTERS = 8
# 32 MB of memory, so that a small board can do it.
COST, BLOCK, TIMES = 2**15, 8, 3


def installation_keys() -> dict[str, str]:
    """file name -> key, wherever this installation has them from."""
    found = {keys.SECRET_KEY: "\n".join(settings.HI_SECRET_KEYS), keys.DJANGO_KEY: settings.SECRET_KEY}
    for name in (keys.FLOWER_PASSWORD, keys.DEMO_TOKEN):
        found[name] = keys.read_key(settings.HI_KEYS_DIR / name)
    return {name: value for name, value in found.items() if value}


def check_passphrase(passphrase: str) -> None:
    if passphrase and len(passphrase) < LEAST_LETTERS:
        raise BackupError(f"The passphrase is too short: {LEAST_LETTERS} letters are the least.")


def lock(found: Mapping[str, str], passphrase: str, tied_to: bytes) -> bytes:
    salt, nonce = os.urandom(16), os.urandom(12)
    locked = AESGCM(_derive(passphrase, salt)).encrypt(nonce, json.dumps(dict(found)).encode(), tied_to)
    parts = {"salt": salt, "nonce": nonce, "locked": locked}
    return json.dumps({name: base64.b64encode(part).decode() for name, part in parts.items()}).encode()


def unlock(box: bytes, passphrase: str, tied_to: bytes) -> dict[str, str]:
    try:
        parts = {name: base64.b64decode(part) for name, part in json.loads(box).items()}
        opened = AESGCM(_derive(passphrase, parts["salt"])).decrypt(parts["nonce"], parts["locked"], tied_to)
    except InvalidTag:
        raise BackupError("The passphrase is not the one that this backup was made with.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise BackupError("The keys in this backup are damaged.") from err
    found: Any = json.loads(opened)
    if not isinstance(found, dict) or not found.keys() <= {
        keys.SECRET_KEY,
        keys.DJANGO_KEY,
        keys.FLOWER_PASSWORD,
        keys.DEMO_TOKEN,
    }:
        raise BackupError("The keys in this backup are of a newer hi: use that one.")
    return {str(name): str(value) for name, value in found.items()}


def _derive(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=TIMES).derive(passphrase.encode())
