"""A new key for all that is stored encrypted, under a running hi.

The new key is put in front of the others first; every process finds it there (see `hi/utils/crypto.py`). Then each
secret is encrypted anew, in small batches and only where it is still as it was read, so that nothing waits for long and
nothing newer is lost. Interrupted anywhere, it is gone on with by beginning again. Old keys are dropped apart, once
nothing needs them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q

from hi.accounts import key_check
from hi.accounts.models import KeyCheck
from hi.integration.models import Command, IntegrationAttribute
from hi.utils import crypto, keys, redact

BATCH = 100
MAX_PASSES = 10


class RotationError(Exception):
    """The keys cannot be renewed; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A column that holds encrypted text."""

    model: type[Model]
    column: str
    rows: Q


# All there are; a test looks for whoever encrypts.
STORED = (
    Stored(IntegrationAttribute, "value", Q(is_secret=True)),
    Stored(Command, "code", ~Q(code="")),
    Stored(KeyCheck, "encrypted", Q()),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`secrets` are stored, of which `renewed` were under an older key; no key fits those that are `lost`."""

    secrets: int = 0
    renewed: int = 0
    lost: int = 0
    has_new_key: bool = False


def rotate() -> Outcome:
    """Make a new key, and encrypt all with it. Where an older key is still there, no other is made: an earlier rotation
    is finished. Raises RotationError."""
    with _renewing():
        has_new_key = is_own_file() and len(settings.HI_SECRET_KEYS) == 1
        if has_new_key:
            key = Fernet.generate_key().decode()
            redact.register_secret(key)
            _write((key, *settings.HI_SECRET_KEYS))
        elif len(settings.HI_SECRET_KEYS) == 1:
            raise RotationError(
                "The keys are configured, so hi does not write them: put a new one in front of the old one in"
                " HI_SECRET_KEYS, or in the file that HI_SECRET_KEYS_FILE names. Then run this again."
                " docs/settings.md says how to make one."
            )
        return replace(_renew(settings.HI_SECRET_KEYS), has_new_key=has_new_key)


def retire() -> Outcome:
    """Drop all keys but the newest, once nothing is encrypted with them. Keys that are configured stay where they are:
    then this only makes sure that nothing needs them. Raises RotationError."""
    with _renewing():
        ring = tuple(settings.HI_SECRET_KEYS)
        if len(ring) == 1:
            raise RotationError("There is one key only: nothing to drop.")
        outcome = _renew(ring)
        if is_own_file():
            _write(ring[:1])
            # What a process wrote that had looked just before; from here on all look and find the newest alone.
            outcome = replace(outcome, renewed=outcome.renewed + _renew(ring).renewed)
        return outcome


@contextmanager
def _renewing() -> Iterator[None]:
    """Alone, with the keys as they are now, which must be those of the database."""
    try:
        with keys.renewing(settings.HI_KEYS_DIR):
            crypto.look_again()
            if not key_check.key_fits():
                raise RotationError("The key is not the one of this database: put the right one back first.")
            yield
    except BlockingIOError as err:
        raise RotationError("Another process renews the keys just now.") from err
    except OSError as err:
        raise RotationError(f"{err.filename or settings.HI_KEYS_DIR} cannot be used ({err.strerror}).") from err


def is_own_file() -> bool:
    """Whether the keys stand in hi's own file, and are not configured."""
    return bool(settings.HI_SECRET_KEYS_FILE == settings.HI_KEYS_DIR / keys.SECRET_KEY)


def _write(ring: Sequence[str]) -> None:
    keys.replace_key(settings.HI_KEYS_DIR / keys.SECRET_KEY, "\n".join(ring))
    settings.HI_SECRET_KEYS = tuple(ring)


def _renew(ring: Sequence[str]) -> Outcome:
    """Pass over all until a pass finds nothing to do: others go on writing meanwhile."""
    renewed = 0
    for _pass in range(MAX_PASSES):
        outcome = _pass_over(ring)
        renewed += outcome.renewed
        if not outcome.renewed:
            return replace(outcome, renewed=renewed)
    raise RotationError("Some process goes on encrypting with an older key: restart hi, and run this again.")


def _pass_over(ring: Sequence[str]) -> Outcome:
    outcome = Outcome()
    for stored in STORED:
        for batch in _batches(stored):
            outcome = _renew_batch(stored, batch, ring, outcome)
    return outcome


def _batches(stored: Stored) -> Iterator[list[tuple[object, str]]]:
    last = None
    while True:
        rows = stored.model._default_manager.filter(stored.rows).order_by("pk")
        rows = rows.filter(pk__gt=last) if last is not None else rows
        batch = list(rows.values_list("pk", stored.column)[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1][0]


def _renew_batch(stored: Stored, batch: Sequence[tuple[object, str]], ring: Sequence[str], outcome: Outcome) -> Outcome:
    renewed = lost = 0
    with transaction.atomic():
        for pk, text in batch:
            if crypto.is_newest(text, ring[0]):
                continue
            try:
                fresh = crypto.rotate(text, ring)
            except crypto.DecryptionError:
                lost += 1
                continue
            own = stored.model._default_manager.filter(pk=pk, **{stored.column: text})
            renewed += own.update(**{stored.column: fresh})
    return replace(
        outcome,
        secrets=outcome.secrets + len(batch),
        renewed=outcome.renewed + renewed,
        lost=outcome.lost + lost,
    )
